"""What a session asks for, and from whom: an engine embeds images and answers prompts, by keys.

A session never sees a model. What an engine keeps for an image it names by a key; where it keeps
it, in this process or on another machine, is its own matter. Everything that passes through here is
numpy and plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from samwidget.values.candidates import Candidate
    from samwidget.values.filtering import Thresholds
    from samwidget.values.identity import ModelIdentity
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject
    from samwidget.values.prediction import Prediction
    from samwidget.values.prompts import Prompts

Key = str
"""Names an embedding that an engine holds."""

Region = tuple[int, int, int, int]
"""XYXY in whole pixels of the image: the part of it that an embedding is of."""

OnProgress = Callable[[str, float | None], None]
"""Told what is done, ``"loading"`` or ``"embedding"``, and the fraction of it from 0 to 1, None
when it has just begun. What it raises ends the work and reaches the caller."""


class Engine(Protocol):
    """Embeds images and predicts masks. One thread asks at a time."""

    name: str
    """Of the model, for the person."""

    @property
    def device(self) -> str:
        """Where the model runs, for the person; empty while it is not there."""

    def embed(self, image: NDArray[np.uint8], region: Region, on_progress: OnProgress) -> Key:
        """Embed a region of an image (H, W, 3) uint8 RGB; loads the model first if need be."""

    def predict(
        self, key: Key, prompts: Prompts, start: Mask | None, *, multimask_output: bool
    ) -> Prediction:
        """Predict the masks of one object.

        Parameters
        ----------
        key
            From :meth:`embed`.
        prompts
            In pixels of the whole image.
        start
            The mask that the prompts refine, None to begin from scratch.
        multimask_output
            Three candidates, for prompts that may mean several things, or one mask.
        """

    def frame_side(self) -> int:
        """Tell how many pixels a side of the square has that the model sees of a region.

        Asked when an image has been embedded.
        """

    def identity(self, key: Key) -> ModelIdentity:
        """Tell which model has embedded what is held under a key."""

    def thresholds(self, options: dict[str, Any]) -> Thresholds:
        """Tell what :meth:`everything` keeps by these options, checked; some of them may be absent.

        Asked when an image has been embedded.

        Raises
        ------
        TypeError, ValueError
            When an option is none, or out of its range.
        """

    def everything(
        self,
        key: Key,
        options: dict[str, Any],
        on_found: Callable[[Sequence[Candidate], float], None],
    ) -> None:
        """Look for everything; tells what is found on the way, with the fraction done.

        Told are all masks that are good enough, doubles included. What ``on_found`` raises ends the
        search and reaches the caller.
        """

    def text_threshold(
        self, options: dict[str, Any], on_progress: Callable[[float], None]
    ) -> float:
        """Tell the lowest detector's score that :meth:`find` gives by these options.

        Fetches and opens what finds, if need be, and tells the fraction done; what ``on_progress``
        raises ends that and reaches the caller. Asked when an image has been embedded.
        """

    def find(
        self,
        key: Key,
        text: str | Sequence[str],
        options: dict[str, Any],
        on_found: Callable[[Sequence[SegmentedObject], float], None],
    ) -> Sequence[SegmentedObject]:
        """Find what phrases name, best first, without doubles.

        Parameters
        ----------
        key
            From :meth:`embed`.
        text, options
            Phrases, and ``detector``, ``text_threshold`` or settings of
            :meth:`samwidget.SAM.predict`.
        on_found
            Told what was found since the last time, doubles included, and the fraction done, also
            now and then while nothing is. What it raises ends the work and reaches the caller.
        """

    def forget(self, key: Key) -> None:
        """Free what is held under a key; an unknown one is no error."""

    def close(self) -> None:
        """Free everything."""
