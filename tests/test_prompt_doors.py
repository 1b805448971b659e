"""The rule of ``samwidget.values.prompt_checks``, with the same cases at every door."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
import torch
from fakes import FakeModel, fake_predictor
from prompt_doors import DOORS, FRAME_SCALE, HEIGHT, IMAGE, WIDTH, Door, sam_of

from samwidget.jupyter.widget import SamWidget
from samwidget.meta import SamPredictor
from samwidget.values.prompt_checks import NOTHING_ASKED, ONLY_BACKGROUND

every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
# A Prompts has no image yet when its corners are looked at.
WITH_AN_IMAGE = {name: door for name, door in DOORS.items() if name != "Predictor.predict"}
every_door_with_an_image = pytest.mark.parametrize(
    "door", WITH_AN_IMAGE.values(), ids=WITH_AN_IMAGE
)
NAN, INF = float("nan"), float("inf")


class OnAnotherDevice:
    """Like a tensor of CUDA: numpy cannot read it where it is."""

    def __init__(self, values: Any) -> None:
        self._here = torch.as_tensor(values, dtype=torch.float32)
        self.shape = self._here.shape
        self.is_on_cpu = False

    def detach(self) -> OnAnotherDevice:
        return self

    def cpu(self) -> OnAnotherDevice:
        other = OnAnotherDevice(self._here)
        other.is_on_cpu = True
        return other

    def numpy(self) -> Any:
        if not self.is_on_cpu:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return self._here.numpy()

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")

    def __len__(self) -> int:
        return len(self._here)

    def __getitem__(self, index: Any) -> OnAnotherDevice:
        return OnAnotherDevice(self._here[index])

    def in_frame(self, scale: float) -> OnAnotherDevice:
        return OnAnotherDevice(self._here * scale)


BOX = [10, 20, 50, 40]
BOXES: dict[str, Any] = {
    "list": BOX,
    "tuple of floats": (10.0, 20.0, 50.0, 40.0),
    "list in a list": [BOX],
    "int array": np.array(BOX),
    "uint8 array": np.array(BOX, np.uint8),
    "float16 array": np.array(BOX, np.float16),
    "long double array": np.array(BOX, np.longdouble),
    "big-endian array": np.array(BOX, ">f8"),
    "array of objects": np.array(BOX, object),
    "array that nobody may write into": np.broadcast_to(np.float32(BOX), (1, 4)),
    "every other number": np.repeat(np.array(BOX), 2)[::2],
    "masked array without a mask": np.ma.array(BOX),
    "(1, 4) array": np.array([BOX]),
    "(1, 1, 4) array": np.array([[BOX]]),
    "(4, 1) array": np.array([BOX]).T,
    "(1, 4, 1) array": np.array([BOX])[..., None],
    "list of (1,) tensors": [torch.tensor([one]) for one in BOX],
    "sparse tensor": torch.tensor([BOX]).to_sparse(),
    "tensor": torch.tensor(BOX),
    "(1, 4) tensor": torch.tensor([BOX]),
    "tensor with gradient": torch.tensor(BOX, dtype=torch.float32, requires_grad=True),
    "bfloat16 tensor": torch.tensor([BOX], dtype=torch.bfloat16),
    "bfloat16 tensor with gradient": torch.tensor([BOX], dtype=torch.bfloat16, requires_grad=True),
    "float16 tensor": torch.tensor(BOX, dtype=torch.float16),
    "float64 tensor": torch.tensor(BOX, dtype=torch.float64),
    "int32 tensor": torch.tensor(BOX, dtype=torch.int32),
    "list of 0-d tensors": [torch.tensor(float(one)) for one in BOX],
    "list of 0-d tensors with gradient": [
        torch.tensor(float(one), requires_grad=True) for one in BOX
    ],
    "list of a tensor": [torch.tensor(BOX)],
    "list of a (1, 4) tensor": [torch.tensor([BOX], dtype=torch.bfloat16)],
    "list of 0-d arrays": [np.array(one) for one in BOX],
    "tensor of another device": OnAnotherDevice([BOX]),
    "list of a tensor of another device": [OnAnotherDevice(BOX)],
    "list of 0-d tensors of another device": [OnAnotherDevice(one) for one in BOX],
}


@every_door
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_box_comes_as_it_comes(door: Door, box: Any) -> None:
    mask, told = door(box=box)
    (call,) = told
    assert call["boxes"][0].tolist() == pytest.approx([x * FRAME_SCALE for x in BOX], abs=0.3)
    ys, xs = mask.nonzero()
    assert (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) == pytest.approx(BOX, abs=2)


@pytest.mark.parametrize("shape", [(2, 1, 2), (1, 2, 1, 2), (1, 2, 2)], ids=str)
@pytest.mark.parametrize("name", ["SamPredictor.predict", "Predictor.predict"])
def test_points_of_one_object_may_have_axes_of_length_1(name: str, shape: tuple[int, ...]) -> None:
    """OpenCV's goodFeaturesToTrack, for one, gives (N, 1, 2)."""
    _, told = DOORS[name](np.reshape([[20, 30], [50, 40]], shape), [1, 1])
    assert np.array(told[-1]["points"]) == pytest.approx(
        np.array([[20, 30], [50, 40]]) * FRAME_SCALE
    )


@pytest.mark.parametrize("name", ["SamPredictor.predict", "Predictor.predict", "SAM.predict"])
@pytest.mark.parametrize(
    "point", [[20, 30], np.array([[20], [30]]), np.array([[[20, 30]]])], ids=str
)
def test_one_point_alone_is_one_object(name: str, point: Any) -> None:
    if name == "SAM.predict":
        (results,) = sam_of(FakeModel()).predict(IMAGE, points=np.ravel(point), labels=1)
        assert results[0].mask[30, 20]
        return
    mask, told = DOORS[name](point, [1])
    assert mask[30, 20]
    assert np.array(told[-1]["points"]) == pytest.approx(np.array([[20, 30]]) * FRAME_SCALE)


def test_rows_of_a_batch_that_are_only_filled_are_told_as_such() -> None:
    predictor = SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    points = torch.tensor([[[20.0, 20]], [[0, 0]], [[9, 9]]]) * FRAME_SCALE
    with pytest.warns(UserWarning, match="of the batch") as told:
        masks, _, _ = predictor.predict_torch(points, torch.tensor([[0], [-1], [1]]))
    texts = [str(one.message) for one in told]
    assert [text[:24] for text in texts] == ["objects 0 of the batch: ", "objects 1 of the batch: "]
    assert texts[0].endswith(ONLY_BACKGROUND)
    assert texts[1].endswith(NOTHING_ASKED)
    assert masks.flatten(1).any(1).tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["SAM.predict", "SamPredictor.predict", "SamWidget"])
def test_a_row_of_a_table_is_a_box(name: str) -> None:
    _, told = DOORS[name](box=np.array([tuple(BOX)], "u2,u2,f4,f4"))
    assert told[-1]["boxes"][0].tolist() == pytest.approx([x * FRAME_SCALE for x in BOX])


def test_what_a_box_is_made_of_is_left_as_it_was() -> None:
    mine = np.array([[-10.0, 20, 50, 99]])
    tensor = torch.tensor(mine, requires_grad=True)
    for door in DOORS.values():
        for box in (mine, tensor):
            door(box=box)
    assert mine.tolist() == tensor.tolist() == [[-10, 20, 50, 99]]
    assert tensor.requires_grad
    mine[:] = 0  # still one's own


POINTS: dict[str, Any] = {
    "list": [[30, 20], [50, 40]],
    "array": np.array([[30, 20], [50, 40]]),
    "tensor with gradient": torch.tensor([[30.0, 20], [50, 40]], requires_grad=True),
    "bfloat16 tensor": torch.tensor([[30, 20], [50, 40]], dtype=torch.bfloat16),
    "list of tensors": [torch.tensor([30, 20]), torch.tensor([50, 40])],
    "list of lists of 0-d tensors": [
        [torch.tensor(30.0, requires_grad=True), torch.tensor(20.0)],
        [torch.tensor(50.0), torch.tensor(40.0)],
    ],
    "tensor of another device": OnAnotherDevice([[30, 20], [50, 40]]),
    "list of tensors of another device": [OnAnotherDevice([30, 20]), OnAnotherDevice([50, 40])],
}
LABELS: dict[str, Any] = {
    "list": [1, 0],
    "bools": [True, False],
    "floats": [1.0, 0.0],
    "0-d tensors": [torch.tensor(1), torch.tensor(0)],
    "0-d tensors with gradient": [torch.tensor(1.0, requires_grad=True), torch.tensor(0.0)],
    "numpy's": [np.int64(1), np.uint8(0)],
}


@every_door
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("points", POINTS.values(), ids=POINTS)
def test_points_and_labels_come_as_they_come(door: Door, points: Any, labels: Any) -> None:
    mask, told = door(points, labels)
    call = told[-1]
    flat = np.ravel(call["points"]).tolist()
    assert flat == pytest.approx([x * FRAME_SCALE for x in (30, 20, 50, 40)], abs=0.3)
    assert call["labels"] == [1, 0]
    assert mask[20, 30]
    assert not mask[40, 50]


# ------------------------------------------------------------------------ what is cut, what is not


@every_door
@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ([-5, 20, 99, 100], [0, 20, WIDTH, HEIGHT]),
        ([-1e9, -1e30, 20, 20], [0, 0, 20, 20]),
        ([0, 0, WIDTH, HEIGHT], [0, 0, WIDTH, HEIGHT]),
        ([10, 10, 10.5, 10.5], [10, 10, 10.5, 10.5]),
        ([np.iinfo(np.int64).min, 0, 40, 40], [0, 0, 40, 40]),
        (np.array([70, 50, 255, 255], np.uint8), [70, 50, WIDTH, HEIGHT]),
    ],
)
def test_what_sticks_out_of_a_box_is_cut(door: Door, box: Any, inside: list[float]) -> None:
    _, told = door(box=box)
    assert told[-1]["boxes"][0].tolist() == pytest.approx([x * FRAME_SCALE for x in inside])


@every_door
@pytest.mark.parametrize(
    ("point", "on_border"),
    [((WIDTH + 0.4, -0.2), (WIDTH, 0)), ((-0.4, HEIGHT + 0.4), (0, HEIGHT))],
)
def test_a_hair_outside_is_the_border(door: Door, point: Any, on_border: Any) -> None:
    _, told = door([point], [1])
    expected = [x * FRAME_SCALE for x in on_border]
    assert np.ravel(told[-1]["points"]).tolist() == pytest.approx(expected, abs=1e-4)


BAD_BOXES: dict[str, tuple[Any, str]] = {
    "without an area": ([10, 10, 10, 10], "has no area"),
    "without a width": ([10, 10, 10, 30], "has no area"),
    "without a height": ([10, 10, 30, 10], "has no area"),
    "thinner than float32 tells": ([50, 10, 50 + 1e-9, 30], "covers nothing|no area"),
    "of an empty mask": ([HEIGHT, WIDTH, -1, -1], "x1 <= x2 and y1 <= y2"),
    "turned round": ([50, 40, 10, 20], "x1 <= x2 and y1 <= y2"),
    "turned round in x": ([50, 20, 10, 40], "x1 <= x2 and y1 <= y2"),
    "zeros": ([0, 0, 0, 0], "has no area"),
    "right of the image": ([WIDTH + 1, 10, WIDTH + 20, 20], "covers nothing of the image"),
    "above the image": ([10, -20, 20, -10], "covers nothing of the image"),
    "along the border": ([WIDTH, 10, WIDTH + 5, 20], "covers nothing of the image"),
    "far away": ([1e30, 0, 2e30, 10], "covers nothing of the image"),
    "NaN": ([10, 20, NAN, 40], "must be finite"),
    "infinite": ([10, 20, INF, 40], "must be finite"),
    "minus infinite": ([-INF, 20, 30, 40], "must be finite"),
    "too large for any float": ([0, 0, 10**400, 40], "too large|too big"),
    "three numbers": ([1, 2, 3], "expected|shape"),
    "five numbers": ([1, 2, 30, 40, 0.9], "expected|shape"),
    "five columns": ([[1, 2, 30, 40, 0.9]], "expected|shape"),
    "one number": (7, "expected|shape"),
    "text": ("10, 20, 50, 40", "expected"),
    "numbers as text": (["10", "20", "50", "40"], "expected"),
    "numbers as text in an array of objects": (np.array(["10", 20, 50, 40], object), "expected"),
    "nothing in it": ([None, 1, 2, 3], "None is no number"),
    "complex": (np.array([10, 20, 50, 40], complex), "expected"),
    "bools": (np.array([False, False, True, True]), "expected"),
    "dates": (np.array([0, 1, 2, 3], "datetime64[s]"), "expected"),
    "a set": ({10, 20, 50, 40}, "expected"),
    "a generator": ((x for x in BOX), "expected"),
    "a dict": ({"x1": 10}, "expected"),
    "uneven": ([[1, 2, 3, 4], [1, 2]], "inhomogeneous"),
    "masked": (np.ma.array(BOX, mask=[0, 0, 1, 0]), "values are masked"),
    "without data": (torch.zeros(4, device="meta"), "no data"),
    "in a list without data": ([torch.zeros(4, device="meta")], "no data"),
    "complex tensor": (torch.tensor(BOX, dtype=torch.complex64), "expected"),
}


@every_door
@pytest.mark.parametrize(("box", "says"), BAD_BOXES.values(), ids=BAD_BOXES)
def test_what_is_no_box_is_refused(door: Door, box: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        door(box=box)
    assert len(str(caught.value)) < 420


@every_door_with_an_image
@pytest.mark.parametrize("name", ["without an area", "of an empty mask", "right of the image"])
def test_a_refusal_tells_what_came_and_how_large_the_image_is(door: Door, name: str) -> None:
    box, _ = BAD_BOXES[name]
    in_model_frame = door in (DOORS["SamPredictor.predict_torch"], DOORS["the call of the model"])
    scale = FRAME_SCALE if in_model_frame else 1
    numbers = ", ".join(f"{x * scale:g}" for x in box)
    size = f"{WIDTH * scale:g} x {HEIGHT * scale:g} pixels"
    with pytest.raises(ValueError, match="the image") as caught:
        door(box=box)
    assert f"({numbers})" in str(caught.value)
    assert size in str(caught.value)


@every_door_with_an_image
@pytest.mark.parametrize(
    ("box", "hint"),
    [([50, 40, 20, 10], True), ([50, 40, 30, 20], True), ([40, 30, 40, 10], True),
     ([70, 50, 20, 10], False), ([50, 40, -10, 10], False), ([HEIGHT, WIDTH, -1, -1], False)],
)  # fmt: skip
def test_where_width_and_height_would_fit_the_refusal_says_so(
    door: Door, box: Any, hint: bool
) -> None:
    with pytest.raises(ValueError, match="the image") as caught:
        door(box=box)
    assert ("(x, y, width, height)" in str(caught.value)) is hint
    x, y, w, h = box
    if hint and door is DOORS["SAM.predict"]:
        assert f"here ({x}, {y}, {x + w}, {y + h})" in str(caught.value)


BAD_POINTS: dict[str, tuple[Any, Any, str]] = {
    "left of the image": ([[-40, 20]], [1], "outside the image"),
    "below the image": ([[20, HEIGHT + 2]], [1], "outside the image"),
    "the last of three": ([[20, 20], [30, 30], [20, 1e9]], [1, 1, 0], "outside the image"),
    "axes swapped": ([[HEIGHT - 5, WIDTH - 1]], [1], r"points are \(x, y\)"),
    "NaN": ([[NAN, 20]], [1], "finite|number"),
    "infinite": ([[20, -INF]], [1], "finite|number"),
    "too large for any float": ([[10**400, 20]], [1], "too large|too big"),
    "too large for float32": ([[1e300, 20]], [1], "outside the image|larger"),
    "too large for an integer": ([[2**80, 20]], [1], "outside the image"),
    "text": ([["a", "b"]], [1], "expected|number"),
    "without data": ([torch.zeros(2, device="meta")], [1], "no data|meta"),
    "masked": ([np.ma.array([20, 20], mask=[0, 1])], [1], "masked"),
    "label 2": ([[20, 20]], [2], "1 .foreground. or 0 .background."),
    "label 0.5": ([[20, 20]], [0.5], "1 .foreground. or 0 .background."),
    "label NaN": ([[20, 20]], [NAN], "1 .foreground. or 0 .background."),
    "label as text": ([[20, 20]], ["1"], "1 .foreground. or 0 .background."),
    "no label": ([[20, 20]], [None], "label"),
    "a label in another row": ([[20, 20]], [torch.tensor(3)], "1 .foreground. or 0 .background."),
}


@every_door
@pytest.mark.parametrize(("points", "labels", "says"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_what_is_no_point_is_refused(door: Door, points: Any, labels: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        door(points, labels)
    assert len(str(caught.value)) < 420


@every_door
@pytest.mark.parametrize(("points", "labels"), [([[1, 2]], [1, 0]), ([[1, 2], [3, 4]], [1])])
def test_lengths_that_differ_are_refused(door: Door, points: Any, labels: Any) -> None:
    with pytest.raises(ValueError, match=r"label|zip"):
        door(points, labels)


@pytest.mark.parametrize("name", DOORS)
def test_a_label_that_fills_a_row_is_for_rows_of_tensors_alone(name: str) -> None:
    points, labels = [[20, 20], [-999, NAN]], [1, -1]
    if "torch" in name or "model" in name:
        mask, told = DOORS[name](points, labels)
        assert told[-1]["labels"] == [1, -1]
        assert mask.any()
    else:
        with pytest.raises(ValueError, match=r"finite|1 .foreground."):
            DOORS[name](points, labels)
        with pytest.raises(ValueError, match=r"1 .foreground. or 0"):
            DOORS[name]([[20, 20]], [-1])


# ------------------------------------------------------------------------- background points alone


@pytest.mark.parametrize("name", WITH_AN_IMAGE)
@pytest.mark.parametrize("points", [[[20, 20]], [[20, 20], [50, 40]]])
def test_background_points_alone_give_an_empty_mask_and_a_sentence(
    name: str, points: list[list[int]]
) -> None:
    with pytest.warns(UserWarning, match=ONLY_BACKGROUND):
        mask, _ = DOORS[name](points, [0] * len(points))
    assert mask.shape == (HEIGHT, WIDTH)
    assert not mask.any()


@every_door
def test_background_points_in_a_box_are_no_background_points_alone(door: Door) -> None:
    mask, told = door([[20, 30]], [0], [10, 20, 50, 40])
    assert told[-1]["labels"] == [0]
    assert mask[30, 45]


def test_of_a_batch_only_those_without_an_object_are_empty() -> None:
    sam, predictor = sam_of(FakeModel()), SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    with pytest.warns(UserWarning, match="objects 0, 2: only background"):
        (results,) = sam.predict(IMAGE, points=[[20, 20], [50, 40], [9, 9]], labels=[0, 1, 0])
    assert [one.area > 0 for one in results] == [False, True, False]
    points = torch.tensor([[[20.0, 20]], [[50, 40]], [[9, 9]]]) * FRAME_SCALE
    with pytest.warns(UserWarning, match="objects 0, 2 of the batch: only background"):
        masks, scores, logits = predictor.predict_torch(points, torch.tensor([[0], [1], [0]]))
    assert masks.flatten(1).any(1).tolist() == [False, True, False]
    assert (scores[0] == 0).all()
    assert (logits[2] < 0).all()


def test_a_positive_click_after_a_background_one_asks_as_if_both_came_together() -> None:
    model = FakeModel()
    widget = SamWidget(IMAGE, fake_predictor(model))
    with pytest.warns(UserWarning, match=ONLY_BACKGROUND):
        widget.add_point(20, 20, 0)
    assert model.decodes == []
    assert len(widget.masks) == 0
    with pytest.raises(ValueError, match="no pixel to commit"):
        widget.commit()
    widget.add_point(50, 40)
    assert model.decodes[-1]["mask_input"] is None
    assert widget.masks[0][40, 50]
    with pytest.warns(UserWarning, match=ONLY_BACKGROUND):
        widget.remove_point(1)
    assert len(widget.masks) == 0
    widget.close()


def test_a_background_click_on_a_mask_takes_away_and_warns_of_nothing() -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[10:50, 10:70] = True
    widget = SamWidget(IMAGE, fake_predictor(), objects=[mask])
    widget.refine(1)
    widget.add_point(30, 30, 0)
    widget.commit()
    assert 0 < widget.objects[0].area < mask.sum()
    widget.close()


# ------------------------------------------------------------------------- empty in, empty out

NOTHING: dict[str, Any] = {
    "list": [],
    "list in a list": [[]],
    "(0, 4)": np.zeros((0, 4)),
    "(0,)": np.zeros(0),
    "(1, 0, 4)": np.zeros((1, 0, 4)),
    "six columns": np.zeros((0, 6), np.float32),
    "tensor": torch.zeros(0, 4),
    "tensor with gradient": torch.zeros(0, 4, requires_grad=True),
    "bfloat16 tensor": torch.zeros(0, 4, dtype=torch.bfloat16),
    "tensor of another device": OnAnotherDevice(np.zeros((0, 4))),
    "array of objects": np.zeros((0, 4), object),
}


@pytest.mark.parametrize("boxes", NOTHING.values(), ids=NOTHING)
def test_no_boxes_give_no_objects(boxes: Any) -> None:
    model = FakeModel()
    found = sam_of(model).predict([IMAGE, IMAGE], bboxes=boxes)
    assert [len(one) for one in found] == [0, 0]
    assert found[0].orig_shape == (HEIGHT, WIDTH)
    assert (found[0].masks, found[0].boxes.xyxy.shape, found[0].error) == (None, (0, 4), None)
    assert found[0].plot().shape == IMAGE.shape
    assert model.encodes == 0, "there is nothing to ask"
    predictor = SamPredictor(model)
    predictor.set_image(IMAGE)
    masks, scores, logits = predictor.predict_torch(None, None, boxes, multimask_output=False)
    assert (masks.shape, scores.shape) == ((0, 1, HEIGHT, WIDTH), (0, 1))
    assert logits.shape == (0, 1, 32, 32)
    alone = predictor.predict(box=boxes)
    assert [x.shape for x in alone] == [(0, HEIGHT, WIDTH), (0,), (0, 32, 32)]
    assert predictor.predict(box=boxes, return_logits=True)[0].dtype == np.float32


@pytest.mark.parametrize(
    "prompts",
    [
        {"points": []},
        {"points": np.zeros((0, 2)), "labels": []},
        {"points": torch.zeros(0, 3, 2), "labels": torch.zeros(0, 3)},
        {"points": np.zeros((2, 0, 2))},
        {"points": [], "bboxes": np.zeros((0, 4)), "masks": []},
        {"masks": np.zeros((0, HEIGHT, WIDTH), bool)},
        {"masks": torch.zeros(0, 32, 32)},
        {"masks": []},
        {"labels": []},
    ],
    ids=str,
)
def test_no_prompts_of_any_kind_give_no_objects(prompts: dict[str, Any]) -> None:
    model = FakeModel()
    (results,) = sam_of(model).predict(IMAGE, **prompts)
    assert len(results) == 0
    assert model.decodes == []


@pytest.mark.parametrize(
    "prompts",
    [
        {"points": [], "bboxes": [BOX]},
        {"points": [[5, 5]], "bboxes": np.zeros((0, 4))},
        {"bboxes": [BOX], "masks": np.zeros((0, 32, 32), np.float32)},
    ],
    ids=str,
)
def test_nothing_does_not_go_together_with_something(prompts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"for 0.*Leave out what there is none of"):
        sam_of(FakeModel()).predict(IMAGE, **prompts)


def test_an_object_without_a_point_may_have_a_box() -> None:
    model = FakeModel()
    (results,) = sam_of(model).predict(IMAGE, points=[[[20, 20]], []], bboxes=[BOX, BOX])
    assert [len(one.point_coords) for one in results] == [1, 0]
    with pytest.raises(ValueError, match=r"points\[1\] is empty"):
        sam_of(model).predict(IMAGE, points=[[[20, 20]], []])


# ----------------------------------------------------------------------------------- masks

SQUARE = np.zeros((HEIGHT, WIDTH), bool)
SQUARE[10:30, 20:50] = True
MASKS: dict[str, Any] = {
    "bool": SQUARE,
    "list of lists": SQUARE.tolist(),
    "integers": SQUARE.astype(np.int64),
    "(1, H, W)": SQUARE[None],
    "(1, 1, H, W)": SQUARE[None, None],
    "(H, W, 1)": SQUARE[..., None],
    "tensor": torch.tensor(SQUARE),
    "(1, 1, H, W) tensor of uint8": torch.tensor(SQUARE, dtype=torch.uint8)[None, None],
    "tensor that is not contiguous": torch.tensor(SQUARE.T.copy()).T,
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_axes_of_length_1_around_a_mask_are_dropped(mask: Any) -> None:
    (results,) = sam_of(FakeModel()).predict(IMAGE, masks=mask)
    (one,) = results
    assert (one.mask ^ SQUARE).mean() < 0.02
    with contextlib.closing(SamWidget(IMAGE, fake_predictor(), objects=[mask])) as widget:
        widget.add_mask(mask, "again")
        np.testing.assert_array_equal(widget.masks, [SQUARE, SQUARE])


STACKS: dict[str, Any] = {
    "(N, H, W)": np.stack([SQUARE, ~SQUARE]),
    "(N, 1, H, W)": np.stack([SQUARE, ~SQUARE])[:, None],
    "(1, N, H, W)": np.stack([SQUARE, ~SQUARE])[None],
    "tensor": torch.tensor(np.stack([SQUARE, ~SQUARE]))[:, None],
    "list": [SQUARE, ~SQUARE],
    "list of (1, H, W) tensors": [torch.tensor(SQUARE)[None], torch.tensor(~SQUARE)[None]],
}


@pytest.mark.parametrize("masks", STACKS.values(), ids=STACKS)
def test_several_masks_are_several_objects(masks: Any) -> None:
    (results,) = sam_of(FakeModel()).predict(IMAGE, masks=masks)
    assert [bool(one.mask[20, 30]) for one in results] == [True, False]
    with contextlib.closing(SamWidget(IMAGE, fake_predictor(), objects=masks)) as widget:
        np.testing.assert_array_equal(widget.masks, [SQUARE, ~SQUARE])


LOGITS = np.where(np.arange(32) < 12, 4, -4) * np.ones((32, 1))


@pytest.mark.parametrize(
    "logits",
    [
        LOGITS[None],
        LOGITS[None, None],
        torch.tensor(LOGITS[None], requires_grad=True),
        torch.tensor(LOGITS[None], dtype=torch.bfloat16),
        [torch.tensor(LOGITS, dtype=torch.float16)],
    ],
    ids=["array", "(1, 1, M, M)", "with gradient", "bfloat16", "list"],
)
def test_logits_come_as_they_come(logits: Any) -> None:
    model = FakeModel()
    predictor = SamPredictor(model)
    predictor.set_image(IMAGE)
    predictor.predict(mask_input=logits)
    predictor.predict_torch(None, None, mask_input=logits)
    predictor.predict_torch(None, None, torch.tensor([BOX, BOX]) * 0.8, mask_input=logits)
    sam_of(model).predict(IMAGE, masks=logits)
    assert len(model.decodes) == 5
    for call in model.decodes:
        np.testing.assert_array_equal(call["mask_input"][0, 0], LOGITS)


@pytest.mark.parametrize(
    ("logits", "says"),
    [
        (np.zeros((1, 9, 9)), r"shape \((1|B, 1), 32, 32\)|\(N, 32, 32\) float"),
        (np.full((1, 32, 32), NAN), "finite"),
        (torch.zeros(1, 32, 32, device="meta"), "no data"),
    ],
    ids=["another size", "NaN", "without data"],
)
def test_what_are_no_logits_is_refused(logits: Any, says: str) -> None:
    predictor = SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    for ask in (
        lambda: predictor.predict(mask_input=logits),
        lambda: predictor.predict_torch(None, None, mask_input=logits),
        lambda: sam_of(FakeModel()).predict(IMAGE, masks=logits),
    ):
        with pytest.raises(ValueError, match=says):
            ask()


def test_numbers_of_objects_that_differ_are_refused_in_a_batch_of_tensors() -> None:
    predictor = SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    boxes = torch.tensor([[1.0, 1, 9, 9]] * 3)
    points, labels = torch.ones(2, 1, 2), torch.ones(2, 1)
    with pytest.raises(ValueError, match="point_coords for 2, boxes for 3"):
        predictor.predict_torch(points, labels, boxes)
    with pytest.raises(ValueError, match="boxes for 3, mask_input for 2"):
        predictor.predict_torch(None, None, boxes, torch.zeros(2, 1, 32, 32))
    with pytest.raises(ValueError, match=r"one label for each point, \(2, 1\), got .* \(3, 1\)"):
        predictor.predict_torch(points, torch.ones(3, 1))


def test_points_of_the_image_in_place_of_the_model_frame_are_noticed() -> None:
    predictor = SamPredictor(FakeModel())
    predictor.set_image(IMAGE)
    with pytest.raises(ValueError, match=r"64 x 48 pixels; SamPredictor\.transform takes"):
        predictor.predict_torch(torch.tensor([[[75.0, 20]]]), torch.ones(1, 1))
