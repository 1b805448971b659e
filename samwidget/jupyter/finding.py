"""What the widget finds by itself, for code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.edit import Edit
from samwidget.editing.found_edits import AddFound
from samwidget.session.jobs import Job
from samwidget.session.session import Session
from samwidget.values.objects import SegmentedObject
from samwidget.values.phrases import read_phrases

T = TypeVar("T")


class FindsByCode:
    """The methods of :class:`samwidget.SamWidget` that find things."""

    _session: Session
    _detector: object

    @abstractmethod
    def _do(self, edit: Edit) -> None:
        """Have an edit done."""

    @abstractmethod
    def _settled(self) -> tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]]:
        """Give image and objects with all edits in them."""

    def find(self, text: str | Sequence[str], **options: Any) -> tuple[SegmentedObject, ...]:
        """Find what phrases name and make objects of it, called like their phrase.

        Parameters
        ----------
        text
            Such as ``"a wheel"``, or several phrases. Needs ``samwidget[text]``.
        **options
            ``detector`` (else the widget's), ``text_threshold`` and settings, see
            :meth:`samwidget.SAM.predict`.

        Returns
        -------
        tuple of SegmentedObject
            Those that were added, surest first; none when nothing was found. One step of undo.

        Raises
        ------
        ValueError
            When there is no image, or a phrase names nothing.
        ImportError
            When transformers is not there.

        See Also
        --------
        find_text : shows what is found, to be looked at first.
        """
        phrases = read_phrases(text)
        image, _ = self._settled()
        if image is None:
            raise ValueError("there is nothing to search: set the widget's image first")
        job = Job[Sequence[SegmentedObject]](
            lambda engine, key, job: engine.find(
                key, phrases, self._with_detector(options), lambda _, done: job.report(done)
            )
        )
        found = self._result(self._session.start(job))
        if not found:
            return ()
        self._do(AddFound(found))
        return self._session.state.document.objects[-len(found) :]

    def find_text(self, text: str | Sequence[str], **options: Any) -> None:
        """Find what phrases name and show it; returns when the search is over.

        As with :meth:`find_everything` it comes bit by bit into :attr:`found` and on the screen,
        and :meth:`take_found` makes objects of it, called like their phrase. What is a little less
        like the text than ``text_threshold`` is kept, too, see :meth:`filter_found`. By hand it is
        the field that the key ``/`` opens.

        Parameters and what is raised are those of :meth:`find`; given up, it raises RuntimeError.

        Examples
        --------
        >>> widget.find_text(["a wheel", "a door"])  # doctest: +SKIP
        >>> widget.filter_found(detection_score_thresh=0.2)  # doctest: +SKIP
        >>> widget.take_found()  # doctest: +SKIP
        """
        self._result(self._session.find_text(read_phrases(text), self._with_detector(options)))

    def _with_detector(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"detector": self._detector, **options}

    def _result(self, job: Job[T]) -> T:
        """Wait for a search; interrupting the cell ends it."""
        try:
            return self._session.result(job.future)
        except KeyboardInterrupt:
            job.cancel()
            raise
