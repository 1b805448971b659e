"""Objects as other libraries' own: supervision's Detections, torchvision's tv_tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated, class_names, class_of
from samwidget.formats.files import missing


def to_detections(image: Annotated, *, classes: Sequence[str] = ()) -> Any:
    """Give one image's objects as ``supervision.Detections``.

    The masks are a stack of a byte for each pixel and object.

    Parameters
    ----------
    image
        Whose objects it holds in their order.
    classes
        The first class ids, from 0; others follow as they come.

    Raises
    ------
    ImportError
        When supervision is not installed.
    """
    try:
        import supervision
    except ImportError:
        raise missing("supervision", "to_detections", "supervision") from None
    if not image.objects:
        return supervision.Detections.empty()
    return supervision.Detections(
        xyxy=_boxes(image),
        mask=_masks(image),
        confidence=np.array([one.score for one in image.objects], np.float32),
        class_id=_class_ids(image, classes),
        data={"class_name": np.array([class_of(one) for one in image.objects])},
    )


def to_tv_tensors(image: Annotated, *, classes: Sequence[str] = ()) -> dict[str, Any]:
    """Give one image's objects as torchvision's transforms and detection models take them.

    Returns
    -------
    dict
        ``boxes`` (N, 4) float32 ``BoundingBoxes`` XYXY, ``masks`` (N, H, W) bool ``Mask``, and
        ``labels`` (N,) int64 from 1, because 0 is torchvision's background.

    Raises
    ------
    ImportError
        When torchvision is not installed.
    """
    try:
        import torch
        from torchvision import tv_tensors
    except ImportError:
        raise missing("torchvision", "to_tv_tensors") from None
    return {
        "boxes": tv_tensors.BoundingBoxes(
            torch.from_numpy(_boxes(image)), format="XYXY", canvas_size=image.size_hw
        ),
        "masks": tv_tensors.Mask(torch.from_numpy(_masks(image))),
        "labels": torch.from_numpy(_class_ids(image, classes).astype(np.int64) + 1),
    }


def _boxes(image: Annotated) -> NDArray[np.float32]:
    return np.array([one.box_xyxy for one in image.objects], np.float32).reshape(-1, 4)


def _masks(image: Annotated) -> NDArray[np.bool_]:
    masks = np.zeros((len(image.objects), *image.size_hw), np.bool_)
    for row, one in zip(masks, image.objects, strict=True):
        row[:] = one.mask
    return masks


def _class_ids(image: Annotated, classes: Sequence[str]) -> NDArray[np.intp]:
    numbers = {name: i for i, name in enumerate(class_names([image], classes))}
    return np.array([numbers[class_of(one)] for one in image.objects], np.intp)
