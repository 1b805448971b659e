"""Requests from the browser to a session, and exactly one reply to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from samwidget.editing import document as state
from samwidget.jupyter import protocol, synced
from samwidget.session.worker import Session

Send = Callable[[dict[str, Any], list[bytes]], None]


class Connection:
    """Turns messages into calls of the session and their futures into replies.

    Parameters
    ----------
    session
        Does what is asked for.
    send
        Sends content and buffers to the browser; called from any thread.
    """

    def __init__(self, session: Session, send: Send) -> None:
        self._session = session
        self._send = send
        self._open: dict[tuple[str, int], Future[Any]] = {}

    def receive(self, content: object, buffers: Sequence[object]) -> None:
        """Take a message and return at once, whatever it holds."""
        try:
            envelope = protocol.parse_envelope(content, buffers)
            future = self._start(envelope.client, envelope.request)
        except Exception as error:
            client, seq = protocol.return_address(content)
            if client is None or seq is None:  # nobody waits for it under an id: tell everybody
                client = seq = None
            self._reply(protocol.ErrorReply("error", client, seq, _text_of(error)))
            return
        self._open[envelope.client, envelope.seq] = future
        future.add_done_callback(partial(self._answer, envelope.client, envelope.seq))

    def _start(self, client: str, request: protocol.Request) -> Future[Any]:
        edit = self._session.edit
        match request:
            case protocol.AddPoint(x=x, y=y, label=label):
                return edit(state.add_point, x, y, label)
            case protocol.MovePoint(index=index, x=x, y=y):
                return edit(state.move_point, index, x, y)
            case protocol.RemovePoint(index=index):
                return edit(state.remove_point, index)
            case protocol.SetBox(box_xyxy=box_xyxy):
                return edit(state.set_box, box_xyxy)
            case protocol.ChooseMask(index=index):
                return edit(state.choose_mask, index)
            case protocol.ClearPrompts():
                return edit(state.clear_prompts)
            case protocol.Commit():
                return edit(state.commit)
            case protocol.SelectObject(id=object_id):
                return edit(state.select_object, object_id)
            case protocol.DeleteObject(id=object_id):
                return edit(state.delete_object, object_id)
            case protocol.RelabelObject(id=object_id, label=text):
                return edit(state.relabel_object, object_id, text)
            case protocol.SetLabel(label=text):
                return edit(state.set_label, text)
            case protocol.SetTool(tool=tool):
                return edit(state.set_tool, tool)
            case protocol.Undo():
                return edit(state.undo)
            case protocol.Redo():
                return edit(state.redo)
            case protocol.Preview(x=x, y=y):
                return self._session.preview(client, x, y)
            case protocol.Cancel(target_seq=target_seq):
                return self._cancel(client, target_seq)

    def _cancel(self, client: str, seq: int) -> Future[None]:
        target = self._open.get((client, seq))
        if target is not None:
            target.cancel()
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def _answer(self, client: str, seq: int, future: Future[Any]) -> None:
        self._open.pop((client, seq), None)
        error = CancelledError() if future.cancelled() else future.exception()
        if isinstance(error, CancelledError):
            self._reply(protocol.CancelledReply("cancelled", client, seq))
        elif error is not None:
            self._reply(protocol.ErrorReply("error", client, seq, _text_of(error)))
        elif isinstance(draft := future.result(), state.Draft):
            self._reply(synced.preview_reply(client, seq, draft))
        else:
            self._reply(protocol.DoneReply("done", client, seq))

    def _reply(self, reply: protocol.Reply) -> None:
        self._send(*protocol.pack_reply(reply))


def _text_of(error: BaseException) -> str:
    return str(error) or type(error).__name__
