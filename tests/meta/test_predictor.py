from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import SCORES, FakeModel

from samwidget import sam as facade
from samwidget.meta import SamPredictor
from samwidget.models.build import build
from samwidget.models.config import NANO, VitConfig
from samwidget.predict.predictor import Predictor
from samwidget.sam import SAM
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import Checkpoint
from samwidget.weights.records import RECORDS

SIZE_HW = (50, 100)
IMAGE = np.random.default_rng(0).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8)


@pytest.fixture
def predictor() -> SamPredictor:
    predictor = SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    return predictor


def test_predict_has_metas_arguments_in_metas_order() -> None:
    parameters = inspect.signature(SamPredictor.predict).parameters
    assert {name: p.default for name, p in parameters.items() if name != "self"} == {
        "point_coords": None,
        "point_labels": None,
        "box": None,
        "mask_input": None,
        "multimask_output": True,
        "return_logits": False,
    }
    assert list(parameters)[1:] == [
        "point_coords", "point_labels", "box", "mask_input", "multimask_output", "return_logits",
    ]  # fmt: skip


def test_all_points_are_one_object(predictor: SamPredictor) -> None:
    masks, scores, logits = predictor.predict(
        np.array([[50, 20], [20, 30]]), np.array([1, 1]), multimask_output=False
    )
    assert masks.shape == (1, *SIZE_HW)
    assert masks.dtype == np.bool_
    assert scores.shape == (1,)
    assert logits.shape == (1, 32, 32)
    assert logits.dtype == np.float32
    assert masks[0, 20, 50]
    assert masks[0, 30, 20]


def test_three_candidates_by_default(predictor: SamPredictor) -> None:
    masks, scores, logits = predictor.predict([[50, 20]], [1])
    assert masks.shape == (3, *SIZE_HW)
    np.testing.assert_allclose(scores, SCORES)
    assert logits.shape == (3, 32, 32)


def test_it_agrees_with_the_plain_predictor(predictor: SamPredictor) -> None:
    plain = Predictor(FakeModel(), device="cpu")
    expected = plain.predict(
        plain.encode(IMAGE), Prompts([[50, 20]], [1], box_xyxy=[40, 10, 70, 40])
    )
    masks, scores, logits = predictor.predict([[50, 20]], [1], box=[40, 10, 70, 40])
    np.testing.assert_array_equal(masks, expected.masks())
    np.testing.assert_array_equal(scores, expected.iou_predictions)
    np.testing.assert_array_equal(logits, expected.low_res_logits)


def test_logits_of_one_call_go_into_the_next(predictor: SamPredictor) -> None:
    _, scores, logits = predictor.predict([[50, 20]], [1])
    best = logits[int(scores.argmax())]
    masks, _, _ = predictor.predict([[20, 30]], [1], mask_input=best[None], multimask_output=False)
    assert masks[0, 20, 50]


def test_return_logits_gives_masks_before_the_threshold(predictor: SamPredictor) -> None:
    masks, _, _ = predictor.predict([[50, 20]], [1])
    soft, _, _ = predictor.predict([[50, 20]], [1], return_logits=True)
    assert soft.dtype == np.float32
    np.testing.assert_array_equal(soft > 0, masks)


@pytest.mark.parametrize("box", [[40, 10, 70, 40], [[40, 10, 70, 40]]])
def test_one_box_with_and_without_the_axis_of_metas_notebook(
    predictor: SamPredictor, box: Any
) -> None:
    masks, _, _ = predictor.predict(box=np.array(box), multimask_output=False)
    assert masks[0, 25, 55]
    assert not masks[0, 5, 5]


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ({"point_coords": [[1, 2]]}, "point_labels must be given with point_coords"),
        ({"point_labels": [1]}, "there are 0 points"),
        ({"point_coords": [[1, 2]], "point_labels": [1, 0]}, "one label for each point"),
        ({"point_coords": [1, 2, 3], "point_labels": [1]}, r"shape \(N, 2\)"),
        ({"box": [[1, 2, 3, 4], [5, 6, 7, 8]]}, r"got the shape \(2, 4\); .*SAM\.predict"),
        ({"mask_input": np.zeros((1, 9, 9))}, r"mask_input must have the shape \(1, 32, 32\)"),
    ],
)
def test_bad_prompts_are_named(
    predictor: SamPredictor, prompts: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        predictor.predict(**prompts)


def test_without_image_there_is_metas_error(predictor: SamPredictor) -> None:
    predictor.reset_image()
    for ask in (lambda: predictor.predict([[1, 2]], [1]), predictor.get_image_embedding):
        with pytest.raises(RuntimeError, match=r"^An image must be set with \.set_image"):
            ask()


def test_an_image_that_fails_leaves_none_set(predictor: SamPredictor) -> None:
    with pytest.raises(FileNotFoundError):
        predictor.set_image("missing.jpg")
    with pytest.raises(RuntimeError, match="An image must be set"):
        predictor.get_image_embedding()


def test_bgr_is_turned_into_rgb() -> None:
    config = VitConfig("x", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)
    torch.manual_seed(0)
    predictor = SamPredictor(build(config))
    embeddings = []
    for image, image_format in ((IMAGE, "RGB"), (IMAGE[..., ::-1], "BGR"), (IMAGE, "BGR")):
        predictor.set_image(image, image_format)
        embeddings.append(predictor.get_image_embedding())
    rgb, bgr, wrong = embeddings
    assert torch.equal(rgb, bgr)
    assert not torch.equal(rgb, wrong)


@pytest.mark.parametrize(
    ("image", "image_format", "message"),
    [
        (IMAGE, "HSV", "image_format: expected 'RGB' or 'BGR', got 'HSV'"),
        ("photo.jpg", "BGR", "is for arrays"),
        (IMAGE[..., 0], "BGR", r"is for arrays of the shape \(H, W, 3\)"),
    ],
)
def test_other_colour_orders_are_refused(image: Any, image_format: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SamPredictor(FakeModel()).set_image(image, image_format)


def test_it_opens_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeModel()
    place = Checkpoint(Path("fake.pth"), RECORDS[1])
    monkeypatch.setattr(facade, "locate", lambda name, progress: place)
    monkeypatch.setattr(facade, "load_model", lambda path: fake)
    sam = SAM("sam_b.pt", device="cpu")
    assert SamPredictor(sam).model is fake
    assert SamPredictor(sam.predictor).predictor is sam.predictor
    assert SamPredictor("vit_b", device="cpu").model is fake
    assert SamPredictor(fake).device == torch.device("cpu")
    with pytest.raises(TypeError, match=r"expected a SAM, a Predictor, .* got int"):
        SamPredictor(3)  # type: ignore[arg-type]


def test_what_is_set_can_be_asked(predictor: SamPredictor) -> None:
    assert predictor.is_image_set
    assert predictor.original_size == SIZE_HW
    assert predictor.input_size == (32, 64)
    assert predictor.features is predictor.get_image_embedding()
    predictor.reset_image()
    assert not predictor.is_image_set
    assert predictor.features is None


@pytest.mark.parametrize("count", [2, 9], ids=["one after the other", "spread"])
def test_boxes_as_tensors_are_the_same_as_boxes_one_by_one(
    predictor: SamPredictor, count: int
) -> None:
    boxes = torch.tensor([[5.0 + 3 * i, 10, 30 + 3 * i, 40] for i in range(count)])
    framed = predictor.transform.apply_boxes_torch(boxes, SIZE_HW)
    masks, scores, logits = predictor.predict_torch(None, None, framed, multimask_output=False)
    assert masks.shape == (count, 1, *SIZE_HW)
    assert masks.dtype == torch.bool
    for i, box in enumerate(boxes.numpy()):
        alone = predictor.predict(box=box, multimask_output=False)
        for mine, other in zip((masks, scores, logits), alone, strict=True):
            np.testing.assert_array_equal(mine[i].numpy(), other)
    soft, *_ = predictor.predict_torch(
        None, None, framed, multimask_output=False, return_logits=True
    )
    assert torch.equal(soft > 0, masks)


def test_points_without_labels_are_refused() -> None:
    torch.manual_seed(0)
    config = VitConfig("x", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)
    predictor = SamPredictor(build(config))
    predictor.set_image(IMAGE)
    with pytest.raises(ValueError, match="point_coords and point_labels go together"):
        predictor.predict_torch(torch.zeros(5, 1, 2), None)


def test_an_embedding_is_saved_and_loaded_without_its_image(tmp_path: Path) -> None:
    first = SamPredictor(build(NANO), "cpu")
    image = np.random.default_rng(0).integers(0, 255, (50, 80, 3), np.uint8)
    with pytest.raises(RuntimeError, match="image must be set"):
        first.save_embedding(tmp_path / "one.safetensors")
    first.set_image(image)
    path = first.save_embedding(tmp_path / "one.safetensors")
    again = SamPredictor(first.model, "cpu")
    again.load_embedding(path)
    click = {"point_coords": np.array([[40, 20]]), "point_labels": np.array([1])}
    masks, scores, _ = again.predict(**click)
    assert masks.shape == (3, 50, 80)
    np.testing.assert_allclose(scores, first.predict(**click)[1], atol=0.02)


def test_what_is_no_embedding_or_of_others_leaves_the_image_set(tmp_path: Path) -> None:
    predictor = SamPredictor(build(NANO), "cpu")
    predictor.set_image(np.zeros((50, 80, 3), np.uint8))
    other = SamPredictor(build(NANO), "cpu")
    other.set_image(np.zeros((50, 80, 3), np.uint8))
    (tmp_path / "none").write_bytes(b"nothing")
    for path, message in (
        (other.save_embedding(tmp_path / "other"), "made by other weights"),
        (tmp_path / "none", "no embedding"),
    ):
        with pytest.raises(ValueError, match=message):
            predictor.load_embedding(path)
    with pytest.raises(FileNotFoundError):
        predictor.load_embedding(tmp_path / "missing")
    assert predictor.is_image_set
