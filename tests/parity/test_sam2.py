"""SAM 2 against Hugging Face's Sam2Model: its own processor and model, on the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from samwidget.models import hiera
from samwidget.models.config import SAM2, SAM2_1, HieraConfig
from samwidget.models.cpu import layers as layers_cpu
from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import Predictor
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model

pytestmark = pytest.mark.parity

REDUCED = HieraConfig(
    "reduced",
    image_size=256,
    mask_size=64,
    embed_dim=16,
    num_heads=1,
    stages=(1, 2, 3, 1),
    global_attn_indexes=(4,),
    background_size=3,
    window_sizes=(8, 4, 14, 7),
)
"""16 x 16 positions at stride 16: windows of 14 leave padding on both axes."""

POINTS, LABELS = np.array([[150, 90], [30, 200], [250, 280]]), np.array([1, 0, 1])
MASK = np.random.default_rng(1).normal(0, 3, (1, 64, 64)).astype(np.float32)
CASES = {
    "one point": Prompts(POINTS[:1], LABELS[:1]),
    "points of both labels": Prompts(POINTS, LABELS),
    "box": Prompts(box_xyxy=np.array([40, 30, 220, 190])),
    "box and points": Prompts(POINTS, LABELS, np.array([40, 30, 220, 190])),
    "mask and point": Prompts(POINTS[:1], LABELS[:1], mask_input=MASK),
}


@pytest.fixture(scope="module")
def predictor(peers: ModuleType) -> Predictor:
    return Predictor(peers.random_sam(REDUCED), device="cpu")


@pytest.fixture(scope="module")
def theirs(peers: ModuleType, predictor: Predictor) -> Any:
    return peers.transformers_sam2(REDUCED, predictor.model.state_dict())


@pytest.fixture(scope="module", params=[(300, 420), (500, 260)], ids=["landscape", "portrait"])
def encoded(
    request: pytest.FixtureRequest, predictor: Predictor, theirs: Any, photo: Any
) -> tuple[Embedding, list[torch.Tensor]]:
    image = photo(*request.param)
    embedding = predictor.encode(image)
    assert embedding.transform.input_size_hw == (256, 256)
    channels = torch.from_numpy(image).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(channels, (256, 256), mode="bilinear", antialias=True)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = (resized / 255 - mean[:, None, None]) / std[:, None, None]
    with torch.no_grad():
        return embedding, theirs.get_image_embeddings(pixels)


def test_embedding_in_strips(
    predictor: Predictor,
    encoded: tuple[Embedding, list[torch.Tensor]],
    photo: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hiera, "POSITIONS_AT_A_TIME", 700)
    monkeypatch.setattr(layers_cpu, "ROWS_AT_A_TIME", 100)
    embedding, _ = encoded
    again = predictor.encode(photo(*embedding.transform.original_size_hw))
    for mine, other in zip(again.features[:2], embedding.features[:2], strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-5)


def test_embedding(encoded: tuple[Embedding, list[torch.Tensor]]) -> None:
    embedding, expected = encoded
    ours = (*embedding.features.high_res[::-1], embedding.features.image_embedding)
    for mine, other in zip(ours, expected, strict=True):
        assert other.std() > 0.1
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-4)


@pytest.mark.parametrize("gradients", [False, True], ids=["frugal", "plain"])
@pytest.mark.parametrize("multimask_output", [True, False], ids=["three masks", "one mask"])
@pytest.mark.parametrize("case", CASES)
def test_prediction(
    predictor: Predictor,
    theirs: Any,
    encoded: tuple[Embedding, list[torch.Tensor]],
    case: str,
    multimask_output: bool,
    gradients: bool,
) -> None:
    embedding, features = encoded
    prompts, transform = CASES[case], embedding.transform
    given: dict[str, Any] = {"multimask_output": multimask_output}
    same: dict[str, Any] = {"multimask_output": multimask_output}
    if len(prompts.point_coords):
        coords = torch.from_numpy(transform.apply_coords(prompts.point_coords))
        labels = torch.tensor(prompts.point_labels)
        given |= {"input_points": coords[None, None], "input_labels": labels[None, None]}
        same |= {"point_coords": coords[None], "point_labels": labels[None]}
    if prompts.box_xyxy is not None:
        box = torch.from_numpy(transform.apply_boxes(prompts.box_xyxy))
        given["input_boxes"], same["boxes"] = box[None, None], box[None]
    if prompts.mask_input is not None:
        mask = torch.tensor(prompts.mask_input)[None]
        given["input_masks"], same["mask_input"] = mask, mask
    with torch.no_grad():
        answer = theirs(image_embeddings=features, **given)
    expected = answer.pred_masks[0, 0], answer.iou_scores[0, 0]
    assert expected[0].std() > 0.1
    with torch.set_grad_enabled(gradients):
        logits, iou = predictor.model.decode(embedding.features, **same)
        objectness = predictor.model.decode_all(
            embedding.features, **{k: v for k, v in same.items() if k != "multimask_output"}
        )[2]
    torch.testing.assert_close((logits[0].detach(), iou[0].detach()), expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(
        objectness.detach(), answer.object_score_logits[0], rtol=0, atol=1e-4
    )
    if not gradients:
        prediction = predictor.predict(embedding, prompts, multimask_output=multimask_output)
        full = torch.nn.functional.interpolate(
            expected[0][None], transform.original_size_hw, mode="bilinear"
        )[0].numpy()
        differ = prediction.masks() != (full > 0)
        assert np.abs(full[differ]).max(initial=0) < 1e-4
        assert differ.mean() < 1e-4


@pytest.mark.parametrize("config", [*SAM2_1, *SAM2], ids=lambda config: config.name)
def test_hugging_faces_names(peers: ModuleType, config: HieraConfig) -> None:
    from samwidget.models.build import build_empty
    from samwidget.weights.conversion import check_state, convert

    state = build_empty(config).state_dict()
    with torch.device("meta"):
        theirs = {
            peers.transformers_sam2_name(name): tensor
            for name, tensor in state.items()
            if "point_embeddings" not in name
        }
        theirs["prompt_encoder.point_embed.weight"] = torch.zeros(4, 256)
        theirs["no_object_pointer"] = torch.zeros(1, 256)
        if config in SAM2_1:
            theirs["occlusion_spatial_embedding_parameter"] = torch.zeros(1, 64)
        found, converted = convert(theirs)
    assert found == config
    check_state(state, converted)


def test_hugging_face_folder(peers: ModuleType, tmp_path: Any) -> None:
    config = SAM2_1[0]
    ours = peers.random_sam(config)
    peers.transformers_sam2(config, ours.state_dict()).save_pretrained(tmp_path)
    opened = open_model(tmp_path)
    assert opened.config == config
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(opened.state_dict()[name], tensor, rtol=0, atol=0)
