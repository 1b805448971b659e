"""The widget as the browser meets it: messages in, traits and messages out, no Jupyter."""

from __future__ import annotations

import base64
import gc
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anywidget
import comm
import numpy as np
import pytest
from comm.base_comm import BaseComm
from fakes import FakeModel, fake_predictor
from ipycanvas import Canvas
from PIL import Image
from test_protocol import REQUESTS

from samwidget.jupyter import protocol, wire
from samwidget.jupyter import widget as widget_module
from samwidget.jupyter.widget import SamWidget
from samwidget.predict import shared

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
WAIT_S = 10

Message = dict[str, Any]


class FakeComm(BaseComm):
    """Records what goes to the browser."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[tuple[Message, list[Any]]] = []
        super().__init__(**options)

    def publish_msg(self, msg_type: str, **message: Any) -> None:
        if msg_type in ("comm_open", "comm_msg"):
            self.sent.append((message["data"], message.get("buffers") or []))


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **options: FakeComm(**options))
    monkeypatch.setattr(
        widget_module, "front_end", lambda: {"_esm": "/* js */", "_css": "/* css */"}
    )


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class FrontEnd:
    """One page that shows a widget."""

    def __init__(self, widget: SamWidget, client: str = "page") -> None:
        self.widget = widget
        self.client = client
        self.seq = 0

    def send(self, kind: str, **fields: Any) -> int:
        self.seq += 1
        content = {"client": self.client, "seq": self.seq, "request": {"kind": kind, **fields}}
        self.widget._handle_custom_msg(content, [])
        return self.seq

    def replies(self, seq: int | None = None) -> list[tuple[Message, list[Any]]]:
        custom = [
            (data["content"], buffers)
            for data, buffers in self.widget.comm.sent
            if data.get("method") == "custom"
        ]
        return [
            (content, buffers)
            for content, buffers in custom
            if content["kind"] != "update"
            if seq is None or (content["client"], content["seq"]) == (self.client, seq)
        ]

    def reply(self, seq: int) -> Message:
        """Wait for the reply; checks that there is one only."""
        wait_until(lambda: self.replies(seq))
        ((content, buffers),) = self.replies(seq)
        members = {m.__name__: m for m in wire.union_members(protocol.Reply)}
        name = f"{content['kind'].capitalize()}Reply"
        wire.parse(members[name], content, buffers, path="reply")
        return content

    def ask(self, kind: str, **fields: Any) -> Message:
        return self.reply(self.send(kind, **fields))

    def click(self, x: float, y: float, label: int = 1) -> Message:
        return self.ask("add_point", x=x, y=y, label=label)


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


Make = Callable[..., SamWidget]


@pytest.fixture
def make(model: FakeModel) -> Iterator[Make]:
    made: list[SamWidget] = []

    def make(image: object = IMAGE, **options: Any) -> SamWidget:
        own = {"model": fake_predictor(model), "detector": lambda *_: [[5, 10, 25, 40]]}
        made.append(SamWidget(image, **{**own, **options}))
        return made[-1]

    yield make
    model.may_encode.set()
    model.may_decode.set()
    for widget in made:
        widget.close()
        widget._session._thread.join(WAIT_S)


@pytest.fixture
def widget(make: Make) -> SamWidget:
    widget = make()
    widget.wait(WAIT_S)
    return widget


@pytest.fixture
def front(widget: SamWidget) -> FrontEnd:
    return FrontEnd(widget)


def synced(widget: SamWidget) -> protocol.Snapshot:
    """The synced trait, checked against the contract."""
    content = {name: getattr(widget, name) for name in wire.hints(protocol.SyncedState)}
    return wire.parse(protocol.SyncedState, content, [], path="state")._state


def updates(widget: SamWidget) -> list[protocol.Update]:
    """What was told to the browser, in order."""
    custom = [(d["content"], b) for d, b in widget.comm.sent if d.get("method") == "custom"]
    return [
        wire.parse(protocol.Update, content, buffers, path="update")
        for content, buffers in custom
        if content["kind"] == "update"
    ]


def assert_agreement(widget: SamWidget) -> int:
    """Check that all five views of the result agree; gives their length."""
    masks, objects = widget.masks, widget.objects
    height, width = widget.image.shape[:2]
    assert masks.dtype == bool
    assert masks.shape == (len(objects), height, width)
    assert widget.scores.dtype == np.float32
    assert widget.boxes.dtype == np.float32
    assert widget.boxes.shape == (len(objects), 4)
    np.testing.assert_array_equal(
        widget.scores, np.array([one.score for one in objects], np.float32)
    )
    assert widget.labels == [one.label for one in objects]
    for mask, one, box in zip(masks, objects, widget.boxes, strict=True):
        np.testing.assert_array_equal(mask, one.mask)
        assert tuple(box) == one.box_xyxy
    return len(objects)


# -------------------------------------------------------------------------------- contract


def test_traits_are_those_of_the_contract() -> None:
    inherited = set(anywidget.AnyWidget.class_trait_names(sync=True))
    own = set(SamWidget.class_trait_names(sync=True)) - inherited
    assert own == {*wire.hints(protocol.SyncedState), "overlay", "_esm", "_css"}


def test_what_the_host_needs_to_find_the_front_end_is_left_alone(widget: SamWidget) -> None:
    opened, _ = widget.comm.sent[0]
    inherited = anywidget.AnyWidget.class_traits(sync=True)
    for name in ("_model_name", "_model_module", "_view_name", "_view_module"):
        assert opened["state"][name] == inherited[name].default_value
    own = set(vars(widget)) - {"_trait_values", "_trait_notifiers", "_trait_validators"}
    assert own.isdisjoint(set(dir(anywidget.AnyWidget)) - set(vars(anywidget.AnyWidget())))


def test_state_keeps_to_the_contract_at_all_times(make: Make, model: FakeModel) -> None:
    empty = make(None)
    assert synced(empty).status.phase == "empty"
    assert synced(empty).image is None
    model.may_encode.clear()
    widget = make(IMAGE, classes=["cup", "saucer"])
    assert model.is_encoding.wait(WAIT_S)
    assert synced(widget).status.phase == "embedding"
    model.may_encode.set()
    widget.wait(WAIT_S)
    widget.add_point(20, 20)
    widget.add_point(30, 20, 0)
    widget.commit()
    widget.add_box(5, 5, 40, 30)
    state = synced(widget)
    assert state.status.phase == "ready"
    assert (state.image.width, state.image.height) == (64, 48)
    assert state.draft.box_xyxy == (5, 5, 40, 30)
    assert state.draft.field is not None
    assert len(state.draft.scores) == 1
    (cup,) = state.objects
    assert (cup.id, cup.label, cup.area) == (1, "cup", int(widget.masks[0].sum()))
    assert cup.box_xyxy == tuple(widget.boxes[0])
    assert state.controls.classes == ["cup", "saucer"]
    assert state.controls.selected is None
    assert state.controls.can_undo
    assert state.controls.model == "fake"


def test_the_status_tells_what_was_done_to_read_the_image() -> None:
    deep = IMAGE * np.uint16(200)
    widget = SamWidget(deep, fake_predictor(FakeModel()))
    widget.wait(WAIT_S)
    told = synced(widget).status.message
    assert told.startswith("ready · embedded in ")
    assert "stretched from black to white" in told
    widget.image = IMAGE
    widget.wait(WAIT_S)
    assert "stretched" not in synced(widget).status.message
    widget.image = np.where(IMAGE > 200, np.nan, IMAGE / 255)
    widget.wait(WAIT_S)
    assert "missing: black" in synced(widget).status.message
    widget.close()


def test_image_trait_is_the_image(widget: SamWidget) -> None:
    with Image.open(io.BytesIO(synced(widget).image.data)) as shown:
        np.testing.assert_array_equal(np.array(shown), IMAGE)


def test_first_click_shows_all_points_three_scores_and_the_best_mask(
    widget: SamWidget, front: FrontEnd
) -> None:
    assert front.click(20, 20) == {"kind": "done", "client": "page", "seq": 1}
    draft = synced(widget).draft
    assert [(point.x, point.y, point.label) for point in draft.points] == [(20, 20, 1)]
    assert draft.scores == pytest.approx([0.7, 0.9, 0.8])
    assert draft.choice == 1
    field = draft.field
    grid = np.frombuffer(field.data, np.uint8)[: field.stride * field.height]
    inside = grid.reshape(field.height, field.stride)[:, : field.width] > 127.5
    assert inside[10, 10]
    assert not inside[0, 0]
    front.click(30, 20, 0)
    front.click(10, 20)
    assert [point.x for point in synced(widget).draft.points] == [20, 30, 10]


def test_front_end_cannot_write_state(widget: SamWidget) -> None:
    before = synced(widget)
    message = {"method": "update", "state": {"_state": {}, "objects": [], "tooltip": "hello"}}
    widget._handle_msg({"content": {"data": message}, "buffers": []})
    assert synced(widget) == before
    assert widget.tooltip == "hello"


# -------------------------------------------------------------------------------- requests


def test_state_goes_out_before_the_reply(widget: SamWidget, front: FrontEnd) -> None:
    seq = front.send("add_point", x=20, y=20, label=1)
    front.reply(seq)
    kinds = [data["content"]["kind"] for data, _ in widget.comm.sent if "content" in data]
    assert kinds == ["update", "done"]
    (update,) = updates(widget)
    assert update.draft is not None
    assert update.image is None


ANSWERS = ("done", "preview", "error", "patch", "channels", "picture")
VALID = {
    param.values[0]["name"]: param.values[0]["content"]
    for param in REQUESTS
    if param.values[0]["valid"]
}
INVALID = [param for param in REQUESTS if not param.values[0]["valid"]]


@pytest.mark.parametrize("name", VALID)
def test_every_request_gets_one_reply(widget: SamWidget, name: str) -> None:
    content = VALID[name]
    widget._handle_custom_msg(content, [])
    front = FrontEnd(widget, content["client"])
    assert front.reply(content["seq"])["kind"] in ANSWERS
    widget._session.settle(WAIT_S)
    assert len(front.replies()) == 1
    assert not widget._connection._open


@pytest.mark.parametrize("entry", INVALID)
def test_broken_message_is_answered_and_harms_nobody(
    widget: SamWidget, front: FrontEnd, entry: Message
) -> None:
    front.click(20, 20)
    widget._handle_custom_msg(entry["content"], [])
    content, _ = front.replies()[-1]
    assert content["kind"] == "error"
    assert content["message"].startswith(entry["error"])
    client, seq = protocol.return_address(entry["content"])
    expected = (client, seq) if client is not None and seq is not None else (None, None)
    assert (content["client"], content["seq"]) == expected
    assert front.click(25, 20)["kind"] == "done"
    assert assert_agreement(widget) == 1


def test_every_kind_does_what_it_says(widget: SamWidget, front: FrontEnd) -> None:
    def draft() -> protocol.DraftState:
        return synced(widget).draft

    front.click(20, 20)
    front.ask("choose_mask", index=2)
    assert draft().choice == 2
    front.click(30, 20)
    front.ask("move_point", index=1, x=40, y=30)
    assert draft().points[1] == protocol.PointPrompt(40, 30, 1)
    front.ask("remove_point", index=0)
    assert draft().points == [protocol.PointPrompt(40, 30, 1)]
    front.ask("set_box", box_xyxy=[40, 30, 5, 5])
    assert draft().box_xyxy == (5, 5, 40, 30)
    front.ask("set_box", box_xyxy=None)
    assert draft().box_xyxy is None
    front.ask("set_label", label="cup")
    front.ask("commit", label=None)
    assert draft().points == []
    assert widget.labels == ["cup"]
    front.ask("select_object", id=None)
    assert synced(widget).controls.selected is None
    front.ask("select_object", id=1)
    assert synced(widget).controls.selected == 1
    front.ask("relabel_object", id=1, label="mug")
    assert widget.labels == ["mug"]
    front.ask("set_tool", tool="box")
    assert synced(widget).controls.tool == "box"
    front.click(20, 20)
    front.ask("clear_prompts")
    assert draft().points == []
    front.ask("undo")
    assert len(draft().points) == 1
    front.ask("redo")
    assert draft().points == []
    front.ask("delete_object", id=1)
    assert synced(widget).objects == []
    assert not widget.objects


def test_what_cannot_be_done_is_answered_with_the_reason(
    widget: SamWidget, front: FrontEnd
) -> None:
    reply = front.click(-40, 20)
    assert reply["kind"] == "error"
    assert "(-40, 20) is outside the image, which is 64 x 48 pixels" in reply["message"]
    assert "nothing to commit" in front.ask("commit", label=None)["message"]
    assert "no object with the id 9" in front.ask("delete_object", id=9)["message"]
    assert assert_agreement(widget) == 0


def test_preview_carries_its_field_in_one_large_buffer(widget: SamWidget, front: FrontEnd) -> None:
    seq = front.send("preview", x=20, y=20)
    reply = front.reply(seq)
    assert reply["kind"] == "preview"
    assert reply["score"] == pytest.approx(0.9)
    assert reply["buffer_paths"] == [["field", "data"]]
    ((_, buffers),) = front.replies(seq)
    assert isinstance(buffers[0], bytes), "sent later and without a copy: it must not change"
    assert len(buffers[0]) >= 65536
    assert assert_agreement(widget) == 0


def test_previews_of_one_page_overtake_each_other(
    widget: SamWidget, front: FrontEnd, model: FakeModel
) -> None:
    model.may_decode.clear()
    model.is_decoding.clear()
    click = front.send("add_point", x=20, y=20, label=1)
    assert model.is_decoding.wait(WAIT_S)
    seqs = [front.send("preview", x=x, y=5) for x in range(5)]
    other = FrontEnd(widget, "other page")
    others = other.send("preview", x=3, y=3)
    model.may_decode.set()
    assert front.reply(click)["kind"] == "done"
    assert [front.reply(seq)["kind"] for seq in seqs] == ["cancelled"] * 4 + ["preview"]
    assert other.reply(others)["kind"] == "preview"


def test_cancel_gives_up_what_waits_and_only_that(
    widget: SamWidget, front: FrontEnd, model: FakeModel
) -> None:
    model.may_decode.clear()
    model.is_decoding.clear()
    first = front.send("add_point", x=20, y=20, label=1)
    assert model.is_decoding.wait(WAIT_S)
    second = front.send("add_point", x=21, y=20, label=1)
    hover = front.send("preview", x=3, y=3)
    stranger = FrontEnd(widget, "other page")
    assert stranger.ask("cancel", target_seq=second)["kind"] == "done"
    assert not front.replies(second)
    for target in (first, second, hover, 999):
        assert front.ask("cancel", target_seq=target)["kind"] == "done"
    model.may_decode.set()
    assert [front.reply(seq)["kind"] for seq in (first, second, hover)] == [
        "done",
        "cancelled",
        "cancelled",
    ]
    assert len(widget.objects[0].point_coords) == 1


def test_hundred_clicks_in_a_hurry_all_count_in_order(widget: SamWidget, front: FrontEnd) -> None:
    seqs = [front.send("add_point", x=x / 2, y=20, label=1) for x in range(100)]
    assert {front.reply(seq)["kind"] for seq in seqs} == {"done"}
    assert [point.x for point in synced(widget).draft.points] == [x / 2 for x in range(100)]


def test_handler_returns_at_once_while_the_image_is_embedded(make: Make, model: FakeModel) -> None:
    model.may_encode.clear()
    widget = make()
    front = FrontEnd(widget)
    click = front.send("add_point", x=20, y=20, label=1)
    commit = front.send("commit", label=None)
    assert not front.replies(click)
    model.may_encode.set()
    assert front.reply(commit)["kind"] == "done"
    assert front.reply(click)["kind"] == "done"
    assert len(widget.objects) == 1


def test_failing_model_is_told_and_committed_objects_stay(
    widget: SamWidget, front: FrontEnd, model: FakeModel
) -> None:
    front.click(20, 20)
    front.ask("commit", label=None)
    model.decode_error = RuntimeError("out of memory")
    assert front.click(40, 20)["message"] == "out of memory"
    assert synced(widget).draft.points == []
    assert assert_agreement(widget) == 1
    model.decode_error = None
    assert front.click(40, 20)["kind"] == "done"


def test_model_that_does_not_load_is_told(make: Make, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_text("<html>sign in first</html>")
    widget = make(IMAGE, model=broken)
    front = FrontEnd(widget)
    reply = front.click(20, 20)
    assert reply["kind"] == "error"
    assert "HTML" in reply["message"]
    assert synced(widget).status == protocol.Status("error", reply["message"], None, "")
    assert synced(widget).controls.model == "broken.pt"
    with pytest.raises(RuntimeError, match="HTML"):
        widget.wait(WAIT_S)
    with pytest.raises(RuntimeError, match="HTML"):
        widget.add_point(20, 20)
    assert widget.masks.shape == (0, 48, 64)


def test_message_after_the_end_is_answered(make: Make) -> None:
    widget = make()
    front = FrontEnd(widget)
    channel = widget.comm
    widget._session.close()
    assert "closed" in front.ask("undo")["message"]
    assert channel.sent


# --------------------------------------------------------------------------------- python


def test_what_is_on_the_screen_counts(widget: SamWidget, front: FrontEnd) -> None:
    assert assert_agreement(widget) == 0
    front.click(20, 20)
    assert assert_agreement(widget) == 1
    assert widget.masks[0, 20, 20]
    front.ask("commit", label=None)
    assert assert_agreement(widget) == 1
    front.click(50, 40)
    assert assert_agreement(widget) == 2
    front.ask("clear_prompts")
    assert assert_agreement(widget) == 1


def test_reading_waits_for_what_is_on_its_way(widget: SamWidget, front: FrontEnd) -> None:
    for _ in range(3):
        front.send("add_point", x=20, y=20, label=1)
        front.send("commit", label=None)
    assert len(widget.masks) == 3
    front.send("undo")
    assert len(widget.objects) == 3, "the draft is back"
    front.send("undo")
    assert len(widget.labels) == 2


def test_reading_does_not_wait_for_the_embedding(make: Make, model: FakeModel) -> None:
    model.may_encode.clear()
    widget = make()
    assert widget.masks.shape == (0, 48, 64)
    assert widget.scores.shape == (0,)
    assert widget.boxes.shape == (0, 4)
    assert widget.labels == []
    assert widget.objects == ()
    np.testing.assert_array_equal(widget.image, IMAGE)
    assert "image/png" in widget._repr_mimebundle_()[0]


def test_code_does_what_a_hand_does(widget: SamWidget, model: FakeModel) -> None:
    widget.add_point(20, 20)
    widget.add_point(24, 20, label=0)
    widget.commit(label="cup")
    widget.add_box([5, 5, 40, 30])
    widget.add_box(5, 5, 41, 30)
    widget.commit("saucer")
    assert widget.labels == ["cup", "saucer"]
    assert assert_agreement(widget) == 2
    assert widget.objects[1].box_prompt_xyxy == (5, 5, 41, 30)
    widget.undo()
    widget.undo()
    assert widget.objects[1].box_prompt_xyxy == (5, 5, 40, 30)
    widget.redo()
    widget.redo()
    widget.select(1)
    widget.delete(1)
    assert widget.labels == ["saucer"]
    widget.add_point(20, 20)
    widget.clear()
    assert assert_agreement(widget) == 1
    widget.clear(objects=True)
    assert assert_agreement(widget) == 0
    widget.undo()
    assert widget.labels == ["saucer"]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda w: w.add_point(-40, 20), ValueError, r"\(-40, 20\) is outside"),
        (lambda w: w.add_point("a", 20), ValueError, "x must be a number"),
        (lambda w: w.add_point(1, 2, 5), ValueError, "got 5"),
        (lambda w: w.add_box(1, 2, 3), ValueError, r"four numbers.*got \(1, 2, 3\)"),
        (lambda w: w.add_box([[1, 2], [3, "x"]]), ValueError, "four numbers"),
        (lambda w: w.commit(), ValueError, "nothing to commit"),
        (lambda w: w.commit(label=3), ValueError, "nothing to commit"),
        (lambda w: w.delete(1), ValueError, "no object with the id 1"),
        (lambda w: setattr(w, "image", "nowhere.png"), FileNotFoundError, r"nowhere\.png"),
        (lambda w: setattr(w, "image", 7), TypeError, "got int"),
        (lambda w: setattr(w, "objects", ()), Exception, "read-only"),
        (lambda w: SamWidget(IMAGE, model=3), TypeError, "model: expected.*got int"),
        (lambda w: SamWidget(IMAGE, classes="cup"), TypeError, "classes: expected"),
        (lambda w: SamWidget(IMAGE, label=None), TypeError, "label: expected"),
        (lambda w: SamWidget("nowhere.png"), FileNotFoundError, r"nowhere\.png"),
    ],
)
def test_errors_are_raised_where_they_are_made(
    widget: SamWidget, call: Callable[[SamWidget], Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        call(widget)
    assert synced(widget).status.phase == "ready"


def test_half_made_widget_goes_quietly() -> None:
    with pytest.raises(FileNotFoundError):
        SamWidget("nowhere.png")
    gc.collect()  # __del__ closes it; what that raises would be an error here


def test_another_image_starts_over(widget: SamWidget, front: FrontEnd) -> None:
    widget.add_point(20, 20)
    widget.commit()
    widget.image = IMAGE[:, :32]
    assert widget.image.shape == (48, 32, 3)
    assert widget.masks.shape == (0, 48, 32)
    widget.wait(WAIT_S)
    state = synced(widget)
    assert (state.image.width, state.objects) == (32, [])
    assert not state.controls.can_undo
    assert front.click(20, 20)["kind"] == "done"
    widget.image = None
    assert widget.image is None
    assert widget.masks.shape == (0, 0, 0)
    widget.wait(WAIT_S)
    assert synced(widget).image is None
    assert synced(widget).status.phase == "empty"
    assert front.click(20, 20)["message"].startswith("there is no image")


def test_old_masks_are_gone_before_the_new_image_comes(widget: SamWidget) -> None:
    FrontEnd(widget).ask("refresh", revision=-1)
    widget.add_point(20, 20)
    widget.commit()
    del widget.comm.sent[:]
    widget.image = IMAGE[:, ::-1]
    widget.wait(WAIT_S)
    first = updates(widget)[0]
    assert (first.image.image.width, first.objects.order) == (64, []), "both in one message"


def test_image_replaced_while_it_is_embedded(make: Make, model: FakeModel) -> None:
    model.may_encode.clear()
    widget = make()
    front = FrontEnd(widget)
    assert model.is_encoding.wait(WAIT_S)
    click = front.send("add_point", x=20, y=20, label=1)
    commit = front.send("commit", label=None)
    widget.image = IMAGE[:, :32]
    assert [front.reply(seq)["kind"] for seq in (click, commit)] == ["cancelled"] * 2
    model.may_encode.set()
    widget.wait(WAIT_S)
    assert synced(widget).draft.points == []


def test_classes_give_the_first_label(make: Make) -> None:
    assert synced(make(None, classes=["a", "b"])).controls.label == "a"
    assert synced(make(None, classes=["a", "b"], label="b")).controls.label == "b"


def test_label_image_and_composite(widget: SamWidget, tmp_path: Path) -> None:
    widget.add_point(20, 20)
    widget.commit()
    widget.add_point(50, 40)
    labels = widget.label_image()
    assert labels.shape == (48, 64)
    assert (labels[20, 20], labels[40, 50], labels[0, 0]) == (1, 2, 0)
    picture = widget.composite()
    assert picture.shape == IMAGE.shape
    assert picture.dtype == np.uint8
    assert (picture[20, 20] != IMAGE[20, 20]).any()
    assert widget.save(tmp_path / "out.png") == tmp_path / "out.png"
    with Image.open(tmp_path / "out.png") as saved:
        np.testing.assert_array_equal(np.array(saved), picture)


def test_without_an_image_there_is_no_picture(make: Make) -> None:
    widget = make(None)
    assert widget.label_image().shape == (0, 0)
    for call in (widget.composite, widget.new_overlay):
        with pytest.raises(ValueError, match="set the widget's image first"):
            call()
    assert "image/png" not in widget._repr_mimebundle_()[0]


def test_static_picture_shows_image_and_masks(make: Make) -> None:
    widget = make(np.zeros((1500, 3000, 3), np.uint8))
    widget.wait(WAIT_S)
    widget.add_box(100, 100, 2000, 1400)
    bundle = widget._repr_mimebundle_()[0]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as picture:
        assert picture.size == (1024, 512)
        assert np.array(picture).any()


def test_static_picture_is_of_an_image_the_worker_has_not_seen_yet(
    make: Make, model: FakeModel
) -> None:
    model.may_encode.clear()
    widget = make()
    np.testing.assert_array_equal(widget.image, IMAGE)
    widget.image = np.zeros((20, 30, 3), np.uint8)  # the worker is busy with the one before
    with Image.open(io.BytesIO(base64.b64decode(widget._repr_mimebundle_()[0]["image/png"]))) as p:
        assert p.size == (30, 20)


def test_repr_says_what_there_is(widget: SamWidget) -> None:
    widget.add_point(20, 20)
    assert repr(widget) == "<SamWidget fake: 64 x 48 pixels, 1 object>"


# ------------------------------------------------------------------------------- observing


def test_objects_can_be_observed(widget: SamWidget, front: FrontEnd) -> None:
    seen: list[tuple[int, int]] = []
    widget.observe(lambda change: seen.append((len(change.new), len(widget.masks))), "objects")
    front.click(20, 20)
    front.ask("commit", label=None)
    front.ask("set_tool", tool="box")
    front.ask("undo")
    front.ask("undo")
    wait_until(lambda: len(seen) == 4)
    assert [new for new, _ in seen] == [1, 1, 1, 0]


def test_observer_may_read_and_edit(widget: SamWidget, front: FrontEnd) -> None:
    def keep_at_once(change: Any) -> None:
        if synced(widget).draft.points:
            widget.commit("auto")
            assert_agreement(widget)

    widget.observe(keep_at_once, "objects")
    for number, (x, y) in enumerate([(20, 20), (50, 40)], start=1):
        front.click(x, y)
        wait_until(lambda n=number: len(synced(widget).objects) == n)
    assert widget.labels == ["auto", "auto"]
    state = synced(widget)
    assert state.draft.points == []
    assert len(state.objects) == 2


def test_nothing_is_sent_again_that_did_not_change(widget: SamWidget, front: FrontEnd) -> None:
    front.click(20, 20)
    front.ask("set_tool", tool="box")
    click, tool = updates(widget)
    assert (click.image, click.objects, click.status) == (None, None, None)
    assert (tool.image, tool.objects, tool.status, tool.draft) == (None, None, None, None)
    assert tool.controls.tool == "box"


# --------------------------------------------------------------------------- several widgets


def test_two_widgets_share_a_model_and_nothing_else(make: Make) -> None:
    one, other = make(), make()
    for widget in (one, other):
        widget.wait(WAIT_S)
    one.add_point(20, 20)
    assert (len(one.masks), len(other.masks)) == (1, 0)
    one.close()
    other.add_point(30, 20)
    assert other.objects[0].point_coords.tolist() == [[30, 20]]


def test_model_may_be_a_network_or_something_with_a_predictor(make: Make) -> None:
    class Facade:
        predictor = fake_predictor()

    for model in (FakeModel(), fake_predictor(), Facade()):
        widget = make(IMAGE, model=model)
        widget.add_point(20, 20)
        assert widget.model == "fake"
        assert len(widget.masks) == 1


def test_widgets_share_a_model_of_the_same_file(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from samwidget.weights import opening as checkpoints

    path = tmp_path / "tiny.pt"
    path.touch()
    loads: list[Path] = []

    def locate(name: str, *, progress: Callable[[float], None]) -> checkpoints.Checkpoint:
        return checkpoints.Checkpoint(path, None)

    def load_model(path: Path) -> FakeModel:
        loads.append(path)
        time.sleep(0.02)
        return FakeModel()

    monkeypatch.setattr(checkpoints, "locate", locate)
    monkeypatch.setattr(checkpoints, "load_model", load_model)
    widgets = [make(IMAGE, model=name, device="cpu") for name in ("tiny", "sam_tiny", path)]
    for widget in widgets:
        widget.wait(WAIT_S)
    assert loads == [path]
    path.write_bytes(b"changed")
    for _ in range(2):
        widgets.append(make(IMAGE, model=path, device="cpu"))
        widgets[-1].wait(WAIT_S)
    assert loads == [path, path]
    for widget in widgets:
        widget.close()
        widget._session._thread.join(WAIT_S)
    gc.collect()
    assert not [key for key in shared._opened if key[0][0] == str(path)], "nobody uses it"


def test_closing_ends_the_thread(make: Make) -> None:
    def workers() -> int:
        return sum(thread.name == "samwidget" for thread in threading.enumerate())

    before = workers()
    widgets = [make() for _ in range(3)]
    for widget in widgets:
        widget.wait(WAIT_S)
    assert workers() == before + 3
    for widget in widgets:
        widget.close()
        widget.close()
        widget._session._thread.join(WAIT_S)
    assert workers() == before
    with pytest.raises(RuntimeError, match="closed"):
        widgets[0].add_point(20, 20)
    assert widgets[0].masks.shape == (0, 48, 64), "what was made can still be read"


# ----------------------------------------------------------------------------- surroundings


def test_overlay_has_the_size_of_the_image(widget: SamWidget) -> None:
    overlay = widget.new_overlay()
    assert (overlay.width, overlay.height) == (64, 48)
    assert widget.overlay is overlay
    assert widget.get_state(["overlay"])["overlay"] == f"IPY_MODEL_{overlay.model_id}"
    widget.overlay = None
    assert widget.get_state(["overlay"])["overlay"] is None


def test_overlay_can_be_drawn_on_again_after_a_page_reload(widget: SamWidget) -> None:
    overlay = widget.new_overlay()
    drawn: list[object] = []
    overlay.on_client_ready(lambda: drawn.append(overlay._canvas_manager._current_canvas))
    overlay.fill_rect(0, 0, 5, 5)
    assert overlay._canvas_manager._current_canvas is overlay
    overlay._handle_custom_msg({"event": "client_ready"}, [])
    assert drawn == [None]


def test_a_canvas_shows_the_composite(widget: SamWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(Canvas, "put_image_data", lambda _, picture: drawn.append(picture))
    widget.add_point(20, 20)
    canvas = widget.to_canvas()
    assert (canvas.width, canvas.height) == (64, 48)
    canvas._client_ready_callbacks()  # a page was reloaded
    assert len(drawn) == 2
    for picture in drawn:
        np.testing.assert_array_equal(picture, widget.composite())


def test_objects_are_exported_from_the_widget(widget: SamWidget, tmp_path: Path) -> None:
    widget.add_point(20, 20)
    widget.commit("cat")
    table = widget.to_dataframe()
    assert table["class_name"].tolist() == ["cat"]
    assert table["area"].tolist() == [int(widget.masks[0].sum())]
    assert widget.to_coco()["annotations"][0]["area"] == table["area"][0]
    assert widget.export(tmp_path / "masks.png").is_file()
