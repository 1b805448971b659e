"""The part of the contract that is about what is found; see ``protocol.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from samwidget.jupyter.mask_messages import LevelField

Preset = Literal["fast", "balanced", "fine"]


@dataclass(frozen=True)
class FoundMask:
    """One mask that a search has found; its id is no object's.

    ``label`` is the phrase that was searched for and ``detection_score`` what the detector said;
    empty and null when everything was searched for.
    """

    id: int
    color: str
    score: float
    stability_score: float
    area: int
    field: LevelField
    label: str
    detection_score: float | None


@dataclass(frozen=True)
class FoundState:
    """What the search numbered ``search`` has found.

    ``progress`` is 0 to 1, null when the search is over. ``shown`` are the ids of what passes the
    thresholds, doubles and what was taken left out, best first; ``masks`` are all that were ever
    shown, in an :class:`Update` those that are new. Below the ``least`` values nothing was searched
    for. ``text`` are the phrases that were searched for, empty when everything was.
    """

    search: int
    progress: float | None
    pred_iou_thresh: float
    stability_score_thresh: float
    least_pred_iou_thresh: float
    least_stability_score_thresh: float
    shown: list[int]
    masks: list[FoundMask]
    text: list[str]
    detection_score_thresh: float
    least_detection_score_thresh: float


@dataclass(frozen=True)
class FoundChange:
    """Something is different about what was found, or with null nothing is found any more.

    Masks of the same search that are known stay known.
    """

    found: FoundState | None


@dataclass(frozen=True)
class FindEverything:
    """Search the image for everything; answered when the search is over.

    What is found comes as :class:`Update` meanwhile. A search that is under way is given up.
    """

    kind: Literal["find_everything"]
    preset: Preset


@dataclass(frozen=True)
class FindText:
    """Search the image for what the phrases in ``text``, commas between them, name.

    All else is as for :class:`FindEverything`.
    """

    kind: Literal["find_text"]
    text: str


@dataclass(frozen=True)
class StopFinding:
    """Give up the search that is under way, whoever began it; what was found before is back."""

    kind: Literal["stop_finding"]
