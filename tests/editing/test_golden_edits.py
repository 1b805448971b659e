"""The golden edits that vitest reads, too; ``tests/fixtures/README.md`` explains them."""

from __future__ import annotations

import json
import typing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samwidget.editing.document import Document, Draft, Reopened, State
from samwidget.editing.edits import WireEdit
from samwidget.editing.found import Candidates, Found
from samwidget.jupyter import protocol, synced, wire
from samwidget.values.candidates import Candidate
from samwidget.values.filtering import Thresholds
from samwidget.values.geometry import ResizeTransform
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts

SIZE_HW = (60, 90)
FIXTURE = Path(__file__).parents[1] / "fixtures" / "edits.json"
CASES = json.loads(FIXTURE.read_text(encoding="utf-8"))


def prompts_of(points: list[Any], box: list[float] | None = None) -> Prompts:
    prompts = Prompts()
    for point in points:
        prompts = prompts.with_point(point["x"], point["y"], point["label"])
    return prompts.with_box(box)


def object_of(wired: dict[str, Any], points: list[Any]) -> SegmentedObject:
    mask = np.zeros(SIZE_HW, bool)
    x1, y1, x2, y2 = map(int, wired["box_xyxy"])
    mask[y1:y2, x1:x2] = True
    return SegmentedObject(
        id=wired["id"],
        label=wired["label"],
        score=wired["score"],
        shape=Mask.from_array(mask),
        prompts=prompts_of(points),
        color=wired["color"],
    )


def draft_of(case: dict[str, Any]) -> Draft:
    wired, opened = case["before"]["draft"], case.get("reopened")
    reopened = None
    if opened:
        reopened = Reopened(object_of(opened["object"], opened["points"]), opened["index"])
        if wired["points"] == opened["points"]:
            return Draft(reopened.object.prompts, reopened=reopened)
    draft = Draft(prompts_of(wired["points"], wired["box_xyxy"]), reopened=reopened)
    if not wired["scores"]:
        return draft
    level = -1.0 if case.get("empty_masks") else 1.0
    prediction = Prediction(
        np.full((len(wired["scores"]), 64, 64), level, np.float32),
        np.array(wired["scores"], np.float32),
        ResizeTransform.for_image(SIZE_HW, 64),
    )
    choice = None if wired["choice"] == prediction.best else wired["choice"]
    return replace(draft, prediction=prediction, choice=choice)


def found_of(case: dict[str, Any]) -> Found | None:
    wired = case["before"].get("found")
    if wired is None:
        return None
    least = Thresholds(
        wired["least_pred_iou_thresh"],
        wired["least_stability_score_thresh"],
        box_nms_thresh=0.7,
        detection_score_thresh=wired["least_detection_score_thresh"],
    )
    asked = least._replace(
        pred_iou_thresh=wired["pred_iou_thresh"],
        stability_score_thresh=wired["stability_score_thresh"],
        detection_score_thresh=wired["detection_score_thresh"],
    )
    numbered = []
    for one in wired["masks"]:
        x1, y1, x2, y2 = map(int, case["found_boxes"][str(one["id"])])
        mask = np.zeros(SIZE_HW, bool)
        mask[y1:y2, x1:x2] = True
        candidate = Candidate(
            shape=Mask.from_array(mask),
            region_xyxy=(0, 0, SIZE_HW[1], SIZE_HW[0]),
            box_xyxy=(x1, y1, x2, y2),
            point_xy=(x1, y1),
            score=one["score"],
            stability_score=one["stability_score"],
            label=one["label"],
            detection_score=one["detection_score"],
        )
        numbered.append((one["id"], candidate))
    candidates = Candidates(SIZE_HW, tuple(numbered))
    text = tuple(wired["text"])
    return Found(wired["search"], asked, least, candidates, progress=None, text=text)


def state_of(case: dict[str, Any]) -> State:
    before, draft = case["before"], draft_of(case)
    controls = before["controls"]
    reopens = case["edit"].get("id")
    objects = tuple(
        object_of(one, case.get("reopened_points", []) if one["id"] == reopens else [])
        for one in before["objects"]
    )
    ids = [one.id for one in objects]
    if draft.reopened:
        ids.append(draft.reopened.object.id)
    return State(
        SIZE_HW,
        Document(
            objects,
            draft,
            controls["selected"],
            max(ids, default=0) + 1,
            frozenset(case.get("taken", [])),
        ),
        past=(Document(),) * controls["can_undo"],
        future=(Document(),) * controls["can_redo"],
        classes=tuple(controls["classes"]),
        label=controls["label"],
        tool=controls["tool"],
        found=found_of(case),
        region_xyxy=controls["region_xyxy"],
    )


def on_the_wire(state: State, *, with_found: bool) -> Any:
    document, found = state.document, None
    if with_found and state.found is not None:
        ids = [an_id for an_id, _ in state.found.candidates.numbered]
        masks = [one for one in map(state.found.get, ids) if one is not None]
        found = wire.to_wire(synced.found_state(state, masks))
        for mask in found["masks"]:
            mask["field"] = None
    parts: dict[str, Any] = {
        "draft": replace(synced.draft_state(document.draft), field=None),
        "objects": [synced.object_state(one, with_mask=False) for one in document.objects],
        "controls": synced.controls(state, "nano"),
    }
    if with_found:
        parts["found"] = found
    return json.loads(json.dumps({name: wire.to_wire(part) for name, part in parts.items()}))


def edit_of(case: dict[str, Any]) -> WireEdit:
    message = {"client": "page", "seq": 1, "request": case["edit"]}
    request: Any = protocol.parse_envelope(message).request
    return request


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_edit(case: dict[str, Any]) -> None:
    state, with_found = state_of(case), "found" in case["before"]
    assert on_the_wire(state, with_found=with_found) == case["before"], (
        "the test builds another state"
    )
    if "error" in case:
        with pytest.raises(ValueError, match=case["error"]):
            edit_of(case).apply(state)
    else:
        after = edit_of(case).apply(state)
        assert on_the_wire(after, with_found=with_found) == case["after"]


def test_every_edit_has_a_case() -> None:
    kinds = {
        typing.get_args(wire.hints(member)["kind"])[0] for member in wire.union_members(WireEdit)
    }
    assert {case["edit"]["kind"] for case in CASES} == kinds
