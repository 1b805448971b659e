"""Asking for the masks of boxes that came without them: a job of one question a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from samwidget.session.jobs import Job
from samwidget.values.objects import SegmentedObject

if TYPE_CHECKING:
    from samwidget.session.engine import Engine, Key


def asked(objects: Sequence[SegmentedObject]) -> Job[Sequence[SegmentedObject]]:
    """Make the job that asks for the mask of each object that has a prompt.

    The others stay as they are. Edits are worked on between two questions.
    """

    def work(
        engine: Engine, key: Key, job: Job[Sequence[SegmentedObject]]
    ) -> list[SegmentedObject]:
        answered = []
        for number, one in enumerate(objects):
            answered.append(_answered(engine, key, one))
            job.report((number + 1) / len(objects))
        return answered

    return Job(work)


def _answered(engine: Engine, key: Key, one: SegmentedObject) -> SegmentedObject:
    if one.prompts.is_empty:
        return one
    found = engine.predict(key, one.prompts, None, multimask_output=False)
    made = SegmentedObject.from_prediction(one.id, one.label, one.color, one.prompts, found, 0)
    return replace(made, detection_score=one.detection_score)
