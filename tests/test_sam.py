from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import SCORES, FakeModel
from PIL import Image

from samwidget import sam as facade
from samwidget.models.build import build
from samwidget.models.config import VitConfig
from samwidget.predict.predictor import Predictor
from samwidget.sam import SAM, SamPredictor
from samwidget.values.geometry import ResizeTransform
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import Checkpoint
from samwidget.weights.records import RECORDS

SIZE_HW = (50, 100)
IMAGE = np.random.default_rng(0).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """The model that every name opens."""
    model = FakeModel()
    monkeypatch.setattr(
        facade, "locate", lambda name, progress: Checkpoint(Path("fake.pth"), RECORDS[1])
    )
    monkeypatch.setattr(facade, "load_model", lambda path: model)
    return model


@pytest.fixture
def sam(fake: FakeModel) -> SAM:
    return SAM("sam_b.pt", device="cpu")


# ------------------------------------------------------------------------------------------- SAM


def test_a_flat_list_of_points_is_one_object_each(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam.predict(IMAGE, points=[[50, 20], [20, 30]], labels=[1, 1])
    assert len(results) == 2
    # In the model frame, which is 64 pixels wide for the 100 of the image.
    assert [call["points"] for call in fake.decodes] == [
        [pytest.approx([32, 12.8])],
        [pytest.approx([12.8, 19.2])],
    ]
    assert not any(call["multimask"] for call in fake.decodes)
    assert fake.encodes == 1
    assert results.masks is not None
    first, second = results.masks.data
    assert first[20, 50]
    assert second[30, 20]
    assert not first[30, 20]
    np.testing.assert_allclose(results.scores, SCORES[1])


def test_nested_points_are_one_object(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam.predict(IMAGE, points=[[[50, 20], [20, 30]]], labels=[[1, 0]])
    assert len(results) == 1
    assert fake.decodes[0]["labels"] == [1, 0]
    assert results[0].point_labels.tolist() == [1, 0]
    assert results[0].point_coords.tolist() == [[50, 20], [20, 30]]


def test_a_model_that_stretches_images_gets_the_click_and_gives_the_mask_in_place(
    sam: SAM, fake: FakeModel
) -> None:
    fake.config = replace(fake.config, keeps_aspect=False)
    (results,) = sam.predict(IMAGE, points=[70, 30], labels=[1])
    (call,) = fake.decodes
    assert call["points"] == [pytest.approx([70 * 0.64, 30 * 1.28])]
    x1, y1, x2, y2 = results[0].box_xyxy
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((70, 30), abs=2)
    # A disk of the frame: by as much wider in the image as the image is.
    assert (x2 - x1) / (y2 - y1) == pytest.approx(2, rel=0.1)


def test_boxes_come_back_with_their_objects(sam: SAM) -> None:
    (results,) = sam(IMAGE, bboxes=[[10, 10, 40, 30], [60, 10, 90, 40]])
    assert [one.box_prompt_xyxy for one in results] == [(10, 10, 40, 30), (60, 10, 90, 40)]
    np.testing.assert_allclose(results.boxes.xyxy[0], [10, 10, 40, 30], atol=3)
    assert len({one.color for one in results}) == 2
    assert [one.id for one in results] == [0, 1]


def test_multimask_gives_three_candidates_for_each_object(sam: SAM) -> None:
    (results,) = sam(IMAGE, points=[[50, 20], [20, 30]], multimask_output=True)
    np.testing.assert_allclose(results.scores, SCORES * 2)
    areas = [one.area for one in results]
    assert areas[:3] == sorted(areas[:3])


def test_low_scores_are_not_left_out(sam: SAM) -> None:
    (results,) = sam(IMAGE, points=[50, 20], labels=[0])
    assert len(results) == 1
    assert results[0].area == 0


def test_masks_refine(sam: SAM, fake: FakeModel) -> None:
    (first,) = sam(IMAGE, points=[50, 20])
    transform = ResizeTransform.for_image(SIZE_HW, 64)
    logits = first[0].shape.as_mask_input(transform, 32)[0]
    (second,) = sam(IMAGE, points=[20, 30], masks=logits)
    sam(IMAGE, points=[20, 30], masks=first[0].shape)
    for decode in fake.decodes[1:]:
        assert torch.equal(decode["mask_input"], torch.tensor(logits)[None, None])
    assert second[0].mask[20, 50]
    (third,) = sam(IMAGE, masks=first[0].mask)
    assert (third[0].mask ^ first[0].mask).mean() < 0.02


def test_sources_may_be_paths_pictures_arrays_and_lists_of_them(
    sam: SAM, fake: FakeModel, tmp_path: Path
) -> None:
    path = tmp_path / "image.png"
    Image.fromarray(IMAGE).save(path)
    found = sam([str(path), path, Image.fromarray(IMAGE), IMAGE], points=[50, 20])
    assert [one.path for one in found] == [str(path), str(path), None, None]
    assert fake.encodes == 4
    for one in found:
        assert (one.orig_img == IMAGE).all()
        assert one.orig_shape == SIZE_HW
        assert one[0].mask[20, 50]


def test_without_prompts_nothing_is_encoded(sam: SAM, fake: FakeModel) -> None:
    with pytest.raises(ValueError, match="prompts are needed"):
        sam(IMAGE)
    assert fake.encodes == 0


def test_info_tells_and_shows_what_the_model_is(
    sam: SAM, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = sam.info(verbose=False)
    assert capsys.readouterr().out == ""
    assert facts.pop("embed_ms") > 0
    assert facts == {
        "model": "fake",
        "layers": 1,
        "parameters": 1,
        "size_bytes": 4,
        "image_size": 64,
        "device": "cpu",
        "precision": "float32",
        "checkpoint": "fake.pth",
        "licence": "Apache-2.0",
    }
    assert sam.info().items() > facts.items()
    table = capsys.readouterr().out.splitlines()
    assert len(table) == len(facts) + 1
    assert "parameters  1" in table


def test_a_file_opens_on_the_asked_device_and_has_no_known_licence(tmp_path: Path) -> None:
    config = VitConfig("x", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)
    torch.manual_seed(0)
    torch.save(build(config).state_dict(), tmp_path / "weights.pth")
    sam = SAM(tmp_path / "weights.pth", device="cpu")
    assert sam.device == torch.device("cpu")
    facts = sam.info(verbose=False)
    assert facts["licence"] == "not known"
    assert facts["parameters"] == sum(p.numel() for p in sam.model.parameters())
    assert facts["checkpoint"] == str(tmp_path / "weights.pth")
    (results,) = sam(IMAGE, points=[50, 20])
    assert results[0].mask.shape == SIZE_HW


# ---------------------------------------------------------------------------------- SamPredictor


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
        ({"point_coords": [1, 2], "point_labels": [1]}, r"shape \(N, 2\)"),
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


def test_it_opens_what_it_is_given(fake: FakeModel, sam: SAM) -> None:
    assert SamPredictor(sam).model is fake
    assert SamPredictor(sam.predictor).predictor is sam.predictor
    assert SamPredictor("vit_b", device="cpu").model is fake
    assert SamPredictor(fake).device == torch.device("cpu")
    with pytest.raises(TypeError, match=r"expected a SAM, a Predictor, .* got int"):
        SamPredictor(3)  # type: ignore[arg-type]
