"""Against segment-anything 1.0: its own predictor from image to masks, on the same weights."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from samwidget.models.config import VIT_B
from samwidget.predict.embeddings import Embedding
from samwidget.predict.everything import find_everything
from samwidget.predict.grid import Grid
from samwidget.predict.predictor import Predictor
from samwidget.predict.preprocess import preprocess
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prompts import Prompts

pytestmark = pytest.mark.parity

SIZES_HW = {
    "landscape": (300, 420),
    "portrait": (420, 300),
    "larger than the model frame": (700, 900),
    "much smaller": (37, 50),
    "square": (512, 512),
    "a strip": (38, 512),
    "a single pixel": (1, 1),
}

# Coordinates as fractions of the image, (x, y).
PROMPTS: dict[str, dict[str, Any]] = {
    "one point": {"points": [[0.4, 0.3]], "labels": [1]},
    "background point": {"points": [[0.4, 0.3]], "labels": [0]},
    "points of both labels": {
        "points": [[0.4, 0.3], [0.7, 0.8], [0.1, 0.9], [0.99, 0.01]],
        "labels": [1, 0, 1, 0],
    },
    "box": {"box": [0.2, 0.1, 0.8, 0.7]},
    "box and points": {
        "points": [[0.4, 0.3], [0.7, 0.6]],
        "labels": [1, 0],
        "box": [0.2, 0.1, 0.8, 0.7],
    },
    "mask": {"mask": True},
    "mask and point": {"points": [[0.4, 0.3]], "labels": [1], "mask": True},
    "mask, box and points": {
        "points": [[0.4, 0.3], [0.7, 0.6]],
        "labels": [1, 0],
        "box": [0.2, 0.1, 0.8, 0.7],
        "mask": True,
    },
    "nothing": {},
}


def make_prompts(case: dict[str, Any], size_hw: tuple[int, int], mask_size: int) -> Prompts:
    height, width = size_hw
    scale_xy = np.array([width, height], np.float32)
    random = np.random.default_rng(1)
    return Prompts(
        np.array(case.get("points", np.zeros((0, 2))), np.float32) * scale_xy,
        np.array(case.get("labels", []), np.int64),
        np.array(case["box"], np.float32) * np.tile(scale_xy, 2) if "box" in case else None,
        random.normal(0, 3, (1, mask_size, mask_size)).astype(np.float32)
        if "mask" in case
        else None,
    )


@pytest.fixture(scope="module", params=SIZES_HW)
def encoded(
    request: pytest.FixtureRequest,
    peers: ModuleType,
    predictor: Predictor,
    meta: Any,
    photo: Any,
) -> tuple[Embedding, Any]:
    """One image in both: our embedding, their predictor."""
    image = photo(*SIZES_HW[request.param])
    theirs = peers.segment_anything().SamPredictor(meta)
    theirs.set_image(image)
    return predictor.encode(image), theirs


def test_embedding(encoded: tuple[Embedding, Any]) -> None:
    ours, theirs = encoded
    assert ours.transform.input_size_hw == theirs.input_size
    torch.testing.assert_close(ours.features.image_embedding, theirs.features, rtol=0, atol=1e-4)


@pytest.mark.parametrize("multimask_output", [True, False], ids=["three masks", "one mask"])
@pytest.mark.parametrize("case", PROMPTS.values(), ids=PROMPTS)
def test_prediction(
    predictor: Predictor,
    encoded: tuple[Embedding, Any],
    case: dict[str, Any],
    multimask_output: bool,
) -> None:
    embedding, theirs = encoded
    size_hw = embedding.transform.original_size_hw
    prompts = make_prompts(case, size_hw, predictor.model.config.mask_size)
    ours = predictor.predict(embedding, prompts, multimask_output=multimask_output)
    has_points = len(prompts.point_coords) > 0
    full, iou, logits = theirs.predict(
        point_coords=prompts.point_coords if has_points else None,
        point_labels=prompts.point_labels.copy() if has_points else None,
        box=prompts.box_xyxy,
        mask_input=None if prompts.mask_input is None else prompts.mask_input.copy(),
        multimask_output=multimask_output,
        return_logits=True,
    )
    assert logits.std() > 0.1  # a difference of 1e-4 means something
    np.testing.assert_allclose(ours.low_res_logits, logits, rtol=0, atol=1e-4)
    np.testing.assert_allclose(ours.iou_predictions, iou, rtol=0, atol=1e-4)
    assert_same_masks(ours.masks(), full)


def assert_same_masks(masks: NDArray[np.bool_], full_logits: NDArray[np.float32]) -> None:
    """Random weights draw speckle: pixels within the tolerance of the threshold may flip."""
    assert masks.shape == full_logits.shape
    differ = masks != (full_logits > 0)
    assert np.abs(full_logits[differ]).max(initial=0) < 1e-4
    assert differ.mean() < 1e-4


@pytest.mark.parametrize(
    "size_hw",
    [(3000, 4000), (1500, 1000), (1024, 1024), (77, 1024), (683, 1024), (61, 90), (512, 3), (1, 1)],
    ids=lambda size_hw: "{}x{}".format(*size_hw),
)
@pytest.mark.parametrize("image_size", [512, 1024])
def test_preprocessing_is_the_owners_to_the_bit(
    peers: ModuleType, meta: Any, photo: Any, size_hw: tuple[int, int], image_size: int
) -> None:
    image = photo(*size_hw)
    transform = ResizeTransform.for_image(size_hw, image_size)
    ours = preprocess(image, transform, replace(VIT_B, image_size=image_size))

    transforms = peers.segment_anything().utils.transforms
    resized = transforms.ResizeLongestSide(image_size).apply_image(image)
    pixels = torch.as_tensor(resized).permute(2, 0, 1).contiguous()[None]
    monkeyed = SimpleNamespace(
        pixel_mean=meta.pixel_mean,
        pixel_std=meta.pixel_std,
        image_encoder=SimpleNamespace(img_size=image_size),
    )
    assert torch.equal(ours, type(meta).preprocess(monkeyed, pixels))


@pytest.mark.parametrize("size_hw", [(512, 1), (1, 512), (700, 1), (2, 4000)], ids=str)
def test_strips_that_the_owners_code_makes_nothing_of(photo: Any, size_hw: tuple[int, int]) -> None:
    transform = ResizeTransform.for_image(size_hw, 512)
    ours = preprocess(photo(*size_hw), transform, replace(VIT_B, image_size=512))
    height, width = transform.input_size_hw
    assert ours.shape == (1, 3, 512, 512)
    assert ours[..., :height, :width].std() > 0
    assert not ours[..., height:, :].any()
    assert not ours[..., :, width:].any()


def test_batch_of_prompts_on_one_image(
    predictor: Predictor, encoded: tuple[Embedding, Any]
) -> None:
    embedding, theirs = encoded
    generator = torch.Generator().manual_seed(2)
    coords = torch.rand(5, 2, 2, generator=generator) * 512
    labels = torch.tensor([[1, 0], [1, 1], [0, 1], [1, -1], [-1, -1]])  # -1 is padding
    boxes = torch.tensor([[10.0, 20.0, 200.0, 150.0]]).expand(5, -1) + coords[:, :1, 0]
    for box in (None, boxes):
        _, iou, logits = theirs.predict_torch(coords, labels, box, return_logits=True)
        with torch.no_grad():
            ours = predictor.model.decode(
                embedding.features, point_coords=coords, point_labels=labels, boxes=box
            )
        torch.testing.assert_close(ours, (logits, iou), rtol=0, atol=1e-4)


def test_vit_b_at_full_size(
    peers: ModuleType, full_size: tuple[Predictor, NDArray[np.uint8], Embedding]
) -> None:
    predictor, image, embedding = full_size
    prediction = predictor.predict(embedding, Prompts(np.array([[300, 200]]), np.array([1])))
    theirs = peers.segment_anything().SamPredictor(
        peers.segment_anything_sam(VIT_B, predictor.model.state_dict())
    )
    theirs.set_image(image)
    torch.testing.assert_close(
        embedding.features.image_embedding, theirs.features, rtol=0, atol=1e-4
    )
    full, iou, logits = theirs.predict(np.array([[300, 200]]), np.array([1]), return_logits=True)
    np.testing.assert_allclose(prediction.low_res_logits, logits, rtol=0, atol=1e-4)
    np.testing.assert_allclose(prediction.iou_predictions, iou, rtol=0, atol=1e-4)
    assert_same_masks(prediction.masks(), full)


@pytest.mark.parametrize("size_hw", [(300, 420), (700, 900)], ids=["small", "large"])
def test_everything_in_an_image(
    peers: ModuleType,
    predictor: Predictor,
    meta: Any,
    photo: Any,
    size_hw: tuple[int, int],
) -> None:
    """Their masks at thresholds that some of them pass, found, judged and boxed the same."""
    image = photo(*size_hw)
    embedding = predictor.encode(image)
    points = Grid(points_per_side=4).points_xy(size_hw)
    predictions = predictor.predict_batch(embedding, [Prompts([xy], [1]) for xy in points])
    scores = np.sort(np.concatenate([one.iou_predictions for one in predictions]))
    halfway = float(scores[len(scores) // 2 - 1 : len(scores) // 2 + 1].mean())
    settings = {
        "points_per_side": 4,
        "pred_iou_thresh": halfway,
        "stability_score_offset": 0.02,
        "stability_score_thresh": 0.9,
        "box_nms_thresh": 1.0,
    }
    ours = find_everything(predictor, embedding, Grid(**settings))
    generator = peers.segment_anything().SamAutomaticMaskGenerator(meta, **settings)
    theirs = generator.generate(image)
    assert len(ours) == len(theirs) > 3
    for own, record in zip(ours, theirs, strict=True):
        assert own.score == pytest.approx(record["predicted_iou"], abs=1e-4)
        assert own.stability_score == pytest.approx(record["stability_score"], abs=1e-3)
        assert list(own.point_xy) == pytest.approx(record["point_coords"][0])
        x1, y1, x2, y2 = own.shape.box_xyxy  # theirs ends at the last pixel
        assert [x1, y1, x2 - x1 - 1, y2 - y1 - 1] == pytest.approx(record["bbox"], abs=1)
        assert (own.shape.full() != record["segmentation"]).mean() < 1e-4
