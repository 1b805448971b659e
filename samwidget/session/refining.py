"""How a draft asks the engine: the clicks protocol of Segment Anything's authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samwidget.editing.document import Draft

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key


def predicted(engine: Engine, key: Key, draft: Draft) -> Draft:
    """Give a draft its prediction.

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
            key,
            link.prompts,
            None if known is None else known.mask,
            multimask_output=link.is_ambiguous,
        )
        known = link.predicted(prediction)
    assert known is not None
    return known
