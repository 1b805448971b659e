"""Label images: the number of an object, or of its class, in each pixel; PNG and TIFF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.formats.annotated import Annotated, class_names, class_of
from samwidget.values.errors import quoted
from samwidget.values.label_image import label_image
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts
from samwidget.values.whole_files import replacing

Winner = Literal["last", "first", "smallest", "largest", "best"]

_RANKS: dict[str, Callable[[int, SegmentedObject], float]] = {
    "last": lambda i, _: i,
    "first": lambda i, _: -i,
    "smallest": lambda _, one: -one.area,
    "largest": lambda _, one: one.area,
    "best": lambda _, one: one.score,
}


def to_label_image(
    image: Annotated,
    *,
    overlap: Winner = "last",
    values: Literal["objects", "classes"] = "objects",
    classes: Sequence[str] = (),
) -> NDArray[np.int32]:
    """Write a number into each pixel.

    Parameters
    ----------
    image
        Whose objects are numbered from 1 in their order.
    overlap
        Which object has the pixels where several are: the last or first of them, the smallest or
        largest, or the one with the best score.
    values
        Write the objects' numbers, or those of their classes, from 1.
    classes
        The first classes, in this order; others follow as they come.

    Returns
    -------
    ndarray
        (H, W) int32, 0 where nothing is.

    Raises
    ------
    ValueError
        When ``overlap`` or ``values`` is none of these.
    """
    if overlap not in _RANKS:
        raise ValueError(f"overlap must be one of {', '.join(_RANKS)}, got {quoted(overlap)}")
    if values not in ("objects", "classes"):
        raise ValueError(f"values must be 'objects' or 'classes', got {quoted(values)}")
    rank = _RANKS[overlap]
    order = sorted(range(len(image.objects)), key=lambda i: rank(i, image.objects[i]))
    drawn = label_image([image.objects[i].shape for i in order], image.size_hw)
    names = {name: i for i, name in enumerate(class_names([image], classes), start=1)}
    numbers = [i + 1 if values == "objects" else names[class_of(image.objects[i])] for i in order]
    table = np.array([0, *numbers], np.int32)
    written: NDArray[np.int32] = table[drawn]
    return written


def write_label_image(
    image: Annotated,
    path: Path,
    *,
    overlap: Winner = "last",
    values: Literal["objects", "classes"] = "objects",
    classes: Sequence[str] = (),
    dtype: str | None = None,
) -> None:
    """Write :func:`to_label_image`'s array as PNG or TIFF.

    Parameters
    ----------
    image, overlap, values, classes
        As there.
    path
        Ends in .png, .tif or .tiff.
    dtype
        ``"uint8"``, ``"uint16"`` or, of TIFF only, ``"uint32"`` (which is stored as int32); None
        takes the smallest that holds the numbers.

    Raises
    ------
    ValueError
        When the numbers do not fit.
    """
    labels = to_label_image(image, overlap=overlap, values=values, classes=classes)
    highest = int(labels.max(initial=0))
    is_png = path.suffix.lower() == ".png"
    if path.suffix.lower() not in (".png", ".tif", ".tiff"):
        raise ValueError(f"a label image is a .png, .tif or .tiff file, got {quoted(path.name)}")
    known = {"uint8": 255, "uint16": 65535} | ({} if is_png else {"uint32": 2**31 - 1})
    wanted = dtype or next((name for name, most in known.items() if highest <= most), None)
    if wanted not in known or highest > known[wanted]:
        raise ValueError(
            f"{'PNG' if is_png else 'TIFF'} label images are {', '.join(known)}; got "
            f"{dtype or 'none'} for numbers up to {highest:,}"
        )
    stored = labels if wanted == "uint32" else labels.astype(wanted)
    with replacing(path) as part:
        if is_png:
            Image.fromarray(stored).save(part, "PNG")
        else:
            Image.fromarray(stored).save(part, "TIFF", compression="tiff_adobe_deflate")


def from_label_image(
    labels: NDArray[np.integer],
    *,
    classes: Sequence[str] | None = None,
    file_name: str = "image.png",
) -> Annotated:
    """Make an object of each number but 0, in their order.

    Parameters
    ----------
    labels
        (H, W) integers.
    classes
        When the numbers are those of classes: number i is called ``classes[i - 1]``.
    file_name
        Of the image.

    Raises
    ------
    ValueError
        When it has another shape, negative numbers, or a number that no class has.
    """
    if labels.ndim != 2 or labels.dtype.kind not in "iub" or labels.size == 0:
        raise ValueError(
            f"a label image must be (H, W) integers, got {labels.shape} {labels.dtype}"
        )
    if labels.min() < 0:
        raise ValueError(f"labels must not be negative, got {labels.min()}")
    numbers, places = np.unique(labels, return_inverse=True)
    from scipy import ndimage  # takes 0.3 s

    boxes = ndimage.find_objects(places.reshape(labels.shape) + 1)
    objects: list[SegmentedObject] = []
    for number, box in zip(numbers.tolist(), boxes, strict=True):
        if number == 0:
            continue
        if classes is not None and number > len(classes):
            raise ValueError(f"label {number} has no name: there are {len(classes)} classes")
        part = Mask.from_array(labels[box] == number)
        shape = part.placed(box[1].start, box[0].start, (labels.shape[0], labels.shape[1]))
        name = "" if classes is None else classes[number - 1]
        index = len(objects)
        objects.append(SegmentedObject(index, name, 1.0, shape, Prompts(), color_for(index)))
    return Annotated(tuple(objects), (labels.shape[0], labels.shape[1]), file_name)
