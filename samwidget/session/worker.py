"""A worker thread that owns one model and one person's state; it knows no Jupyter.

Any thread may ask for something; it gets a future and goes on. The worker does, in this order: the
newest image, all waiting edits, then the newest preview of each client. All edits that wait are
applied before the model is asked once for what they lead to, so a busy worker never falls behind.

While a model is loaded or an image embedded, edits are applied between the steps as far as no mask
is needed for them, so that the points appear at once; they are answered when their mask is there.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samwidget.editing.document import (
    NEED_MASK,
    NEED_NO_IMAGE,
    Draft,
    State,
    add_point,
    new_image,
    with_draft,
)
from samwidget.engine.refining import predict_draft
from samwidget.session.inbox import Edit, Inbox, NewImage, Preview

if TYPE_CHECKING:
    from samwidget.predict.predictor import Embedding, Predictor

Progress = Callable[[float], None]
OpenPredictor = Callable[[Progress], "Predictor"]

PROGRESS_INTERVAL_S = 0.1
"""Least time between two updates of one phase: the notebook server drops floods of messages."""

_log = logging.getLogger(__name__)


class Status(NamedTuple):
    """The values of ``protocol.Status``, which says what they mean."""

    phase: str
    message: str
    progress: float | None = None


class _Overtaken(BaseException):
    """Ends the loading or embedding in whose progress it is raised; no error, hence its base."""


class Session:
    """One person segmenting one image after the other.

    Parameters
    ----------
    open_predictor
        Called on the worker thread when the first image is there; told a function that it may
        call with the fraction done, and that raises to end the loading.
    model_name
        For the status.
    classes, label
        What :class:`samwidget.editing.document.State` starts with.
    on_state, on_status
        Called on the worker thread with the new state before the edits
        that led to it are answered, and with each new :class:`Status`. They may call any method
        of the session. What they raise is logged and goes no further.
    """

    def __init__(
        self,
        open_predictor: OpenPredictor,
        *,
        model_name: str = "the model",
        classes: Sequence[str] = (),
        label: str = "",
        on_state: Callable[[State], None] = lambda _: None,
        on_status: Callable[[Status], None] = lambda _: None,
    ) -> None:
        self.status = Status("empty", "no image")
        self._open_predictor = open_predictor
        self._model_name = model_name
        self._on_state = on_state
        self._on_status = on_status
        self._state = self._complete = State(classes=tuple(classes), label=label)
        self._published: State | None = self._state
        self._unanswered: list[Edit] = []
        self._predictor: Predictor | None = None
        self._hovered: Draft | None = None  # the last preview
        self._embedding: Embedding | None = None
        self._failure: Exception | None = None
        self._is_preparing = False
        self._reported_at = 0.0
        self._inbox = Inbox()
        # The thread must not keep the session alive: between jobs it knows the inbox alone.
        weakref.finalize(self, self._inbox.close)
        self._thread = threading.Thread(
            target=_work, args=(self._inbox, weakref.ref(self)), name="samwidget", daemon=True
        )
        self._thread.start()

    # ------------------------------------------------------------------- asked by any thread

    @property
    def state(self) -> State:
        """The present state. :meth:`settle` first to see all edits in it."""
        return self._state

    @property
    def newest_image(self) -> NDArray[np.uint8] | None:
        """The image set last, which may not be in the state yet."""
        return self._inbox.newest_image.image

    def set_image(self, image: NDArray[np.uint8] | None) -> None:
        """Start over on an image, (H, W, 3) uint8 RGB, or on none; see :meth:`wait`.

        Unfinished work on the image before is cancelled, its objects are gone.
        """
        self._inbox.put_image(NewImage(image))

    def edit(self, function: Callable[..., State], *args: Any) -> Future[None]:
        """Have an edit applied: ``edit(state.add_point, x, y, 1)``.

        Returns
        -------
        done
            Done when its mask is there and ``on_state`` has been told; it can be cancelled until
            the worker takes it.
        """
        edit = Edit(function, args)
        if self._is_worker:
            self._edit_in_callback(edit)
        else:
            self._inbox.put_edit(edit)
        return edit.future

    def preview(self, client: str, x: float, y: float) -> Future[Draft]:
        """Ask what a first click here would give; the answer is a draft with its prediction.

        Only the newest preview of each client is worked on, the older ones are cancelled.
        """
        preview = Preview(x, y)
        self._inbox.put_preview(client, preview)
        return preview.future

    def result(self, future: Future[None], timeout: float | None = None) -> None:
        """Wait until an edit is done; raises what it raised.

        Raises
        ------
        RuntimeError
            When it was given up because of a new image or because the session was closed, or when
            a callback on the worker thread waits for what can only be done after it.
        """
        if self._is_worker and not future.done():
            raise RuntimeError("a callback cannot wait for an image that is still being embedded")
        try:
            future.result(timeout)
        except FutureTimeoutError:
            if future.done():  # it is what the edit itself has raised
                raise
            raise TimeoutError(f"not done within {timeout} s") from None
        except CancelledError:
            raise RuntimeError(
                "given up: another image was set meanwhile, or the widget was closed"
            ) from None

    def settle(self, timeout: float | None = None) -> None:
        """Wait until the edits asked for so far are done, well or not.

        A callback on the worker thread does not wait.

        Raises
        ------
        TimeoutError
            When this takes longer than ``timeout`` seconds.
        """
        if not self._is_worker and wait(self._inbox.unfinished(), timeout).not_done:
            raise TimeoutError(f"the edits were not done within {timeout} s")

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the newest image is embedded and the edits asked for so far are done.

        Raises
        ------
        Exception
            What the loading or the embedding has raised.
        TimeoutError
            When this takes longer than ``timeout`` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            newest = self._inbox.newest_image
            try:
                self.result(newest.ready, timeout)
            except RuntimeError:
                if newest is self._inbox.newest_image:
                    raise
            else:
                break
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        self.settle(None if deadline is None else max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """End the thread after its present step and give up all that waits."""
        self._inbox.close()

    @property
    def _is_worker(self) -> bool:
        return threading.current_thread() is self._thread

    # --------------------------------------------------------------------- done by the worker

    def _work_once(self) -> None:
        job = self._inbox.take_image()
        if job is not None:
            self._is_preparing = True
            try:
                self._prepare(job)
            finally:
                self._is_preparing = False
            self._settle()
            return
        edits = self._inbox.take_edits()
        if edits:
            self._run(edits)
            return
        preview = self._inbox.take_preview()
        if preview is not None:
            self._answer_preview(preview)

    def _prepare(self, job: NewImage) -> None:
        """Show an image, load the model unless it is loaded, embed the image."""
        self._embedding = self._failure = self._hovered = None
        self._state = self._complete = new_image(self._state, job.image)
        self._publish()
        job.shown.set_result(None)
        if job.image is None:
            self._report(Status("empty", "no image"))
            job.ready.set_result(None)
            return
        try:
            if self._predictor is None:
                on_progress = self._progress_of("loading", f"loading {self._model_name}")
                self._predictor = self._open_predictor(on_progress)
            on_progress = self._progress_of("embedding", "embedding the image")
            start = time.perf_counter()
            self._embedding = self._predictor.encode(job.image, on_progress)
            elapsed = time.perf_counter() - start
        except _Overtaken:
            self._take_back()
            self._fail_unanswered(CancelledError())
            job.ready.cancel()
        except Exception as error:
            self._failure = error
            self._report(Status("error", str(error) or type(error).__name__))
            job.ready.set_exception(error)
        else:
            self._report(Status("ready", f"ready · embedded in {elapsed:.2f} s", 1.0))
            job.ready.set_result(None)

    def _progress_of(self, phase: str, message: str) -> Progress:
        """Report that a phase begins, and give the function to be told of its progress."""

        def on_progress(fraction: float) -> None:
            if self._inbox.overtakes:
                raise _Overtaken
            self._apply_early(self._inbox.take_edits(until_mask=True))
            if time.monotonic() - self._reported_at >= PROGRESS_INTERVAL_S:
                self._report(Status(phase, message, min(max(float(fraction), 0.0), 1.0)))

        if self._inbox.overtakes:
            raise _Overtaken
        self._report(Status(phase, message))
        return on_progress

    def _apply_early(self, edits: Sequence[Edit]) -> None:
        """Apply edits before there is an embedding."""
        for edit in edits:
            self._apply(edit)
        self._publish()
        self._answer()

    def _run(self, edits: Sequence[Edit]) -> None:
        for index, edit in enumerate(edits):
            if edit.function in NEED_MASK and not self._settle(edits[index:]):
                return
            self._apply(edit)
        self._settle()

    def _edit_in_callback(self, edit: Edit) -> None:
        """Do an edit between the telling of others and their answers."""
        outer, self._unanswered = self._unanswered, []
        if not self._state.document.draft.is_pending:
            self._complete = self._state
        if not self._is_preparing:
            self._run([edit])
        elif edit.function in NEED_MASK:
            edit.future.set_exception(
                RuntimeError("this needs a mask, and the image is still being embedded")
            )
        else:
            self._inbox.track(edit.future)
            self._apply_early([edit])
        self._unanswered = outer + self._unanswered

    def _apply(self, edit: Edit) -> None:
        try:
            self._state = edit.function(self._state, *edit.args)
        except Exception as error:
            edit.future.set_exception(error)
        else:
            self._unanswered.append(edit)

    def _settle(self, following: Sequence[Edit] = ()) -> bool:
        """Ask the model if need be, tell the state, answer the edits that led to it.

        When the model fails, these edits are taken back. They, those ``following`` and all that
        wait were asked for in the belief that there would be a mask: all get the error, but those
        that need no image. Returns whether all went well.
        """
        draft = self._state.document.draft
        if draft.is_pending:
            try:
                self._state = with_draft(self._state, self._predicted(draft))
            except Exception as error:
                self._take_back()
                for edit in (*following, *self._inbox.take_edits()):
                    if edit.function in NEED_NO_IMAGE:
                        self._apply(edit)
                    else:
                        self._unanswered.append(edit)
                self._publish()
                self._fail_unanswered(error)
                return False
        self._publish()
        self._answer()
        return True

    def _take_back(self) -> None:
        """Return to the last state that lacked no mask, but for the label and the tool."""
        label, tool = self._state.label, self._state.tool
        self._state = replace(self._complete, label=label, tool=tool)

    def _answer(self) -> None:
        """Answer all edits, or while a mask is missing those that need no image."""
        if self._state.document.draft.is_pending:
            done = [edit for edit in self._unanswered if edit.function in NEED_NO_IMAGE]
        else:
            done, self._complete = self._unanswered, self._state
        self._unanswered = [edit for edit in self._unanswered if edit not in done]
        for edit in done:
            edit.future.set_result(None)

    def _fail_unanswered(self, error: Exception) -> None:
        edits, self._unanswered = self._unanswered, []
        for edit in edits:
            if edit.function in NEED_NO_IMAGE:
                edit.future.set_result(None)
            else:
                edit.future.set_exception(error)

    def _predicted(self, draft: Draft) -> Draft:
        if self._failure is not None:
            raise self._failure
        if (
            self._hovered is not None
            and draft.is_ambiguous
            and draft.points == self._hovered.points
        ):
            return self._hovered  # a click where the pointer rested: this was asked a moment ago
        assert self._predictor is not None
        assert self._embedding is not None
        return predict_draft(self._predictor, self._embedding, draft)

    def _answer_preview(self, preview: Preview) -> None:
        try:
            if self._embedding is None:
                raise CancelledError
            clicked = add_point(State(self._state.image), preview.x, preview.y)
            self._hovered = self._predicted(clicked.document.draft)
            preview.future.set_result(self._hovered)
        except Exception as error:
            preview.future.set_exception(error)

    # ------------------------------------------------------------------------------ callbacks

    def _publish(self) -> None:
        state = self._state
        if self._published is state:
            return
        self._published = state
        self._tell(partial(self._on_state, state))
        if self._state is not state:
            # The callback made an edit. The newer state has been told inside the older one, which
            # then went on with older values: tell it again.
            self._published = None
            self._publish()

    def _report(self, status: Status) -> None:
        self.status = status
        self._reported_at = time.monotonic()
        self._tell(partial(self._on_status, status))

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            _log.exception("a callback of samwidget failed")


def _work(inbox: Inbox, session_ref: weakref.ref[Session]) -> None:
    try:
        while inbox.wait():
            session = session_ref()
            if session is None:
                return
            session._work_once()
            del session
    finally:
        inbox.close()
        session = session_ref()
        if session is not None:
            # A closed session needs no memory.
            session._predictor = session._embedding = session._hovered = None
