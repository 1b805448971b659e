"""HQ-SAM against Hugging Face's SamHQModel on the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import torch

from samwidget.models.build import build_empty
from samwidget.models.config import HQ, HqVitConfig, VitConfig
from samwidget.weights.conversion import check_state, convert
from samwidget.weights.opening import open_model

pytestmark = pytest.mark.parity

REDUCED = HqVitConfig(
    "hq_vit_48x3",
    image_size=256,
    mask_size=64,
    embed_dim=48,
    depth=3,
    num_heads=3,
    global_attn_indexes=(1,),
)
POINTS = torch.tensor([[[150.0, 90.0], [30.0, 200.0]]])
PROMPTS: dict[str, dict[str, torch.Tensor]] = {
    "one point": {"point_coords": POINTS[:, :1], "point_labels": torch.ones(1, 1).long()},
    "two points": {"point_coords": POINTS, "point_labels": torch.tensor([[1, 0]])},
    "box": {"boxes": torch.tensor([[40.0, 30.0, 220.0, 190.0]])},
    "mask and point": {
        "point_coords": POINTS[:, :1],
        "point_labels": torch.ones(1, 1).long(),
        "mask_input": 3 * torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(1)),
    },
}
THEIR_NAMES = {
    "point_coords": "input_points",
    "point_labels": "input_labels",
    "boxes": "input_boxes",
}


@pytest.fixture(scope="module")
def model(peers: ModuleType) -> Any:
    return peers.random_sam(REDUCED)


@pytest.fixture(scope="module")
def theirs(peers: ModuleType, model: Any) -> Any:
    return peers.transformers_hq_sam(REDUCED, model.state_dict())


def their_answer(
    theirs: Any, embedding: torch.Tensor, early: list[torch.Tensor], given: dict[str, Any]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give four masks, the one for quality added, and scores, by transformers' modules.

    They are called one by one, in the order of the owner's code: as of transformers 5.23 their own
    ``forward`` draws on what goes into the transformer instead of on what comes out of it.
    """
    decoder = theirs.mask_decoder
    sparse, dense = theirs.prompt_encoder(**given)
    own = (decoder.iou_token, decoder.mask_tokens, decoder.hq_token)
    tokens = torch.cat([part.weight for part in own])[None, None]
    read, image = decoder.transformer(
        point_embeddings=torch.cat([tokens, sparse], dim=2),
        image_embeddings=embedding + dense,
        image_positional_embeddings=theirs.get_image_wide_positional_embeddings(),
        attention_similarity=None,
        target_embedding=None,
    )
    image = image.transpose(2, 3).reshape(embedding.shape)

    def through(first: Any, norm: Any, second: Any, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = second(decoder.activation(norm(first(x))))
        return found

    upscaled = decoder.activation(
        through(decoder.upscale_conv1, decoder.upscale_layer_norm, decoder.upscale_conv2, image)
    )
    sharp = (
        through(decoder.mask_conv1, decoder.mask_norm, decoder.mask_conv2, upscaled)
        + through(decoder.encoder_conv1, decoder.encoder_norm, decoder.encoder_conv2, embedding)
        + through(
            decoder.compress_vit_conv1,
            decoder.compress_vit_norm,
            decoder.compress_vit_conv2,
            early[0].permute(0, 3, 1, 2),
        )
    )
    heads = decoder.output_hypernetworks_mlps
    weights = torch.stack([head(read[0, 0, 1 + i]) for i, head in enumerate(heads)])
    logits = weights @ upscaled[0].flatten(1)
    logits = logits + decoder.hq_mask_mlp(read[0, 0, 5])[None] @ sharp[0].flatten(1)
    return logits.view(4, *upscaled.shape[2:]), decoder.iou_prediction_head(read[0, 0, 0])


@torch.no_grad()
@pytest.mark.parametrize("prompt", PROMPTS)
def test_masks_and_scores(model: Any, theirs: Any, prompt: str) -> None:
    pixels = torch.randn(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    features = model.encode(pixels)
    embedding, early = theirs.get_image_embeddings(pixels)
    torch.testing.assert_close(features.image_embedding, embedding, rtol=0, atol=1e-4)
    given: dict[str, Any] = dict.fromkeys((*THEIR_NAMES.values(), "input_masks"))
    for name, value in PROMPTS[prompt].items():
        is_mask = name == "mask_input"
        given[THEIR_NAMES.get(name, "input_masks")] = value if is_mask else value[:, None]
    masks, scores = their_answer(theirs, embedding, early, given)
    assert masks.std() > 0.1
    for multimask_output, kept in ((True, slice(1, 4)), (False, slice(0, 1))):
        logits, iou = model.decode(features, **PROMPTS[prompt], multimask_output=multimask_output)
        torch.testing.assert_close(logits[0], masks[kept], rtol=0, atol=1e-4)
        torch.testing.assert_close(iou[0], scores[kept], rtol=0, atol=1e-4)


@pytest.mark.parametrize("config", HQ, ids=lambda config: config.name)
def test_layouts_of_owner_and_hugging_face(peers: ModuleType, config: HqVitConfig) -> None:
    state = build_empty(config).state_dict()
    for file in (state, {peers.transformers_hq_name(name): t for name, t in state.items()}):
        found, converted = convert(file)
        assert found == config
        check_state(state, converted)


def test_hugging_face_folder(theirs: Any, model: Any, tmp_path: Any) -> None:
    theirs.save_pretrained(tmp_path)
    opened = open_model(tmp_path)
    assert opened.config == REDUCED
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(opened.state_dict()[name], tensor, rtol=0, atol=0)


@torch.no_grad()
def test_pruned_encoder_in_a_hugging_face_folder(peers: ModuleType, tmp_path: Any) -> None:
    """Load what SlimSAM is: another width, and an MLP that is not four times as wide."""
    config = VitConfig(
        "vit_42x2",
        image_size=256,
        mask_size=64,
        embed_dim=42,
        depth=2,
        num_heads=3,
        global_attn_indexes=(1,),
        mlp_dim=174,
    )
    ours = peers.random_sam(config)
    theirs = peers.transformers_sam(config, ours.state_dict())
    theirs.save_pretrained(tmp_path)
    opened = open_model(tmp_path)
    assert opened.config == config
    pixels = torch.randn(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        opened.encode(pixels).image_embedding,
        theirs.get_image_embeddings(pixels),
        rtol=0,
        atol=1e-4,
    )
