"""Work files, ``.samw``: everything that a person has made of some images, to go on with later.

``docs/work_files.md`` describes them. Reading one runs no code.
"""

from __future__ import annotations

import datetime
import io
import json
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samwidget.editing.document import State
from samwidget.formats.work_lists import Listed, found_at, listed_as_json, listed_from_json
from samwidget.formats.work_values import DTYPES, DamagedError, Packed, Packer, Unpacker
from samwidget.values.errors import quoted, shortened
from samwidget.values.identity import ModelIdentity, image_hash
from samwidget.values.images import read_image
from samwidget.values.paths import expanded, explained, reason_of
from samwidget.values.whole_files import replacing

FORMAT = "samwidget work"
VERSION = 2
"""Files of this version and older are read. Work on one image is written as version 1."""

MOST_BYTES = 1 << 32
"""No part of a work file may be larger when it is unpacked."""

_MANIFEST, _VALUES = "work.json", "values.json"


@dataclass(frozen=True, eq=False)
class WorkImage:
    """The work on one image.

    Attributes
    ----------
    state
        Objects, draft, history, log, classes.
    content_hash
        Of the image, see :func:`samwidget.values.identity.image_hash`.
    origin
        The path or address where it came from; None for what has none.
    made_with
        The model that its masks are of; None when none was asked.
    embedded
        The image as a PNG file, or what makes that when it is written; None where the file only
        refers to it, or it could not be made.
    view_xyxy
        What was on the screen, in pixels of the image; None for all of it.
    """

    state: State
    content_hash: str
    origin: str | None = None
    made_with: ModelIdentity | None = None
    embedded: bytes | Callable[[], bytes | None] | None = None
    view_xyxy: tuple[float, float, float, float] | None = None

    @property
    def name(self) -> str:
        """What messages call the image."""
        return "the image" if self.origin is None else shortened(Path(self.origin).name)

    def source(self, work: Path) -> bytes | str:
        """Tell where the image is: in the work file, where it was, or beside the file.

        Raises
        ------
        ValueError
            When it came from no file and is not in this one.
        """
        if isinstance(self.embedded, bytes):
            return self.embedded
        if self.origin is None:
            raise ValueError(
                f"{quoted(work.name)} does not hold its image, which came from no file: give it, "
                "image=..."
            )
        return found_at(self.origin, work)

    def pixels(self, source: object, *, allow_changes: bool = False) -> NDArray[np.uint8]:
        """Give the image, (H, W, 3) uint8 RGB.

        Parameters
        ----------
        source
            Where it is, see :meth:`source`.
        allow_changes
            Whether its pixels may be others than they were.

        Raises
        ------
        FileNotFoundError, ValueError
            When it is not there, or is another one.
        """
        try:
            found = read_image(source).pixels
        except FileNotFoundError as error:
            raise FileNotFoundError(
                f"the image of the work is not there any more, nor beside the work file: {error}; "
                "say where it is, image=..."
            ) from None
        height, width = self.state.size_hw or (0, 0)
        if found.shape[:2] != (height, width):
            raise ValueError(
                f"{self.name} has changed since the work was saved: it had {width} x {height} "
                f"pixels and has {found.shape[1]} x {found.shape[0]}"
            )
        if not allow_changes and image_hash(found) != self.content_hash:
            raise ValueError(
                f"{self.name} has changed since the work was saved: its pixels are others. Give "
                "the image that it was, image=..., or go on all the same with allow_changes=True"
            )
        return found


@dataclass(frozen=True, eq=False)
class Work:
    """All that a work file holds.

    Attributes
    ----------
    images
        At least one.
    model
        The name or path that opens the model; None when it was an open one.
    present
        Index of the image that was shown; in ``listed`` if that names any.
    saved_at
        When it was written.
    listed
        The images of the list that the work is on, as a person went through them; empty without a
        list.
    """

    images: Sequence[WorkImage]
    model: str | None = None
    present: int = 0
    saved_at: datetime.datetime | None = None
    listed: Sequence[Listed] = ()

    def __post_init__(self) -> None:
        count = len(self.listed or self.images)
        if not (self.images and 0 <= self.present < count):
            raise ValueError(f"there is no image {self.present} among {count}")


def as_png(image: NDArray[np.uint8]) -> bytes:
    """Write an image (H, W, 3) uint8 RGB as a PNG, without any loss."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=1)
    return file.getvalue()


def write_work(path: str | os.PathLike[str], work: Work) -> Path:
    """Write a work file, whole or not at all.

    Raises
    ------
    OSError
        When the path cannot be written to; what was there stays.
    """
    target = expanded(path, "the path of a work file")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {quoted(str(target.parent))} to write into")
    from samwidget import __version__

    packer = Packer()
    described = [_described(one, number, packer) for number, one in enumerate(work.images)]
    packed = packer.packed()
    now = datetime.datetime.now(datetime.UTC)
    manifest = {
        "format": FORMAT,
        "version": VERSION if work.listed else 1,
        "samwidget": __version__,
        "saved_at": now.isoformat(timespec="seconds"),
        "model": work.model,
        "present": work.present,
        "images": described,
    }
    if work.listed:
        manifest["list"] = listed_as_json(work.listed)
    try:
        with replacing(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as file:
            for one, image in zip(described, work.images, strict=True):
                embedded = image.embedded() if callable(image.embedded) else image.embedded
                if embedded is None:
                    one["embedded"] = None
                else:
                    file.writestr(one["embedded"], embedded, zipfile.ZIP_STORED)
            file.writestr(_MANIFEST, _json(manifest, indent=1))
            file.writestr(_VALUES, _json(packed.nodes))
            for dtype, buffer in packed.buffers.items():
                file.writestr(_buffer_name(dtype), buffer, compresslevel=1)
    except OSError as error:
        raise explained(error, f"the work could not be saved as {quoted(target)}") from error
    return target


def read_work(path: str | os.PathLike[str]) -> Work:
    """Read a work file.

    Raises
    ------
    FileNotFoundError
        When there is none.
    ValueError
        When it is none, is damaged, or was written by a newer samwidget.
    """
    source = expanded(path, "the path of a work file")
    with _opened(source) as file:
        try:
            return _read(file, source)
        except (zipfile.BadZipFile, zlib.error, DamagedError, KeyError, EOFError) as error:
            raise _damaged(source, str(error)) from error
        except (OSError, RuntimeError, RecursionError) as error:
            raise _damaged(source, type(error).__name__) from error


def _read(file: zipfile.ZipFile, source: Path) -> Work:
    manifest = _manifest(file, source)
    nodes = _parsed(_bytes(file, _VALUES), _VALUES)
    names = set(file.namelist())
    held = {d: _bytes(file, _buffer_name(d)) for d in DTYPES if _buffer_name(d) in names}
    unpacker = Unpacker(Packed(nodes, held))
    listed = manifest.get("images")
    if not isinstance(listed, list) or not listed:
        raise DamagedError("it names no images")
    images = [_image(one, f"images[{number}]", unpacker, file) for number, one in enumerate(listed)]
    model, present = manifest.get("model"), manifest.get("present")
    if not isinstance(model, str | None) or not isinstance(present, int):
        raise DamagedError("model or present is wrong")
    in_list = listed_from_json(manifest.get("list"), len(images))
    if not 0 <= present < len(in_list or images):
        raise DamagedError(f"there is no image {present}")
    try:
        saved_at = datetime.datetime.fromisoformat(str(manifest.get("saved_at")))
    except ValueError as error:
        raise DamagedError(f"saved_at: {error}") from error
    return Work(images, model, present, saved_at, in_list)


def _manifest(file: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    if _MANIFEST not in file.namelist():
        raise ValueError(f"{quoted(source.name)} is no work file of samwidget")
    manifest = _parsed(_bytes(file, _MANIFEST), _MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"{quoted(source.name)} is no work file of samwidget")
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DamagedError(f"version: expected a whole number, got {quoted(version)}")
    if version > VERSION:
        from samwidget import __version__

        raise ValueError(
            f"{quoted(source.name)} was written by samwidget {manifest.get('samwidget')} in "
            f"version {version} of the format; samwidget {__version__} reads versions up to "
            f"{VERSION}: pip install -U samwidget"
        )
    return manifest


def _described(image: WorkImage, number: int, packer: Packer) -> dict[str, Any]:
    made_with = image.made_with
    return {
        "origin": image.origin,
        "hash": image.content_hash,
        "embedded": f"images/{number}.png",
        "state": packer.add(_kept(image.state)),
        "made_with": None if made_with is None else vars(made_with),
        "view": image.view_xyxy,
    }


def _image(one: Any, place: str, unpacker: Unpacker, file: zipfile.ZipFile) -> WorkImage:
    if not isinstance(one, dict):
        raise DamagedError(f"{place}: expected names with values, got {quoted(one)}")
    origin, content_hash, embedded = (one.get(key) for key in ("origin", "hash", "embedded"))
    if not isinstance(origin, str | None) or not isinstance(content_hash, str):
        raise DamagedError(f"{place}: origin or hash is wrong")
    if not isinstance(embedded, str | None):
        raise DamagedError(f"{place}.embedded: expected a name, got {quoted(embedded)}")
    state: State = unpacker.get(one.get("state"), State)
    if state.size_hw is None or min(state.size_hw) < 1:
        raise DamagedError(f"{place}: an image has at least 1 x 1 pixel, got {state.size_hw}")
    return WorkImage(
        state,
        content_hash,
        origin,
        _identity(one.get("made_with"), place),
        None if embedded is None else _bytes(file, embedded),
        _view(one.get("view"), place),
    )


def _view(value: Any, place: str) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 4:
        raise DamagedError(f"{place}.view: expected four numbers, got {quoted(value)}")
    for number in value:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not math.isfinite(number):
            raise DamagedError(f"{place}.view: expected four numbers, got {quoted(value)}")
    x1, y1, x2, y2 = map(float, value)
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _identity(value: Any, place: str) -> ModelIdentity | None:
    if value is None:
        return None
    try:
        identity = ModelIdentity(**value)
    except TypeError as error:
        raise DamagedError(f"{place}.made_with: {error}") from error
    texts = (identity.name, identity.fingerprint, identity.precision)
    if not all(isinstance(text, str) for text in texts):
        raise DamagedError(f"{place}.made_with: expected texts, got {quoted(value)}")
    return identity


def _kept(state: State) -> State:
    """Leave out what a model can be asked for again, but for the present draft."""
    return replace(
        state,
        found=None,
        kept=None,
        past=tuple(replace(one, draft=one.draft.forgetful()) for one in state.past),
        future=tuple(replace(one, draft=one.draft.forgetful()) for one in state.future),
    )


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there is no work file {quoted(source)} (looked from {Path.cwd()})"
        ) from None
    except zipfile.BadZipFile:
        raise ValueError(
            f"{quoted(source.name)} is no work file of samwidget, or was cut off"
        ) from None
    except OSError as error:
        raise ValueError(f"{quoted(source.name)} could not be read: {reason_of(error)}") from error


def _damaged(source: Path, why: str) -> ValueError:
    return ValueError(f"{quoted(source.name)} is damaged: {shortened(why, 200)}")


def _bytes(file: zipfile.ZipFile, name: str) -> bytes:
    size = file.getinfo(name).file_size
    if size > MOST_BYTES:
        raise DamagedError(f"{name} would have {size:,} bytes")
    return file.read(name)


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise DamagedError(f"{name}: {error}") from error


def _json(value: Any, indent: int | None = None) -> str:
    separators = None if indent else (",", ":")
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    # The name of a file that is not Unicode is kept as JSON has it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _buffer_name(dtype: str) -> str:
    return f"arrays/{dtype[1:]}"
