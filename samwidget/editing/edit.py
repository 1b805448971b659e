"""What all edits have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from samwidget.editing.document import State


class Edit(ABC):
    """One thing that a person does to the state.

    Attributes
    ----------
    kind
        Its name on the wire.
    needs_mask
        Works on the draft's mask, so that it waits until there is one.
    needs_image
        Is about the image it was made on, and gone with it.
    """

    needs_mask: ClassVar[bool] = False
    needs_image: ClassVar[bool] = True

    @abstractmethod
    def apply(self, state: State) -> State:
        """Give the next state.

        Raises
        ------
        ValueError, TypeError
            When it makes no sense here; the text is for the person.
        """
