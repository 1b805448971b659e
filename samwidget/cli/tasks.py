"""What each command asks the model for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from samwidget.cli.formats import EDGES, OBJECTS, Edges
from samwidget.cli.parsing import Box, Clicks
from samwidget.cli.records import edges_record, objects_lines, objects_record
from samwidget.cli.running import Model, Task
from samwidget.cli.talk import Progress
from samwidget.results import Results


def predict_task(clicks: Sequence[Clicks], boxes: Sequence[Box], multimask: bool) -> Task[Results]:
    """Segment the objects with these points and boxes, which go together one by one."""
    prompts: dict[str, Any] = {"multimask_output": multimask}
    if clicks:
        prompts["points"] = [list(map(list, one.xy)) for one in clicks]
        prompts["labels"] = [list(one.labels) for one in clicks]
    if boxes:
        prompts["bboxes"] = [list(one.xyxy) for one in boxes]
    return _objects("predict", lambda model: model.predict, prompts)


def text_task(phrases: Sequence[str], **options: Any) -> Task[Results]:
    """Segment what phrases name."""
    text = phrases[0] if len(phrases) == 1 else list(phrases)
    return _objects("predict", lambda model: model.predict, {"text": text, **options})


def everything_task(preset: str | None, settings: dict[str, Any]) -> Task[Results]:
    """Segment everything."""
    if preset is None:
        return _objects("everything", lambda model: model.predict, settings)
    return _objects("everything", lambda model: model.everything, {"preset": preset, **settings})


def proposals_task(count: int) -> Task[Results]:
    """Propose objects."""
    return _objects("proposals", lambda model: model.proposals, {"n": count})


def edges_task() -> Task[Edges]:
    """Find edges."""

    def act(model: Model, source: str, progress: Progress) -> Edges:
        return model.edges(source, progress=progress)

    return Task("edges", act, EDGES, edges_record, lambda _: ["edges"])


Method = Callable[..., list[Results]]


def _objects(
    name: str, method_of: Callable[[Model], Method], options: dict[str, Any]
) -> Task[Results]:
    def act(model: Model, source: str, progress: Progress) -> Results:
        (results,) = method_of(model)(source, progress=progress, **options)
        return results

    return Task(name, act, OBJECTS, objects_record, objects_lines)
