from __future__ import annotations

import pytest
import torch

from samwidget.models.base import ImageFeatures
from samwidget.models.build import build, build_empty
from samwidget.models.config import (
    CONFIGS,
    MOBILE_SAM,
    NANO,
    VIT_B,
    VIT_H,
    VIT_L,
    ModelConfig,
    VitConfig,
)
from samwidget.models.mask_decoder import MaskDecoder
from samwidget.models.nano import NanoSam
from samwidget.models.prompt_encoder import PromptEncoder
from samwidget.models.sam import Sam

SMALL = VitConfig(
    "small",
    image_size=128,
    mask_size=32,
    embed_dim=48,
    depth=1,
    num_heads=3,
    global_attn_indexes=(),
)


def make_sam() -> Sam:
    torch.manual_seed(0)
    return Sam(SMALL).eval()


def make_features(batch: int = 1) -> ImageFeatures:
    generator = torch.Generator().manual_seed(1)
    return ImageFeatures(torch.randn(batch, 256, 8, 8, generator=generator))


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (MOBILE_SAM, 9_803_524),  # published: 10,130,092 with classifier and batch norms
        (VIT_B, 93_735_472),
        (VIT_L, 312_342_832),
        (VIT_H, 641_090_608),
    ],
)
def test_parameter_count(config: VitConfig, count: int) -> None:
    model = build_empty(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == count


def test_every_config_builds() -> None:
    models = {name: build_empty(config) for name, config in CONFIGS.items()}
    assert {name: model.config.name for name, model in models.items()} == {n: n for n in CONFIGS}
    assert isinstance(models[NANO.name], NanoSam)


def test_unknown_config_is_refused() -> None:
    with pytest.raises(TypeError, match=r"one of samwidget\.models\.config, got ModelConfig"):
        build(ModelConfig("other"))


@pytest.mark.parametrize(("image_size", "mask_size"), [(1000, 250), (1024, 512)])
def test_sizes_that_do_not_fit_are_refused(image_size: int, mask_size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 16 and four times mask_size"):
        Sam(VitConfig("odd", image_size=image_size, mask_size=mask_size))


def test_weights_assigned_to_a_meta_model_work() -> None:
    sam = make_sam()
    with torch.device("meta"):
        empty = Sam(SMALL).eval()
    empty.load_state_dict(sam.state_dict(), assign=True)
    pixels = torch.zeros(1, 3, 128, 128)
    point = {"point_coords": torch.tensor([[[4.0, 5.0]]]), "point_labels": torch.tensor([[1]])}
    with torch.no_grad():
        expected = sam.decode(sam.encode(pixels), **point)
        torch.testing.assert_close(empty.decode(empty.encode(pixels), **point), expected)


@pytest.mark.parametrize("shape", [(3, 128, 128), (1, 3, 128, 127), (1, 1, 128, 128)])
def test_pixels_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"pixels must have the shape \(B, 3, 128, 128\)"):
        make_sam().encode(torch.zeros(shape))


def test_points_without_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="point_coords and point_labels go together"):
        make_sam().decode(make_features(), point_coords=torch.zeros(1, 1, 2))


@torch.no_grad()
def test_prompts_of_a_batch_do_not_mix() -> None:
    sam, features = make_sam(), make_features()
    coords = torch.tensor([[[3.0, 4.0]], [[90.0, 50.0]], [[64.0, 120.0]]])
    labels = torch.tensor([[1], [0], [1]])
    masks = torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(2))
    logits, iou = sam.decode(features, point_coords=coords, point_labels=labels, mask_input=masks)
    assert logits.shape == (3, 3, 32, 32)
    assert iou.shape == (3, 3)
    for i in range(3):
        one = slice(i, i + 1)
        alone = sam.decode(
            features,
            point_coords=coords[one],
            point_labels=labels[one],
            mask_input=masks[one],
        )
        torch.testing.assert_close((logits[one], iou[one]), alone, rtol=0, atol=1e-5)


@torch.no_grad()
def test_one_prompt_for_each_image_of_a_batch() -> None:
    sam, features = make_sam(), make_features(2)
    coords, labels = torch.tensor([[[3.0, 4.0]], [[90.0, 50.0]]]), torch.ones(2, 1).int()
    logits, _ = sam.decode(features, point_coords=coords, point_labels=labels)
    for i in range(2):
        alone, _ = sam.decode(
            ImageFeatures(features.image_embedding[i : i + 1]),
            point_coords=coords[i : i + 1],
            point_labels=labels[i : i + 1],
        )
        torch.testing.assert_close(logits[i : i + 1], alone, rtol=0, atol=1e-5)


@torch.no_grad()
def test_no_prompt_gives_one_answer_for_each_image() -> None:
    logits, iou = make_sam().decode(make_features(2), multimask_output=False)
    assert logits.shape == (2, 1, 32, 32)
    assert iou.shape == (2, 1)


@torch.no_grad()
def test_a_padding_point_says_nothing_of_its_place() -> None:
    sam, features = make_sam(), make_features()
    labels = torch.tensor([[1, -1]])
    here = sam.decode(
        features, point_coords=torch.tensor([[[9.0, 9], [50, 60]]]), point_labels=labels
    )
    there = sam.decode(
        features, point_coords=torch.tensor([[[9.0, 9], [99, 1]]]), point_labels=labels
    )
    torch.testing.assert_close(here, there, rtol=0, atol=0)


@torch.no_grad()
@pytest.mark.parametrize("with_mask", [False, True], ids=["click", "click and mask"])
def test_bfloat16_answers_in_float32_and_near_the_exact_answer(with_mask: bool) -> None:
    sam = make_sam()
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(3))
    prompt = {
        "point_coords": torch.tensor([[[30.0, 40.0]]]),
        "point_labels": torch.tensor([[1]]),
        "mask_input": torch.zeros(1, 1, 32, 32) if with_mask else None,
    }
    exact, exact_iou = sam.decode(sam.encode(pixels), **prompt)
    sam.set_precision(torch.bfloat16)
    rough, rough_iou = sam.decode(sam.encode(pixels), **prompt)
    assert rough.dtype == rough_iou.dtype == torch.float32
    assert not torch.equal(rough, exact)
    assert (rough - exact).abs().mean() < 0.1 * exact.abs().mean()
    assert (rough_iou - exact_iou).abs().max() < 0.05


@torch.no_grad()
def test_prepared_features_change_no_answer() -> None:
    sam, features = make_sam(), make_features()
    prepared = sam.prepared(features)
    assert prepared.projected is not None
    coords = torch.tensor([[[30.0, 40.0]], [[3.0, 90.0]]])
    prompt = {"point_coords": coords, "point_labels": torch.tensor([[1], [0]])}
    for more in ({}, {"mask_input": torch.randn(2, 1, 32, 32)}):
        torch.testing.assert_close(
            sam.decode(prepared, **prompt, **more),
            sam.decode(features, **prompt, **more),
            rtol=0,
            atol=1e-5,
        )


@pytest.mark.parametrize("clicks", [1, 3, 12])
def test_the_frugal_way_gives_what_the_plain_one_gives(clicks: int) -> None:
    sam = make_sam()
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in sam.mask_decoder.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
        features = sam.prepared(make_features())
    prompt = {
        "point_coords": torch.rand(2, clicks, 2, generator=generator) * 128,
        "point_labels": torch.randint(0, 2, (2, clicks), generator=generator),
    }
    for multimask_output in (True, False):
        plain = sam.decode(
            ImageFeatures(features.image_embedding), **prompt, multimask_output=multimask_output
        )
        with torch.no_grad():
            frugal = sam.decode(features, **prompt, multimask_output=multimask_output)
        assert plain[0].requires_grad
        assert plain[0].std() > 0.1
        torch.testing.assert_close(frugal, plain, rtol=0, atol=2e-5)


@torch.no_grad()
def test_dense_positions_follow_their_matrix() -> None:
    torch.manual_seed(0)
    encoder = PromptEncoder(image_size=128, embedding_size=8)
    before = encoder.dense_positions()
    assert encoder.dense_positions() is before
    matrix = encoder.pe_layer.positional_encoding_gaussian_matrix
    matrix.mul_(2)
    changed = encoder.dense_positions()
    assert not torch.equal(changed, before)
    encoder.load_state_dict(
        {**encoder.state_dict(), "pe_layer.positional_encoding_gaussian_matrix": matrix / 2}
    )
    torch.testing.assert_close(encoder.dense_positions(), before)


@torch.no_grad()
def test_dense_positions_are_those_of_points_at_the_cells_centres() -> None:
    torch.manual_seed(0)
    encoder = PromptEncoder(image_size=128, embedding_size=8)
    for embedding in encoder.point_embeddings:
        embedding.get_parameter("weight").zero_()
    # Cell (row 2, column 5) is centred on (88, 40); points are shifted to their pixel's centre.
    sparse, _ = encoder(torch.tensor([[[87.5, 39.5]]]), torch.tensor([[1]]), None, None)
    torch.testing.assert_close(sparse[0, 0], encoder.dense_positions()[2 * 8 + 5])


@torch.no_grad()
def test_drawing_in_rows_equals_the_convolutions() -> None:
    torch.manual_seed(0)
    decoder = MaskDecoder().eval()
    image, weights = torch.randn(2, 64, 256), torch.randn(2, 3, 32)
    as_map = image.transpose(1, 2).view(2, 256, 8, 8)
    upscaled = decoder.output_upscaling(as_map)  # (2, 32, 32, 32)
    expected = torch.einsum("bcyx,bkc->bkyx", upscaled, weights)
    torch.testing.assert_close(decoder._draw(image, weights, ()), expected, rtol=0, atol=1e-5)
