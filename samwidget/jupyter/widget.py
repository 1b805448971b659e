"""SamWidget: its Python face and its synced traits. What happens to edits is in ``session.py``."""

from __future__ import annotations

import base64
import functools
import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from samwidget.editing import document as state
from samwidget.editing.document import Draft, State
from samwidget.jupyter import protocol, synced, wire
from samwidget.jupyter.connection import Connection
from samwidget.jupyter.overlay import new_canvas
from samwidget.predict.shared import opener
from samwidget.results import Results
from samwidget.session.worker import Session, Status
from samwidget.values.images import load_image
from samwidget.values.label_image import label_image
from samwidget.values.objects import SegmentedObject

if TYPE_CHECKING:
    from ipycanvas import Canvas


@functools.cache
def _bundle(name: str) -> str:
    path = Path(__file__).parents[1] / "static" / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuntimeError(
            f"the widget's front end is missing ({path}): in a checkout run `npm ci` and "
            "`npm run build`, else install samwidget again"
        ) from error


class _Objects(traitlets.Any):
    """A tuple of objects that is up to date whenever it is read."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        obj._settle()
        return super().get(obj, cls)


class SamWidget(anywidget.AnyWidget):
    """Segment an image in a notebook: click an object, read its mask.

    Parameters
    ----------
    image
        A path, http(s) address, bytes, PIL image, array or tensor, see
        :func:`samwidget.values.images.load_image`. None for a widget that waits for one.
    model
        A name such as ``"nano"``, ``"vit_b"`` or ``"sam_b.pt"``, the path of a checkpoint, or an
        open model (``SAM``, ``Predictor``, ``SegmentAnything``), which widgets may share.
    classes
        Labels to choose from.
    label
        The label that committed objects get, at first the first of ``classes``.
    device
        ``"auto"`` picks CUDA, then MPS, then CPU.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"auto"``, see :class:`samwidget.Predictor`.
    overlay
        An ipycanvas canvas that is stretched over the image, see :meth:`new_overlay`.
    **kwargs
        Traits of every ipywidget, such as ``layout``.

    Attributes
    ----------
    objects : tuple of SegmentedObject
        Read-only trait: ``widget.observe(callback, "objects")`` is told of each change.

    Notes
    -----
    **What is on the screen counts.** ``masks``, ``scores``, ``labels``, ``boxes`` and ``objects``
    always agree: they hold the committed objects in order and then, once it has a mask, the draft.
    Reading them waits for the edits that are on their way.

    The model is loaded and the image embedded in the background, in a thread of the widget's own.
    Callbacks given to ``observe`` run in that thread; they may use all methods.

    Examples
    --------
    >>> widget = SamWidget("photo.jpg")  # doctest: +SKIP
    >>> widget.add_point(120, 80)  # doctest: +SKIP
    >>> widget.masks.shape  # doctest: +SKIP
    (1, 480, 640)
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    # protocol.SyncedState
    _image = traitlets.Any(None).tag(sync=True)
    _status = traitlets.Any().tag(sync=True)
    _draft = traitlets.Any().tag(sync=True)
    _objects = traitlets.Any().tag(sync=True)
    _controls = traitlets.Any().tag(sync=True)

    overlay = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    objects = _Objects((), read_only=True)

    def __init__(
        self,
        image: object = None,
        model: object = "nano",
        *,
        classes: Sequence[str] = (),
        label: str = "",
        device: str = "auto",
        precision: str = "auto",
        overlay: ipywidgets.Widget | None = None,
        **kwargs: Any,
    ) -> None:
        pixels = None if image is None else load_image(image)
        self._model_label, open_predictor = opener(model, device, precision)
        classes = _texts("classes", classes)
        (label,) = _texts("label", (label,))
        self._object_states: weakref.WeakKeyDictionary[SegmentedObject, Any] = (
            weakref.WeakKeyDictionary()
        )
        self._drafted: tuple[Draft, str, SegmentedObject | None] = (Draft(), "", None)
        self._shown: tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]] = (None, ())
        super().__init__(
            _esm=_bundle("widget.js"), _css=_bundle("widget.css"), overlay=overlay, **kwargs
        )
        self._session = Session(
            open_predictor,
            model_name=self._model_label,
            classes=classes,
            label=label or (classes[0] if classes else ""),
            on_state=self._show,
            on_status=self._show_status,
        )
        self._show_status(self._session.status)
        self._show(self._session.state)
        self._connection = Connection(self._session, self.send)
        self.on_msg(self._receive)
        if pixels is not None:
            self._session.set_image(pixels)

    # -------------------------------------------------------------------------------- reading

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8 RGB, or None. Can be set to anything that is an image, or to None.

        Setting it starts over: all objects are gone. What is no image raises and changes nothing.
        """
        self._settle()
        return self._shown[0]

    @image.setter
    def image(self, source: object) -> None:
        self._session.set_image(None if source is None else load_image(source))

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._model_label

    @property
    def masks(self) -> NDArray[np.bool_]:
        """(N, H, W) bool; without an image (0, 0, 0)."""
        image, objects = self._settled()
        if not objects:
            return np.zeros((0, *(image.shape[:2] if image is not None else (0, 0))), np.bool_)
        return np.stack([one.mask for one in objects])

    @property
    def scores(self) -> NDArray[np.float32]:
        """(N,) float32, the model's own estimate of each mask's IoU; may exceed 1."""
        return np.array([one.score for one in self._settled()[1]], np.float32)

    @property
    def labels(self) -> list[str]:
        """One label for each mask; empty strings where none was given."""
        return [one.label for one in self._settled()[1]]

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(N, 4) float32 XYXY in pixels, the smallest box around each mask."""
        boxes = [one.box_xyxy for one in self._settled()[1]]
        return np.array(boxes, np.float32).reshape(-1, 4)

    def label_image(self) -> NDArray[np.int32]:
        """Give (H, W) int32: 0 where nothing is, else 1 + the index of the last mask there."""
        image, objects = self._settled()
        size_hw = (0, 0) if image is None else (image.shape[0], image.shape[1])
        return label_image([one.shape for one in objects], size_hw)

    def composite(self) -> NDArray[np.uint8]:
        """Give the picture with all masks painted over it, (H, W, 3) uint8 RGB."""
        return self._results().plot()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write :meth:`composite` into a file, a PNG if its name ends so; gives the path."""
        return self._results().save(path)

    # -------------------------------------------------------------------------------- editing

    def add_point(self, x: float, y: float, label: int = 1) -> None:
        """Click: ``label`` 1 for what belongs to the object, 0 for what does not.

        Coordinates are pixels of the image, the centre of its first one is (0.5, 0.5). This and all
        methods below return when the mask is there, and raise what went wrong.
        """
        self._do(state.add_point, x, y, label)

    def add_box(self, *box_xyxy: ArrayLike) -> None:
        """Put a box around the object: ``add_box(x1, y1, x2, y2)`` or ``add_box(box)``."""
        try:
            x1, y1, x2, y2 = np.asarray(box_xyxy, np.float64).ravel().tolist()
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"a box is four numbers, (x1, y1, x2, y2); got {box_xyxy!r}"
            ) from error
        self._do(state.set_box, (x1, y1, x2, y2))

    def commit(self, label: str | None = None) -> None:
        """Keep the draft as an object, called ``label`` or as the toolbar says."""
        self._do(state.commit, label)

    def clear(self, *, objects: bool = False) -> None:
        """Give up the draft, with ``objects=True`` all objects too."""
        self._do(state.clear_all if objects else state.clear_prompts)

    def undo(self) -> None:
        """Take back the last edit, by hand or by code; without one nothing happens."""
        self._do(state.undo)

    def redo(self) -> None:
        """Do again what was undone; without any nothing happens."""
        self._do(state.redo)

    def select(self, object_id: int | None) -> None:
        """Select the object with this ``id``, or none."""
        self._do(state.select_object, object_id)

    def delete(self, object_id: int) -> None:
        """Delete the object with this ``id``."""
        self._do(state.delete_object, object_id)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the image is embedded and all edits are done.

        Raises
        ------
        Exception
            What went wrong with the model or the image.
        TimeoutError
            When this takes longer than ``timeout`` seconds.
        """
        self._session.wait(timeout)

    def new_overlay(self) -> Canvas:
        """Make an ipycanvas canvas of the image's size, and draw what is on it over the image."""
        image, _ = self._settled()
        if image is None:
            raise ValueError("an overlay has the size of the image: set the widget's image first")
        self.overlay = new_canvas(image.shape[1], image.shape[0])
        return self.overlay

    def close(self) -> None:
        """End the widget, its views and its thread."""
        session = self.__dict__.get("_session")
        if session is not None:  # it is None when the constructor has raised
            session.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        image, objects = self._present()
        if bundle is not None and image is not None:
            png = Results(image, objects)._repr_png_()
            bundle[0]["image/png"] = base64.b64encode(png).decode("ascii")
        return bundle

    def __repr__(self) -> str:
        image, objects = self._present()
        size = "no image" if image is None else f"{image.shape[1]} x {image.shape[0]} pixels"
        noun = "object" if len(objects) == 1 else "objects"
        return f"<SamWidget {self._model_label}: {size}, {len(objects)} {noun}>"

    def _present(self) -> tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]]:
        """Give image and objects as they are now: showing a widget waits for nothing."""
        image, objects = self._shown
        newest = self._session.newest_image
        return (image, objects) if newest is image else (newest, ())

    def _do(self, edit: Any, *args: Any) -> None:
        self._session.result(self._session.edit(edit, *args))

    def _settle(self) -> None:
        session = self.__dict__.get("_session")
        if session is not None:
            session.settle()

    def _settled(self) -> tuple[NDArray[np.uint8] | None, tuple[SegmentedObject, ...]]:
        self._settle()
        return self._shown

    def _results(self) -> Results:
        image, objects = self._settled()
        if image is None:
            raise ValueError("there is no picture yet: set the widget's image first")
        return Results(image, objects)

    # ------------------------------------------------------- state, told by the worker thread

    def _show_status(self, status: Status) -> None:
        self._status = wire.to_wire(synced.status(*status))

    def _show(self, now: State) -> None:
        image_before, _ = self._shown
        image = self._image
        if now.image is not image_before:
            image = None if now.image is None else wire.to_wire(synced.image_state(now.image))
        drafted = self._draft_object(now)
        objects = (*now.document.objects, drafted) if drafted else now.document.objects
        self._shown = (now.image, objects)
        self._objects = [self._object_state(one) for one in now.document.objects]
        self._draft = wire.to_wire(synced.draft_state(now.document.draft))
        self._controls = wire.to_wire(synced.controls(now, self._model_label))
        self._image = image
        # Last, as whoever observes it may edit on.
        self.set_trait("objects", objects)

    def _draft_object(self, now: State) -> SegmentedObject | None:
        draft, label, made = self._drafted
        if draft is not now.document.draft or label != now.label:
            made = state.draft_object(now)
            self._drafted = (now.document.draft, now.label, made)
        return made

    def _object_state(self, one: SegmentedObject) -> Any:
        if one not in self._object_states:
            self._object_states[one] = wire.to_wire(synced.object_state(one))
        return self._object_states[one]

    # ----------------------------------------------------- what comes from the browser, any thread

    def _receive(self, _: Any, content: object, buffers: Sequence[object] | None) -> None:
        self._connection.receive(content, buffers or ())

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a front end has set; our own traits are the kernel's alone to write."""
        own = {*wire.hints(protocol.SyncedState), "overlay", "_esm", "_css"}
        theirs = {name: value for name, value in sync_data.items() if name not in own}
        if theirs:
            super().set_state(theirs)


def _texts(name: str, values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name}: expected text, got {values!r}")
    return tuple(values)
