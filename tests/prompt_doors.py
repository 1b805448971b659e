"""Every door that takes prompts from code, as a function that asks for one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from fakes import FakeModel, fake_predictor
from numpy.typing import NDArray

from samwidget.jupyter.widget import SamWidget
from samwidget.meta import SamPredictor
from samwidget.models.base import SegmentAnything
from samwidget.predict.predictor import Predictor
from samwidget.sam import SAM
from samwidget.values.prompts import Prompts

HEIGHT, WIDTH = 60, 80
IMAGE = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
FRAME_SCALE = 64 / WIDTH
"""From the image to the fake model's frame."""


class Asked(NamedTuple):
    """What a door made of prompts: the mask, and what the model was told in its frame."""

    mask: NDArray[np.bool_]
    told: list[dict[str, Any]]


Door = Callable[..., Asked]


def sam_of(model: SegmentAnything) -> SAM:
    sam = object.__new__(SAM)
    sam.predictor = Predictor(model, device="cpu")
    return sam


def through_sam(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    nested = None if points is None else [points]
    rows = None if labels is None else [labels]
    (results,) = sam_of(model).predict(IMAGE, points=nested, labels=rows, bboxes=box)
    return Asked(results[0].mask, model.decodes)


def through_a_list(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    nested = None if points is None else [points]
    rows = None if labels is None else [labels]
    _, results = sam_of(model).predict([IMAGE, IMAGE], points=nested, labels=rows, bboxes=box)
    return Asked(results[0].mask, model.decodes[len(model.decodes) // 2 :])


def through_predictor(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    predictor = SamPredictor(model)
    predictor.set_image(IMAGE)
    masks, _, _ = predictor.predict(points, labels, box, multimask_output=False)
    return Asked(np.asarray(masks[0]), model.decodes)


def through_prompts(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    predictor = fake_predictor(model)
    clicks = {} if points is None else {"point_coords": points, "point_labels": labels}
    prompts = Prompts(**clicks, box_xyxy=box)
    found = predictor.predict(predictor.encode(IMAGE), prompts, multimask_output=False)
    return Asked(found.mask(0), model.decodes)


def through_widget(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    widget = SamWidget(IMAGE, fake_predictor(model))
    try:
        if box is not None:
            widget.add_box(box)
        for (x, y), label in zip([] if points is None else points, labels or (), strict=True):
            widget.add_point(x, y, label)
        masks = widget.masks
        return Asked(masks[0] if len(masks) else IMAGE[..., 0] > 0, model.decodes[-1:])
    finally:
        widget.close()


def in_frame(value: Any) -> Any:
    """Bring coordinates to the model frame, as ``SamPredictor.transform`` does."""
    return None if value is None else scaled(value)


def scaled(value: Any) -> Any:
    if hasattr(value, "in_frame"):
        return value.in_frame(FRAME_SCALE)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [scaled(one) for one in value]
    if getattr(value, "dtype", None) == np.bool_:
        return value  # a number it would be by the scale alone
    try:
        return value * FRAME_SCALE
    except (TypeError, OverflowError):
        return value


def through_tensors(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    predictor = SamPredictor(model)
    predictor.set_image(IMAGE)
    nested = None if points is None else [in_frame(points)]
    rows = None if labels is None else [labels]
    masks, _, _ = predictor.predict_torch(nested, rows, in_frame(box), multimask_output=False)  # type: ignore[arg-type]
    return Asked(masks[0, 0].numpy(), model.decodes)


def through_metas_batch(points: Any = None, labels: Any = None, box: Any = None) -> Asked:
    model = FakeModel()
    given = {
        "image": torch.zeros(3, 48, 64),
        "original_size": (HEIGHT, WIDTH),
        "point_coords": None if points is None else [in_frame(points)],
        "point_labels": None if labels is None else [labels],
        "boxes": in_frame(box),
    }
    (answer,) = model([given], multimask_output=False)
    return Asked(answer["masks"][0, 0].numpy(), model.decodes)


DOORS: dict[str, Door] = {
    "SAM.predict": through_sam,
    "SAM.predict of a list": through_a_list,
    "SamPredictor.predict": through_predictor,
    "SamPredictor.predict_torch": through_tensors,
    "the call of the model": through_metas_batch,
    "Predictor.predict": through_prompts,
    "SamWidget": through_widget,
}
