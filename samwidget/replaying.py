"""A work file's prompts once more, without a notebook: the same masks, or it is said why not."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.log import Log
from samwidget.formats.work import Work, WorkImage, read_work
from samwidget.formats.work_items import items_given
from samwidget.results import Results
from samwidget.session.replaying import replayed
from samwidget.session.restoring import other_weights
from samwidget.values.errors import quoted
from samwidget.values.paths import expanded

if TYPE_CHECKING:
    from pathlib import Path

    from samwidget.editing.document import State
    from samwidget.engine.local import LocalEngine
    from samwidget.session.engine import Key, Region
    from samwidget.values.identity import ModelIdentity
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject


def replay(
    path: str | os.PathLike[str],
    *,
    image: object = None,
    model: object = None,
    device: str = "auto",
    precision: str | None = None,
    allow_changes: bool = False,
) -> list[Results]:
    """Do all edits of a work file again: the model is asked anew for each mask.

    Parameters
    ----------
    path
        A file that :meth:`samwidget.SamWidget.save_work` has written.
    image
        Where the image is now; None for the one in the file, or where it was, or beside the file.
        Of work on a list, that list: of images that have the same names.
    model
        None for the one that the work was made with.
    device, precision
        As for :class:`samwidget.Predictor`; None is the precision that the work was made in.
    allow_changes
        Whether other pixels and other weights will do: the same prompts for a better model.

    Returns
    -------
    list of Results
        One for each image, with its objects and then the draft, if it has a mask.

    Raises
    ------
    FileNotFoundError
        When there is no such file, or an image is gone.
    ValueError
        When it is no work file, is damaged, was written by a newer samwidget, or an image or the
        model has changed: all before anything is predicted.

    Warns
    -----
    UserWarning
        When the weights are the same and masks differ from those in the file all the same, since
        another processor, precision or version of torch computes them.

    Notes
    -----
    Masks are the same bit for bit where the weights, the machine and the versions are.

    Examples
    --------
    >>> from samwidget import replay
    >>> replay("cups.samw")[0].masks  # doctest: +SKIP
    >>> replay("cups.samw", model="vit_h", allow_changes=True)  # doctest: +SKIP
    """
    from samwidget.engine.local import LocalEngine

    work, file = read_work(path), expanded(path)
    chosen = _model(work, file) if model is None else model
    pixels = _checked_pixels(work, file, image, allow_changes=allow_changes)
    known = [one.made_with for one in work.images if one.made_with is not None]
    wanted = precision or (known[0].precision if known else "auto")
    engine = LocalEngine.of(chosen, device, wanted)
    try:
        return [
            _replayed(engine, one, found, allow_changes=allow_changes)
            for one, found in zip(work.images, pixels, strict=True)
        ]
    finally:
        engine.close()


def _model(work: Work, file: Path) -> str:
    if work.model is None:
        raise ValueError(
            f"the work in {quoted(file.name)} was made with a model that was given as an object: "
            "give it again, model=..."
        )
    return work.model


def _checked_pixels(
    work: Work, file: Path, image: object, *, allow_changes: bool
) -> Sequence[NDArray[np.uint8]]:
    """Read all images, and say before anything runs that one is gone or has changed."""
    sources: dict[int, object] = {}
    if image is not None and work.listed:
        items, places = items_given(work, file, image)
        for then, one in enumerate(work.listed):
            item = items.get(places[then]) if then in places else None
            if one.image is not None and item is not None:
                sources[one.image] = item.source
    elif image is not None:
        sources[0] = image
    found = []
    for number, image_work in enumerate(work.images):
        source = sources[number] if number in sources else image_work.source(file)
        found.append(image_work.pixels(source, allow_changes=allow_changes))
    return found


def _replayed(
    engine: LocalEngine, one: WorkImage, pixels: NDArray[np.uint8], *, allow_changes: bool
) -> Results:
    height, width = pixels.shape[:2]
    whole = (0, 0, width, height)
    keys: dict[Region, Key] = {}

    def key_of(region: Region | None) -> Key:
        asked = whole if region is None else region
        if asked not in keys:
            keys[asked] = engine.embed(pixels, asked, lambda _phase, _fraction: None)
        return keys[asked]

    try:
        identity, before = engine.identity(key_of(None)), one.made_with
        if before is not None and before.is_other_weights(identity) and not allow_changes:
            raise ValueError(other_weights(before, identity))
        state = replayed(engine, key_of, one.state.log or Log.of(one.state))
    finally:
        for key in keys.values():
            engine.forget(key)
    objects = _all_objects(state)
    if before is not None and not before.is_other_weights(identity):
        _warn_of_differences(one, objects, before, identity)
    return Results(pixels, objects, one.origin)


def _warn_of_differences(
    one: WorkImage,
    objects: Sequence[SegmentedObject],
    before: ModelIdentity,
    now: ModelIdentity,
) -> None:
    saved = {each.id: each for each in _all_objects(one.state)}
    ids = [
        each.id
        for each in objects
        if each.id not in saved or not _is_same(each.shape, saved[each.id].shape)
    ]
    missing = saved.keys() - {each.id for each in objects}
    if not ids and not missing:
        return
    why = "another processor or version of torch computes otherwise"
    if before != now:
        why = f"they were made by {before}, these by {now}"
    listed = ", ".join(map(str, sorted([*ids, *missing])))
    warnings.warn(
        f"{one.name}: the masks of the objects {listed} are not those in the file: {why}",
        stacklevel=3,
    )


def _all_objects(state: State) -> tuple[SegmentedObject, ...]:
    made = state.draft_object()
    return (*state.document.objects, made) if made else state.document.objects


def _is_same(one: Mask, other: Mask) -> bool:
    """Whether exactly the same pixels are inside."""
    if one.size_hw != other.size_hw or one.box_xyxy != other.box_xyxy:
        return False
    x1, y1, x2, y2 = map(int, one.box_xyxy)
    return np.array_equal(one.crop((x1, y1, x2, y2)), other.crop((x1, y1, x2, y2)))
