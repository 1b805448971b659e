"""YOLO's segmentation labels: a text file for each image, and ``data.yaml`` with the classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated, class_names, class_of
from samwidget.formats.files import missing, write_text
from samwidget.values.errors import quoted
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.outlines import Ring
from samwidget.values.palette import color_for
from samwidget.values.prompts import Prompts


def to_lines(image: Annotated, classes: Sequence[str]) -> list[str]:
    """Give a line for each object: the class's number and one ring, as shares of the image.

    A line has one ring only, so that parts and holes are joined to it by bridges of no width. Empty
    masks are left out.
    """
    height, width = image.size_hw
    lines = []
    for one in image.objects:
        rings = [ring for polygon in one.shape.polygons() for ring in polygon]
        if rings:
            shares = _joined(rings) / (width, height)
            numbers = (f"{value:.7g}" for value in shares.ravel())
            lines.append(f"{classes.index(class_of(one))} {' '.join(numbers)}")
    return lines


def write_yolo(
    images: Sequence[Annotated], folder: Path, *, classes: Sequence[str] = ()
) -> list[Path]:
    """Write ``labels/NAME.txt`` for each image, and ``data.yaml``; the images stay where they are.

    Parameters
    ----------
    images
        Whose file names differ also without their endings.
    folder
        Made if need be; what is there of these names is replaced.
    classes
        The first classes, in this order, from 0; others follow as they come.

    Raises
    ------
    ValueError
        When two images have the same name.
    """
    stems = [image.stem for image in images]
    doubles = sorted({stem for stem in stems if stems.count(stem) > 1})
    if doubles:
        raise ValueError(
            f"several images are called {quoted(doubles[0])}; their labels would be one file"
        )
    names = class_names(images, classes)
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    written = []
    for image in images:
        target = folder / "labels" / f"{image.stem}.txt"
        write_text(target, "".join(f"{line}\n" for line in to_lines(image, names)))
        written.append(target)
    # JSON strings are YAML strings.
    listed = "".join(f"  {i}: {json.dumps(name)}\n" for i, name in enumerate(names))
    write_text(folder / "data.yaml", f"path: .\ntrain: images\nval: images\nnames:\n{listed}")
    return [*written, folder / "data.yaml"]


def from_lines(
    lines: Sequence[str], size_hw: tuple[int, int], classes: Sequence[str], file_name: str
) -> Annotated:
    """Read one image's lines: rings, or boxes (class, x and y of the centre, width, height).

    Raises
    ------
    ValueError
        When a line is neither, or its class has no name; the text says which line.
    """
    height, width = size_hw
    objects: list[SegmentedObject] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{file_name}, line {number}"
        try:
            kind, *values = line.split()
            label = classes[int(kind)] if int(kind) >= 0 else classes[len(classes)]
            shares = np.array([float(value) for value in values])
        except IndexError:
            raise ValueError(f"{where}: there is no class {kind} among {len(classes)}") from None
        except ValueError:
            raise ValueError(f"{where}: expected numbers, got {quoted(line)}") from None
        prompts = Prompts()
        if len(shares) in (4, 5):  # perhaps with a confidence
            x, y, w, h = shares[:4] * (width, height, width, height)
            box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
            ring = np.array(box)[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
            prompts = Prompts(box_xyxy=np.array(box, np.float32))
        elif len(shares) >= 6 and len(shares) % 2 == 0:
            ring = shares.reshape(-1, 2) * (width, height)
            near = np.rint(ring)
            ring = np.where(
                np.abs(ring - near) < 1e-3 * max(1, width / 1000, height / 1000), near, ring
            )
        else:
            raise ValueError(
                f"{where}: expected a class and a box of 4 numbers or a ring of at least 3 points, "
                f"got {len(shares)} numbers"
            )
        shape = Mask.from_polygons([ring], size_hw)
        number_of = len(objects)
        objects.append(SegmentedObject(number_of, label, 1.0, shape, prompts, color_for(number_of)))
    return Annotated(tuple(objects), size_hw, file_name)


def read_yolo(folder: Path, sizes_hw: dict[str, tuple[int, int]]) -> list[Annotated]:
    """Read what :func:`write_yolo` has written.

    Parameters
    ----------
    folder
        With ``data.yaml`` and ``labels``.
    sizes_hw
        Of each image, by its file name; YOLO's labels do not tell. One without labels has no
        objects.
    """
    classes = read_classes(folder / "data.yaml")
    found = []
    for file_name, size_hw in sizes_hw.items():
        source = folder / "labels" / f"{PurePath(file_name).stem}.txt"
        lines = source.read_text(encoding="utf-8").splitlines() if source.is_file() else []
        found.append(from_lines(lines, size_hw, classes, file_name))
    return found


def read_classes(path: Path) -> list[str]:
    """Read the classes of a ``data.yaml``, a list or a mapping from numbers.

    Raises
    ------
    ImportError
        When PyYAML is not installed.
    ValueError
        When it has no ``names``.
    """
    try:
        import yaml
    except ImportError:
        raise missing("PyYAML", "reading data.yaml", "yolo") from None
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = data.get("names") if isinstance(data, dict) else None
    if isinstance(names, dict):
        names = [names.get(i) for i in range(len(names))]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{path.name}: expected the classes under 'names', got {quoted(data)}")
    return names


def _joined(rings: Sequence[Ring]) -> NDArray[np.float64]:
    """Join rings to one: over a bridge to the nearest corner, round, and back over the bridge."""
    whole = rings[0]
    for ring in rings[1:]:
        near, own = _nearest(whole, ring)
        round_trip = np.concatenate([np.roll(ring, -own, axis=0), ring[own : own + 1]])
        whole = np.concatenate([whole[: near + 1], round_trip, whole[near:]])
    return whole.astype(np.float64)


def _nearest(one: Ring, other: Ring) -> tuple[int, int]:
    """Give the indices of the two corners that are nearest to each other."""
    from scipy.spatial import cKDTree

    distances, nearest = cKDTree(one).query(other)
    own = int(distances.argmin())
    return int(nearest[own]), own
