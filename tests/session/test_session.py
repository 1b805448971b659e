from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from concurrent.futures import CancelledError

import numpy as np
import pytest
from bench import IMAGE, WAIT_S, Bench, ambiguous, fed_back, hold_worker
from fakes import fake_predictor

from samwidget.editing.document import State
from samwidget.editing.edits import (
    AddObjects,
    AddPoint,
    ChooseMask,
    ClearPrompts,
    Commit,
    DeleteObject,
    Edit,
    MovePoint,
    Redo,
    RemovePoint,
    ReopenObject,
    SetBox,
    SetLabel,
    SetTool,
    Undo,
)
from samwidget.editing.history import KEPT_PREDICTIONS
from samwidget.engine.local import LocalEngine
from samwidget.session.session import Session
from samwidget.session.worker import Status
from samwidget.values.mask import Mask

# -------------------------------------------------------------------------------- the way up


def test_phases_in_order(bench: Bench) -> None:
    assert bench.session.status.phase == "empty"
    bench.ready()
    phases = [status.phase for status in bench.statuses]
    assert phases == sorted(phases, key=["loading", "embedding", "ready"].index)
    assert {"loading", "embedding", "ready"} == set(phases)
    assert bench.statuses[0].message == "loading fake"
    assert "embedded in" in bench.statuses[-1].message
    assert bench.statuses[-1].progress == 1


def test_what_was_done_to_read_an_image_is_told_when_it_is_ready_and_not_of_the_next(
    bench: Bench,
) -> None:
    bench.session.set_image(IMAGE, notes=("page 0 of 3 was taken", "values 1 to 9 were stretched"))
    bench.session.wait(WAIT_S)
    assert bench.session.status.phase == "ready"
    ending = " · page 0 of 3 was taken · values 1 to 9 were stretched"
    assert bench.session.status.message.endswith(ending)
    bench.session.set_image(IMAGE[:32])
    bench.session.wait(WAIT_S)
    assert "page" not in bench.session.status.message


def test_without_an_image_nothing_is_loaded(bench: Bench) -> None:
    bench.session.set_image(None)
    bench.session.wait(WAIT_S)
    assert bench.loads == 0
    assert bench.session.status.phase == "empty"


def test_progress_is_not_a_flood(bench: Bench) -> None:
    bench.model.steps = 100
    bench.model.on_step = lambda _: time.sleep(0.003)
    bench.ready()
    fractions = [x.progress for x in bench.statuses if x.phase == "embedding" and x.progress]
    assert 1 <= len(fractions) <= 10
    assert fractions == sorted(fractions)


def test_model_is_loaded_once(bench: Bench) -> None:
    bench.ready().ready()
    assert bench.loads == 1
    assert bench.model.encodes == 2


# ------------------------------------------------------------------------------- predictions


def test_first_click_gives_three_candidates_and_takes_the_best(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    assert len(bench.draft.prediction.iou_predictions) == 3
    assert bench.draft.chosen == 1
    assert ambiguous(bench.model) == [True]
    assert bench.model.decodes[0]["points"] == [[20, 30]]


def test_added_points_refine_the_chosen_candidate(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    bench.do(ChooseMask(0))
    chosen = bench.draft.prediction.low_res_logits[0]
    bench.do(AddPoint(40, 30, 0))
    bench.do(AddPoint(10, 30, 1))
    assert ambiguous(bench.model) == [True, False, False]
    assert fed_back(bench.model) == [False, True, True]
    np.testing.assert_array_equal(bench.model.decodes[1]["mask_input"][0, 0], chosen)
    assert bench.model.decodes[2]["labels"] == [1, 0, 1]


def test_box_gives_one_mask_and_points_refine_it(bench: Bench) -> None:
    bench.ready().do(SetBox((10, 10, 50, 40)))
    bench.do(AddPoint(20, 30, 0))
    assert ambiguous(bench.model) == [False, False]
    assert fed_back(bench.model) == [False, True]
    assert bench.model.decodes[1]["boxes"].tolist() == [[10, 10, 50, 40]]


@pytest.mark.parametrize("edit", [MovePoint(1, 30, 30), RemovePoint(1), SetBox((1, 2, 30, 40))])
def test_changed_prompts_are_predicted_from_scratch(bench: Bench, edit: Edit) -> None:
    bench.ready().do(AddPoint(20, 30))
    bench.do(AddPoint(40, 30))
    bench.do(edit)
    assert fed_back(bench.model) == [False, True, False]


def test_prompts_taken_away_need_no_model(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    bench.do(RemovePoint(0))
    assert bench.draft.is_empty
    assert len(bench.model.decodes) == 1


def test_undo_and_redo_need_no_model(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    bench.do(AddPoint(40, 30))
    bench.do(Commit())
    for _ in range(3):
        bench.do(Undo())
    for _ in range(3):
        bench.do(Redo())
    assert len(bench.session.state.document.objects) == 1
    assert len(bench.model.decodes) == 2


# --------------------------------------------------------------------- order and coalescing


def test_many_edits_are_applied_in_order_and_predicted_together(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    futures = [bench.session.edit(MovePoint(0, x, 5)) for x in range(2, 30)]
    futures.append(bench.session.edit(SetBox((1, 2, 30, 40))))
    bench.model.may_decode.set()
    for future in futures:
        future.result(WAIT_S)
    assert bench.points == [(29, 5, 1)]
    assert len(bench.model.decodes) == 2, "the held one and one for all that waited"


def test_hurried_and_unhurried_edits_give_the_same_mask(bench: Bench) -> None:
    edits = [
        AddPoint(20, 30, 1),
        AddPoint(30, 30, 1),
        AddPoint(33, 30, 0),
        MovePoint(1, 40, 30),
        AddPoint(12, 30, 1),
        AddPoint(8, 30, 0),
    ]
    bench.ready()
    for edit in edits:
        bench.do(edit)
    unhurried = bench.draft.prediction.low_res_logits
    bench.do(ClearPrompts())
    bench.do(AddPoint(5, 5))
    bench.do(ClearPrompts())
    hold_worker(bench)
    futures = [bench.session.edit(ClearPrompts()), *(bench.session.edit(e) for e in edits)]
    bench.model.may_decode.set()
    for future in futures:
        future.result(WAIT_S)
    np.testing.assert_array_equal(bench.draft.prediction.low_res_logits, unhurried)


def test_commit_waits_for_its_mask_and_later_clicks_begin_anew(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    futures = [
        bench.session.edit(edit)
        for edit in [AddPoint(9, 9), Commit("a"), AddPoint(40, 40), Commit("b")]
    ]
    bench.model.may_decode.set()
    for future in futures:
        future.result(WAIT_S)
    objects = bench.session.state.document.objects
    assert [(one.label, len(one.point_coords)) for one in objects] == [("a", 2), ("b", 1)]


def test_state_is_told_before_the_answer(bench: Bench) -> None:
    bench.ready()
    order: list[str] = []
    bench.on_state = lambda _: order.append("state")
    bench.model.may_decode.clear()
    future = bench.session.edit(AddPoint(20, 30))
    future.add_done_callback(lambda _: order.append("answer"))
    bench.model.may_decode.set()
    future.result(WAIT_S)
    bench.session.settle(WAIT_S)
    assert order == ["state", "answer"]


def test_waiting_edit_can_be_cancelled(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    second, third = (bench.session.edit(AddPoint(x, 5)) for x in (2, 3))
    assert second.cancel()
    bench.model.may_decode.set()
    third.result(WAIT_S)
    assert bench.points == [(1, 1, 1), (3, 5, 1)]
    assert not third.cancel()


def test_edits_from_many_threads_all_count(bench: Bench) -> None:
    bench.ready()

    def click() -> None:
        for _ in range(5):
            bench.do(AddPoint(5, 5))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert len(bench.points) == 20


# --------------------------------------------------------------------------------- previews


def test_preview_is_a_first_click_and_changes_nothing(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    before = bench.session.state
    draft = bench.session.preview("page", 40, 40).result(WAIT_S)
    assert draft.chosen == 1
    assert fed_back(bench.model) == [False, False]
    assert bench.session.state is before


def test_a_click_where_the_pointer_rested_asks_the_model_nothing_new(bench: Bench) -> None:
    bench.ready()
    draft = bench.session.preview("page", 40, 40).result(WAIT_S)
    bench.do(AddPoint(40, 40))
    assert len(bench.model.decodes) == 1
    assert bench.session.state.document.draft.prediction is draft.prediction
    bench.do(ClearPrompts())
    bench.do(AddPoint(41, 40))
    assert len(bench.model.decodes) == 2
    bench.do(ClearPrompts())
    bench.do(AddPoint(40, 40, 0))  # another label is another question, and no click on an object
    assert len(bench.model.decodes) == 2
    assert bench.draft.prediction is not draft.prediction
    bench.session.set_image(np.zeros((60, 80, 3), np.uint8))
    bench.session.wait(WAIT_S)
    bench.do(AddPoint(40, 40))  # and so is another image
    assert len(bench.model.decodes) == 3


def test_only_the_newest_preview_of_a_client_is_worked_on(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    mine = [bench.session.preview("me", x, 5) for x in range(5)]
    yours = bench.session.preview("you", 9, 9)
    bench.model.may_decode.set()
    assert mine[-1].result(WAIT_S).prompts.point_coords[0, 0] == 4
    assert yours.result(WAIT_S).prompts.point_coords[0, 0] == 9
    assert [future.cancelled() for future in mine] == [True] * 4 + [False]
    assert len(bench.model.decodes) == 3


def test_edits_go_before_previews(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    order: list[str] = []
    preview = bench.session.preview("me", 3, 3)
    edit = bench.session.edit(AddPoint(2, 2))
    preview.add_done_callback(lambda _: order.append("preview"))
    edit.add_done_callback(lambda _: order.append("edit"))
    bench.model.may_decode.set()
    preview.result(WAIT_S)
    assert order == ["edit", "preview"]


def test_preview_waits_for_the_embedding(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    preview = bench.session.preview("me", 3, 3)
    bench.model.may_encode.set()
    assert preview.result(WAIT_S).prediction is not None


def test_preview_without_an_image_is_cancelled(bench: Bench) -> None:
    with pytest.raises(CancelledError):
        bench.session.preview("me", 3, 3).result(WAIT_S)


def test_preview_outside_the_image_is_refused(bench: Bench) -> None:
    bench.ready()
    with pytest.raises(ValueError, match="outside the image"):
        bench.session.preview("me", 300, 3).result(WAIT_S)


# ------------------------------------------------------------------- while an image is embedded


def test_points_are_shown_while_the_image_is_embedded(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    shown = threading.Event()
    bench.on_state = lambda state: (
        shown.set() if len(state.document.draft.prompts.point_coords) else None
    )
    future = bench.session.edit(AddPoint(20, 30))
    assert shown.wait(WAIT_S)
    assert bench.draft.is_pending
    assert not future.done()
    bench.model.may_encode.set()
    future.result(WAIT_S)
    assert bench.draft.prediction is not None


def test_what_needs_no_mask_is_answered_while_the_image_is_embedded(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    bench.session.edit(AddPoint(20, 30))
    bench.do(SetLabel("cat"))
    bench.do(SetTool("box"))
    bench.do(ClearPrompts())
    with pytest.raises(ValueError, match="no object with the id"):
        bench.do(DeleteObject(1))
    assert bench.session.status.phase == "embedding"


def test_commit_waits_for_the_embedding(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    futures = [bench.session.edit(AddPoint(20, 30)), bench.session.edit(Commit("cat"))]
    tool = bench.session.edit(SetTool("box"))
    time.sleep(0.02)
    assert not tool.done(), "order is kept"
    bench.model.may_encode.set()
    for future in futures:
        future.result(WAIT_S)
    (made,) = bench.session.state.document.objects
    assert made.label == "cat"


def test_new_image_overtakes_the_embedding(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    applied = bench.session.edit(AddPoint(20, 30))
    while not bench.points:
        time.sleep(0.001)
    waiting = bench.session.edit(Commit())
    label = bench.session.edit(SetLabel("cat"))
    hover = bench.session.preview("me", 3, 3)
    bench.session.set_image(IMAGE[:32])
    for future in (applied, waiting, hover):
        with pytest.raises(CancelledError):
            future.result(WAIT_S)
    bench.model.may_encode.set()
    bench.session.wait(WAIT_S)
    label.result(WAIT_S)
    assert bench.session.state.label == "cat"
    assert bench.session.image.shape == (32, 64, 3)
    assert bench.draft.is_empty
    assert [x.phase for x in bench.statuses].count("ready") == 1


def test_of_many_images_only_the_last_is_embedded(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    for height in range(1, 20):
        bench.session.set_image(IMAGE[:height])
    bench.model.may_encode.set()
    bench.session.wait(WAIT_S)
    assert bench.model.encodes == 2
    assert bench.session.image.shape[0] == 19


def test_wait_follows_the_newest_image(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            bench.session.wait(WAIT_S)
        except BaseException as error:
            failures.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.01)
    bench.session.set_image(IMAGE[:32])
    bench.model.may_encode.set()
    waiter.join(WAIT_S)
    assert not waiter.is_alive()
    assert not failures


def test_waiting_ends_in_time(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    with pytest.raises(TimeoutError):
        bench.session.wait(0.01)
    future = bench.session.edit(AddPoint(20, 30))
    with pytest.raises(TimeoutError):
        bench.session.settle(0.01)
    with pytest.raises(TimeoutError, match="not done within"):
        bench.session.result(future, 0.01)


def test_settling_does_not_wait_for_the_embedding_alone(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    bench.session.settle(WAIT_S)
    assert bench.session.image is IMAGE
    assert bench.session.status.phase != "ready"


# -------------------------------------------------------------------------------- failures


def test_failed_prediction_takes_back_its_edits_only(bench: Bench) -> None:
    bench.ready().do(AddPoint(20, 30))
    bench.do(Commit())
    bench.do(AddPoint(40, 40))
    good = bench.session.state
    bench.model.decode_error = RuntimeError("out of memory")
    with pytest.raises(RuntimeError, match="out of memory"):
        bench.do(AddPoint(41, 40))
    assert bench.session.state.document is good.document
    assert bench.session.state.past == good.past
    assert bench.session.status.phase == "ready"
    bench.model.decode_error = None
    bench.do(AddPoint(42, 40))
    assert [x for x, _, _ in bench.points] == [40, 42]


@pytest.mark.parametrize("hurried", [True, False])
def test_what_follows_a_failed_prediction_unaware_fails_too(bench: Bench, hurried: bool) -> None:
    bench.ready().do(AddPoint(20, 30))
    before = bench.session.state.document
    hold_worker(bench)
    futures = [bench.session.edit(AddPoint(2, 2))] if hurried else []
    futures += [bench.session.edit(Commit()), bench.session.edit(AddPoint(3, 3))]
    label = bench.session.edit(SetLabel("cat"))
    bench.model.decode_error = RuntimeError("out of memory")
    bench.model.may_decode.set()
    for future in futures:
        with pytest.raises(RuntimeError, match="out of memory"):
            future.result(WAIT_S)
    label.result(WAIT_S)
    assert bench.session.state.document is before, "a mask that was not seen is not committed"
    assert bench.session.state.label == "cat"


def test_bad_edit_among_good_ones_harms_nobody(bench: Bench) -> None:
    bench.ready()
    hold_worker(bench)
    good, bad, better = (bench.session.edit(AddPoint(x, 5)) for x in (2, 200, 3))
    bench.model.may_decode.set()
    with pytest.raises(ValueError, match="outside"):
        bad.result(WAIT_S)
    good.result(WAIT_S)
    better.result(WAIT_S)
    assert [x for x, _, _ in bench.points] == [1, 2, 3]


def test_model_that_does_not_load_is_told_to_everybody(bench: Bench) -> None:
    bench.load_error = ValueError("weights.pt is an HTML page")
    bench.session.set_image(IMAGE)
    early = bench.session.edit(AddPoint(20, 30))
    with pytest.raises(ValueError, match="HTML page"):
        bench.session.wait(WAIT_S)
    with pytest.raises(ValueError, match="HTML page"):
        early.result(WAIT_S)
    with pytest.raises(ValueError, match="HTML page"):
        bench.do(AddPoint(20, 30))
    with pytest.raises(CancelledError):
        bench.session.preview("me", 3, 3).result(WAIT_S)
    assert bench.session.status == Status("error", "weights.pt is an HTML page")
    bench.do(SetLabel("cat"))
    assert bench.draft.is_empty


def test_another_image_tries_again_to_load(bench: Bench) -> None:
    bench.load_error = ValueError("no network")
    bench.session.set_image(IMAGE)
    with pytest.raises(ValueError, match="no network"):
        bench.session.wait(WAIT_S)
    bench.load_error = None
    bench.ready().do(AddPoint(20, 30))
    assert bench.session.status.phase == "ready"


def test_embedding_that_fails_is_told(bench: Bench) -> None:
    bench.model.encode_error = MemoryError()
    bench.session.set_image(IMAGE)
    with pytest.raises(MemoryError):
        bench.session.wait(WAIT_S)
    assert bench.session.status == Status("error", "MemoryError")
    with pytest.raises(MemoryError):
        bench.do(AddPoint(20, 30))
    bench.model.encode_error = None
    bench.ready().do(AddPoint(20, 30))


# ------------------------------------------------------------------------------- callbacks


def test_callback_that_fails_is_logged_and_harms_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.ready()

    def fail(_: State) -> None:
        raise KeyError("mine")

    bench.on_state = fail
    with caplog.at_level(logging.ERROR):
        bench.do(AddPoint(20, 30))
    assert "KeyError" in caplog.text
    bench.do(Commit())
    assert len(bench.session.state.document.objects) == 1


# ------------------------------------------------------------------------------------- the end


def test_closing_ends_the_thread_and_what_waits(bench: Bench) -> None:
    bench.model.may_encode.clear()
    bench.session.set_image(IMAGE)
    assert bench.model.is_encoding.wait(WAIT_S)
    futures = [bench.session.edit(AddPoint(20, 30)), bench.session.edit(Commit())]
    bench.session.close()
    bench.session._thread.join(WAIT_S)
    assert not bench.session._thread.is_alive()
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(WAIT_S)
        with pytest.raises(RuntimeError, match="closed"):
            bench.session.result(future)
    with pytest.raises(RuntimeError, match="closed"):
        bench.session.wait(WAIT_S)
    with pytest.raises(RuntimeError, match="closed"):
        bench.session.edit(Undo())
    bench.session.close()


def test_forgotten_session_ends_its_thread() -> None:
    session = Session(LocalEngine("fake", lambda _: fake_predictor()))
    session.set_image(IMAGE)
    session.wait(WAIT_S)
    thread = session._thread
    gone = weakref.ref(session)
    del session
    gc.collect()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert gone() is None


def test_two_sessions_share_one_model() -> None:
    one, other = Bench(), Bench()
    other.model = one.model
    for bench in (one, other):
        bench.session.set_image(IMAGE)
    for bench in (one, other):
        bench.session.wait(WAIT_S)
    one.do(AddPoint(20, 30))
    other.do(AddPoint(40, 30))
    assert one.points != other.points
    assert one.draft.mask.box_xyxy != other.draft.mask.box_xyxy
    one.session.close()
    other.do(AddPoint(30, 30))
    other.session.close()


# ------------------------------------------------------------------------------ forgetting, objects


def test_predictions_that_were_forgotten_come_back_the_same(bench: Bench) -> None:
    bench.ready()
    seen = []
    for x in range(10, 10 + 2 * KEPT_PREDICTIONS + 4):
        bench.do(AddPoint(x, 30))
        seen.append(bench.draft.prediction.low_res_logits)
    kept = [d.draft.prediction for d in bench.session.state.past if d.draft.prediction is not None]
    assert len(kept) <= KEPT_PREDICTIONS
    for before in reversed(seen[:-1]):
        bench.do(Undo())
        np.testing.assert_array_equal(bench.draft.prediction.low_res_logits, before)


def test_objects_can_be_there_from_the_beginning(bench: Bench) -> None:
    mask = Mask.from_array(np.eye(64, dtype=bool))
    bench.session.result(bench.session.set_image(IMAGE, AddObjects([mask], ["line"])), WAIT_S)
    (one,) = bench.session.state.document.objects
    assert (one.label, one.area, bench.session.state.past) == ("line", 64, ())


def test_an_object_made_of_a_mask_is_refined_from_it(bench: Bench) -> None:
    array = np.zeros((64, 64), bool)
    array[8:40, 8:40] = True
    bench.ready().do(AddObjects([Mask.from_array(array)], ["square"]))
    bench.do(ReopenObject(1))
    assert bench.draft.mask.area == array.sum()
    assert len(bench.model.decodes) == 0
    bench.do(AddPoint(50, 24))
    assert fed_back(bench.model) == [True]
    bench.do(Commit())
    (one,) = bench.session.state.document.objects
    assert (one.id, one.label) == (1, "square")
    assert one.mask[24, 50]
    assert one.mask[24, 20]
