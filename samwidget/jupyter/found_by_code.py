"""The search for everything, and what becomes of what it finds, for code."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np

from samwidget.editing import found_edits
from samwidget.editing.document import State
from samwidget.editing.edit import Edit
from samwidget.session.session import Session
from samwidget.values.objects import SegmentedObject


class FoundByCode:
    """The methods of :class:`samwidget.SamWidget` about what is found without a click.

    What was found is no object yet and no part of what undo goes through; :meth:`take_found` makes
    objects of it.
    """

    _session: Session

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled_state(self) -> State:
        """Give the state with all edits in it."""

    def find_everything(self, **settings: Any) -> None:
        """Search the image for everything; returns when the search is over.

        What it finds comes bit by bit into :attr:`found` and on the screen, where one goes on
        working meanwhile. A search that is under way already is given up for this one. Interrupting
        the cell ends it, as :meth:`stop_finding` and the button do; then what was found before is
        back.

        Parameters
        ----------
        **settings
            ``preset`` (``"fast"``, ``"balanced"``, ``"fine"``) and the attributes of
            :class:`samwidget.predict.grid.Grid`: ``points_per_side``, ``pred_iou_thresh``,
            ``stability_score_thresh``, ``crop_n_layers`` ... The search keeps also what fails the
            two score thresholds by a little, see :meth:`filter_found`.

        Raises
        ------
        TypeError, ValueError
            When there is no such setting, it is out of range, or there is no image.
        RuntimeError
            When it was given up: stopped, or another image was set.
        Exception
            What went wrong with the model or the image.

        Examples
        --------
        >>> widget.find_everything(points_per_side=16)  # doctest: +SKIP
        >>> widget.take_found([one for one in widget.found if one.area > 500])  # doctest: +SKIP
        """
        job = self._session.find_everything(settings)
        try:
            self._session.result(job.future)
        except KeyboardInterrupt:
            job.cancel()
            raise

    def stop_finding(self) -> None:
        """End the search that is under way, from a callback or another thread; waits for nothing.

        What was found before it is back. Without a search nothing happens.
        """
        self._session.stop_finding()

    @property
    def found(self) -> tuple[SegmentedObject, ...]:
        """What a search has found so far and is shown, best first; without what was taken.

        Each has an ``id`` of its own, which is no object's, and keeps it for good.
        """
        return self._settled_state().found_left

    def take_found(self, ids: Iterable[int | SegmentedObject] | None = None) -> None:
        """Make found masks objects, called as the toolbar says; one step for undo.

        Parameters
        ----------
        ids
            The ids of what is to be taken, or what :attr:`found` gave; None for all that is shown.
            What is taken already stays as it is.

        Raises
        ------
        ValueError
            When nothing was searched for, or something is not among what was found.
        """
        self._do(found_edits.TakeFound(None if ids is None else ids_of(ids)))

    def filter_found(
        self, pred_iou_thresh: float | None = None, stability_score_thresh: float | None = None
    ) -> None:
        """Show other masks of those found, without another search; None leaves a threshold.

        Raises
        ------
        ValueError
            When a threshold is below what was searched for.
        """
        found = self._settled_state().found
        if found is not None:
            now = found.thresholds
            pred_iou_thresh = now.pred_iou_thresh if pred_iou_thresh is None else pred_iou_thresh
            if stability_score_thresh is None:
                stability_score_thresh = now.stability_score_thresh
        self._do(found_edits.FilterFound(pred_iou_thresh or 0.0, stability_score_thresh or 0.0))

    def drop_found(self) -> None:
        """Forget what was found, and end the search for it; objects stay."""
        self._do(found_edits.DropFound())


def ids_of(
    found: int | np.integer[Any] | SegmentedObject | Iterable[int | SegmentedObject],
    what: str = "a found mask",
) -> list[int]:
    """Take ids, or the masks that have them."""
    some = (found,) if isinstance(found, int | np.integer | SegmentedObject) else found
    ids = [one.id if isinstance(one, SegmentedObject) else one for one in some]
    try:
        return [operator.index(an_id) for an_id in ids]
    except TypeError as error:
        raise TypeError(f"{what} is named by its id, a whole number; got {ids!r:.100}") from error
