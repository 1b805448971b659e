"""One image of a session with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from samwidget.editing.document import Draft, State
from samwidget.values.identity import image_hash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from samwidget.session.engine import Key, Region
    from samwidget.session.inbox import WaitingEdit
    from samwidget.session.restoring import Restored, View
    from samwidget.values.identity import ModelIdentity

KEPT_CLOSER = 4
"""So many regions of an image stay embedded beside all of it."""


@dataclass(eq=False)
class Slot:
    """Objects, history and embeddings of one image; the worker alone changes it.

    Attributes
    ----------
    image
        (H, W, 3) uint8 RGB; None while there is none.
    state
        What there is, edits that wait for a mask included.
    complete
        The last state that lacked no mask.
    unanswered
        Edits in the state that wait for their mask.
    embeddings
        The engine's key of each region that is embedded, the one that was asked for last at the
        end; the whole image's stays.
    hovered
        The last preview.
    failure
        Why there is no embedding, if reading, loading or embedding has failed.
    origin
        The path, address or name where the image came from; None for what has none.
    made_with
        The model that the masks are of; None while there was none.
    place
        Of the image in a list, counted from 0.
    unchecked
        Saved work that goes on here, while its model has not been compared with the present one.
    view_xyxy
        What was on the screen last, in pixels of the image, where that was not all of it.
    begins_at
        What is to be on the screen first, of work that goes on; None for all of the image.
    """

    image: NDArray[np.uint8] | None
    state: State
    complete: State
    unanswered: list[WaitingEdit] = field(default_factory=list)
    embeddings: dict[Region, Key] = field(default_factory=dict)
    hovered: Draft | None = None
    failure: Exception | None = None
    origin: str | None = None
    made_with: ModelIdentity | None = None
    place: int = 0
    unchecked: Restored | None = None
    view_xyxy: View | None = None
    begins_at: View | None = None

    @classmethod
    def of(cls, image: NDArray[np.uint8] | None, before: State, place: int = 0) -> Slot:
        """Start on an image; label, classes and tool are those of the state before."""
        state = before.on_image(None if image is None else (image.shape[0], image.shape[1]))
        return cls(image, state, state, place=place)

    @cached_property
    def content_hash(self) -> str:
        """What its image is told apart by."""
        assert self.image is not None
        return image_hash(self.image)

    @property
    def whole(self) -> Region:
        """The region that is all of the image."""
        assert self.image is not None
        return (0, 0, self.image.shape[1], self.image.shape[0])

    def put(self, region: Region, key: Key) -> list[Key]:
        """Keep a region's key; gives those of the closer looks that are too many now."""
        self.embeddings.pop(region, None)
        self.embeddings[region] = key
        closer = [one for one in self.embeddings if one != self.whole]
        return [self.embeddings.pop(one) for one in closer[: max(0, len(closer) - KEPT_CLOSER)]]

    @property
    def key(self) -> Key | None:
        """What prompts on all of it are asked with; None while nothing is embedded."""
        return None if self.image is None else self.embeddings.get(self.whole)
