"""What the widget finds by itself, for code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.add_found import AddFound
from samwidget.editing.edit import Edit
from samwidget.session.jobs import Job
from samwidget.session.session import Session
from samwidget.values.objects import SegmentedObject
from samwidget.values.phrases import read_phrases


class FindsByCode:
    """The methods of :class:`samwidget.SamWidget` that find things."""

    _session: Session

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
            ``detector``, ``text_threshold`` and settings, see :meth:`samwidget.SAM.predict`.

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
        """
        phrases = read_phrases(text)
        image, _ = self._settled()
        if image is None:
            raise ValueError("there is nothing to search: set the widget's image first")
        job = Job[Sequence[SegmentedObject]](
            lambda engine, key, job: engine.find(key, phrases, options, job.report)
        )
        found = self._session.result(self._session.start(job).future)
        if not found:
            return ()
        self._do(AddFound(found))
        return self._session.state.document.objects[-len(found) :]
