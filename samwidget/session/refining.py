"""How a draft asks the engine: the clicks protocol of Segment Anything's authors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from samwidget.editing.document import Draft

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key, Region


def predicted(engine: Engine, key_of: Callable[[Region | None], Key], draft: Draft) -> Draft:
    """Give a draft its prediction.

    ``key_of`` gives the engine's key of a region of the image, None for all of it.

    A first click alone gets three candidates, everything else one mask. A draft that refines
    another starts from the other's mask; where that is not known, it is asked for first, so that
    what comes out depends on the prompts and their order alone.
    """
    chain = [draft]
    while chain[-1].refines is not None and chain[-1].refines.is_pending:
        chain.append(chain[-1].refines)
    known = chain[-1].refines
    for link in reversed(chain):
        prediction = engine.predict(
            key_of(link.region_xyxy),
            link.prompts,
            None if known is None else known.mask,
            multimask_output=link.is_ambiguous,
        )
        known = link.predicted(prediction)
    assert known is not None
    return known
