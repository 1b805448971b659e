"""Requests from the browser to a session, and exactly one reply to each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from samwidget.editing.document import Draft
from samwidget.editing.edit import Edit
from samwidget.jupyter import protocol, synced
from samwidget.jupyter.look_messages import DescribeChannels, ReadDetail, ReadPatch, RenderPicture
from samwidget.jupyter.looking import look
from samwidget.jupyter.mirror import Mirror
from samwidget.session.reel import Thumbnail
from samwidget.session.session import Session
from samwidget.values.errors import text_of
from samwidget.values.phrases import DEFAULT_DETECTOR, split_phrases

Send = Callable[[dict[str, Any], list[bytes]], None]


class Connection:
    """Turns messages into calls of the session and their futures into replies.

    Parameters
    ----------
    session
        Does what is asked for.
    mirror
        Knows what is shown.
    send
        Sends content and buffers to the browser; called from any thread.
    on_views
        Told how many views are on all pages together, and whether any is on the page that the
        present message comes from, whenever a page tells its own number; None instead of the first
        when that page goes.
    detector
        What finds text, see :meth:`samwidget.SAM.predict`.

    Attributes
    ----------
    is_heard
        Whether a front end has ever said something: before that nobody listens to updates.
    """

    def __init__(
        self,
        session: Session,
        mirror: Mirror,
        send: Send,
        on_views: Callable[[int | None, bool], None] = lambda _total, _here: None,
        detector: object = DEFAULT_DETECTOR,
    ) -> None:
        self.is_heard = False
        self._session = session
        self._mirror = mirror
        self._send = send
        self._on_views = on_views
        self._detector = detector
        self._views: dict[str, int] = {}
        self._open: dict[tuple[str, int], Future[Any]] = {}
        self._telling = threading.Lock()

    def receive(self, content: object, buffers: Sequence[object]) -> None:
        """Take a message and return at once, whatever it holds."""
        if not self.is_heard:
            with self._telling:  # what is being told now was made for nobody
                self.is_heard = True
        try:
            envelope = protocol.parse_envelope(content, buffers)
            future = self._start(envelope.client, envelope.request)
        except Exception as error:
            client, seq = protocol.return_address(content)
            if client is None or seq is None:  # nobody waits for it under an id: tell everybody
                client = seq = None
            self._reply(protocol.ErrorReply("error", client, seq, text_of(error)))
            return
        self._open[envelope.client, envelope.seq] = future
        future.add_done_callback(partial(self._answer, envelope.client, envelope.seq))

    def tell(self, make: Callable[[bool], protocol.Update]) -> None:
        """Make an update, told whether there may be front ends, and send it to them if so.

        One after the other, as they are numbered in the order in which they are made.
        """
        with self._telling:
            update = make(self.is_heard)
            if self.is_heard:
                self._send(*protocol.pack(update))

    def _start(self, client: str, request: protocol.Request) -> Future[Any]:
        match request:
            case Edit():
                return self._session.edit(request)
            case protocol.Preview(x=x, y=y):
                return self._session.preview(client, x, y)
            case protocol.ShowView(view_xyxy=view_xyxy, screen_scale=screen_scale):
                return self._session.look_closer(view_xyxy, screen_scale)
            case protocol.FindEverything(preset=preset):
                return self._session.find_everything({"preset": preset}).future
            case protocol.FindText(text=text):
                phrases, options = split_phrases(text), {"detector": self._detector}
                return self._session.find_text(phrases, options).future
            case protocol.StopFinding():
                self._session.stop_finding()
            case ReadPatch() | DescribeChannels() | RenderPicture() | ReadDetail():
                return look(self._session.image, request)
            case protocol.GoToImage(index=index):
                return self._session.reel.go_to(index)
            case protocol.FinishImage(mark=mark):
                return self._session.reel.finish(mark)
            case protocol.FetchThumbnail(index=index):
                return self._session.reel.thumbnail(index)
            case protocol.Cancel(target_seq=target_seq):
                target = self._open.get((client, target_seq))
                if target is not None:
                    target.cancel()
            case protocol.Refresh(revision=revision):
                if revision != self._mirror.revision:
                    self.tell(lambda _: self._mirror.everything(revision))
            case protocol.ReportViews(count=count):
                self._views[client] = max(0, count)
                if not count:
                    del self._views[client]
                self._on_views(sum(self._views.values()), count > 0)
            case protocol.LeavePage():
                self._on_views(None, False)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def _answer(self, client: str, seq: int, future: Future[Any]) -> None:
        self._open.pop((client, seq), None)
        error = CancelledError() if future.cancelled() else future.exception()
        if isinstance(error, CancelledError):
            self._reply(protocol.CancelledReply("cancelled", client, seq))
        elif error is not None:
            self._reply(protocol.ErrorReply("error", client, seq, text_of(error)))
        elif isinstance(result := future.result(), Draft):
            self._reply(synced.preview_reply(client, seq, result))
        elif isinstance(result, Thumbnail):
            self._reply(
                protocol.ThumbnailReply("thumbnail", client, seq, result.title, result.data)
            )
        elif callable(result):
            self._reply(result(client, seq))
        else:
            self._reply(protocol.DoneReply("done", client, seq))

    def _reply(self, reply: protocol.Reply) -> None:
        self._send(*protocol.pack(reply))
