"""SamWidget: its Python face. Edits are done in ``session``, what is sent is in ``mirror.py``."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from numpy.typing import NDArray

from samwidget.editing.document import Draft, State
from samwidget.editing.edit import Edit
from samwidget.formats.exportable import Exportable
from samwidget.jupyter import lifetime, protocol, wire
from samwidget.jupyter.bundle import follow, front_end
from samwidget.jupyter.by_code import EditsByCode
from samwidget.jupyter.connection import Connection
from samwidget.jupyter.finding import FindsByCode
from samwidget.jupyter.found_by_code import FoundByCode
from samwidget.jupyter.hosts import Host
from samwidget.jupyter.images_by_code import ImagesByCode
from samwidget.jupyter.importing import ImportsByCode, beginning
from samwidget.jupyter.list_by_code import ListByCode, set_classes
from samwidget.jupyter.masks_by_code import MasksByCode
from samwidget.jupyter.mirror import Mirror
from samwidget.jupyter.pictures_by_code import PicturesByCode
from samwidget.jupyter.saving import keep_saved
from samwidget.jupyter.scale import Scaled
from samwidget.jupyter.weakly import weakly
from samwidget.jupyter.work_by_code import WorkByCode, autosave_to
from samwidget.session.session import Session
from samwidget.session.worker import Status
from samwidget.values.channels import Bands
from samwidget.values.errors import quoted
from samwidget.values.images import read_image
from samwidget.values.items import Items, is_many
from samwidget.values.objects import SegmentedObject
from samwidget.values.phrases import DEFAULT_DETECTOR
from samwidget.values.pictures import ReadImage, ValueRange

if TYPE_CHECKING:
    from samwidget.session.engine import Engine

Objects = tuple[SegmentedObject, ...]

LONELY_S = 0.2
"""How long observers wait for a thread of the person's to call, in hosts without an event loop."""


class _Objects(traitlets.Any):
    """A tuple of objects that is up to date whenever it is read, also before observers are told."""

    def get(self, obj: Any, cls: Any = None) -> Any:  # noqa: ARG002
        return obj._settled()[1]


class _Snapshot(traitlets.Any):
    """Everything that a front end needs to begin with; made when one asks, never sent by itself."""

    def get(self, obj: Any, cls: Any = None) -> Any:  # noqa: ARG002
        return wire.to_wire(obj._mirror.snapshot())


class SamWidget(
    EditsByCode,
    ListByCode,
    MasksByCode,
    FindsByCode,
    FoundByCode,
    ImportsByCode,
    WorkByCode,
    ImagesByCode,
    PicturesByCode,
    Exportable,
    Scaled,
    anywidget.AnyWidget,
):
    """Segment an image in a notebook: click an object, read its mask.

    Parameters
    ----------
    image
        A path, http(s) address, bytes, PIL image, array or tensor, see
        :func:`samwidget.load_image`. None for a widget that waits for one. A folder, a glob, a list
        and what else :attr:`images` may be set to for one image after the other.
    model
        A name such as ``"nano"``, ``"vit_b"`` or ``"sam_b.pt"``, the path of a checkpoint, or an
        open model (``SAM``, ``Predictor``, ``SegmentAnything``), which widgets may share.
    objects
        Objects to begin with: masks, each (H, W) bool, a :class:`~samwidget.values.mask.Mask` or a
        :class:`SegmentedObject`, or one array (N, H, W); or whatever else :meth:`add_objects`
        takes, such as a detector's boxes or the path of a COCO file. Of boxes the model is asked
        for the masks before the widget is there.
    classes
        Labels to choose from, or each with its colour ``"#rrggbb"``, None for one of the palette.
    label
        The label that committed objects get, at first the first of ``classes``.
    device
        ``"auto"`` picks CUDA, then MPS, then CPU.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"auto"``, see :class:`samwidget.Predictor`.
    overlay
        An ipycanvas canvas that is stretched over the image, see :meth:`new_overlay`.
    client
        A ``dask.distributed.Client``: a worker of its cluster opens the model, which is a name or a
        path there, and keeps the embedding.
    autosave
        Save the work a second after it changes, into this file, or with True into one that is found
        again by the image: the next widget on it offers to go on, see :meth:`restore_work`.
    pixel_size
        Side of a pixel in ``unit``, such as 0.25 and ``"µm"``: shows a scale bar. A trait, as
        ``unit`` is: set it at any time.
    detector
        What finds text, a name, a folder or a function, see :meth:`samwidget.SAM.predict`.
    bands, value_range
        The channels to show, and the values that become black and white, see
        :func:`samwidget.load_image`; of this image and of those that are set later.
    **kwargs
        Traits of every ipywidget, such as ``layout``.

    Attributes
    ----------
    objects : tuple of SegmentedObject
        Read-only trait: ``widget.observe(callback, "objects")`` is told of each change.
    index : int
        Which image of a list is shown, counted from 0. A trait: set it to show another one.

    Notes
    -----
    **What is on the screen counts.** ``masks``, ``scores``, ``labels``, ``boxes`` and ``objects``
    always agree: they hold the committed objects in order and then, once it has a mask, the draft.
    Reading them waits for the edits that are on their way. Hidden objects are not drawn, but count
    like all others, also in pictures and files.

    The model is loaded and the image embedded in the background, in a thread of the widget's own.
    Callbacks given to ``observe`` run on the thread that made the widget (in a script: on the one
    that edits it), never on the widget's own; they may use all methods.

    A widget is closed when nothing refers to it any more and no page shows it, and when its cell is
    run again and shows another one. What was made can still be read from a closed widget.

    Examples
    --------
    >>> widget = SamWidget("photo.jpg")  # doctest: +SKIP
    >>> widget.add_point(120, 80)  # doctest: +SKIP
    >>> widget.masks.shape  # doctest: +SKIP
    (1, 480, 640)
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    _state = _Snapshot().tag(sync=True)  # protocol.SyncedState

    overlay = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    objects = _Objects((), read_only=True)

    def __init__(
        self,
        image: object = None,
        model: object = "nano",
        *,
        objects: object = (),
        classes: Sequence[str] | Mapping[str, str | None] = (),
        label: str = "",
        device: str = "auto",
        precision: str = "auto",
        overlay: ipywidgets.Widget | None = None,
        client: Any = None,
        autosave: bool | str | os.PathLike[str] = False,
        detector: object = DEFAULT_DETECTOR,
        bands: Bands | None = None,
        value_range: ValueRange | None = None,
        **kwargs: Any,
    ) -> None:
        self._reading = {"bands": bands, "value_range": value_range}
        items = Items(image, **self._reading) if image is not None and is_many(image) else None
        one = None if items is not None else image
        pixels, notes = (None, ()) if one is None else self._read(one)
        size_hw = None if pixels is None else (pixels.shape[0], pixels.shape[1])
        first, asked = beginning(objects, one, size_hw)
        engine = _engine(model, device, precision, client)
        names, label = _texts("classes", classes), _texts("label", (label,))[0]
        begin = State(label=label or (names[0] if names else ""))
        begin = set_classes(classes).apply(begin)
        self._model_label = engine.name
        self._model_source = os.fspath(model) if isinstance(model, str | os.PathLike) else None
        told = weakly(self._show_trouble)
        self._autosave = autosave_to(autosave, self._model_source, told)
        self._mirror = Mirror(engine.name, begin)
        self._drafted: tuple[tuple[Draft, str, str] | None, SegmentedObject | None] = (None, None)
        self._own_layout = "layout" not in kwargs
        self._detector = detector
        super().__init__(**front_end(), overlay=overlay, **kwargs)
        follow(self)
        lifetime.hold_weakly(self)
        self._host = Host()
        self._session = session = Session(
            engine,
            begin,
            on_state=self._show,
            on_status=self._show_status,
        )
        self._connection = Connection(
            session, self._mirror, weakly(self._send_message), weakly(self._count_views), detector
        )
        self._follow_reel()
        self.on_msg(weakly(self._receive))
        if pixels is not None or items is not None:
            try:
                if items is not None:
                    self._open_images(items)
                else:
                    session.result(self._set_image(pixels, first, notes, image))
                if asked:
                    self._import(asked, is_beginning=True)
            except BaseException:
                self.close()
                raise

    # -------------------------------------------------------------------------------- reading

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8 RGB, or None. Can be set to anything that is an image, or to None.

        Setting it starts over: all objects are gone, and a list of images. What is no image raises
        and changes nothing.
        """
        return self._settled()[0]

    @image.setter
    def image(self, source: object) -> None:
        if source is not None and is_many(source):
            self._open_images(Items(source, **self._reading))
            return
        pixels, notes = (None, ()) if source is None else self._read(source)
        self._set_image(pixels, None, notes, source)

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._model_label

    @property
    def masks(self) -> NDArray[np.bool_]:
        """(N, H, W) bool; without an image (0, 0, 0).

        A new array on each request, of N x H x W bytes: 1.2 GB for 100 objects on 12 MP. For many
        objects go through :attr:`objects` one by one, or take :meth:`label_image`.
        """
        image, objects = self._settled()
        size_hw = (0, 0) if image is None else image.shape[:2]
        masks = np.zeros((len(objects), *size_hw), np.bool_)
        for mask, one in zip(masks, objects, strict=True):
            mask[:] = one.mask
        return masks

    @property
    def scores(self) -> NDArray[np.float32]:
        """(N,) float32, the model's own estimate of each mask's IoU; may exceed 1.

        1 for masks that were given.
        """
        return np.array([one.score for one in self.objects], np.float32)

    @property
    def labels(self) -> list[str]:
        """One label for each mask; empty strings where none was given."""
        return [one.label for one in self.objects]

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(N, 4) float32 XYXY in pixels, the smallest box around each mask."""
        return np.array([one.box_xyxy for one in self.objects], np.float32).reshape(-1, 4)

    # ------------------------------------------------------------------------------- the whole

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
        self._host.deliver()

    def close(self) -> None:
        """End the widget, its views and its thread; what was made can still be read."""
        session = self.__dict__.get("_session")
        if session is not None:  # it is None when the constructor has raised
            session.close()
            self._end_keeping()
        if self.comm is not None:
            lifetime.closed(self.model_id)
            if self._own_layout:
                self.layout.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        lifetime.shown(self)
        # For whoever keeps what was sent to a page, and for pages that are slow to begin.
        keep_saved(self)
        picture = self._static_picture()
        if picture is not None:
            bundle[0]["image/png"] = base64.b64encode(picture).decode("ascii")
        return bundle

    def __repr__(self) -> str:
        image, objects = self._present()
        size = "no image" if image is None else f"{image.shape[1]} x {image.shape[0]} pixels"
        noun = "object" if len(objects) == 1 else "objects"
        return f"<SamWidget {self._model_label}: {size}, {len(objects)} {noun}>"

    # ------------------------------------------------------------------------------------- within

    def _read(self, source: object) -> ReadImage:
        return read_image(source, **self._reading, keep_values=True)

    def _do(self, edit: Edit) -> None:
        try:
            self._session.result(self._session.edit(edit))
        finally:
            self._host.deliver()

    def _present(self) -> tuple[NDArray[np.uint8] | None, Objects]:
        """Give image and objects as they are now: showing a widget waits for nothing."""
        session = self._session
        newest, image, state = session.newest_image, session.image, session.state
        return (image, self._all_objects(state)) if newest is image else (newest, ())

    def _settled_state(self) -> State:
        self._session.settle()
        return self._session.state

    def _settled(self) -> tuple[NDArray[np.uint8] | None, Objects]:
        session = self.__dict__.get("_session")
        if session is None:  # traitlets reads its traits while it is being made
            return None, ()
        session.settle()
        slot = session.slot
        return slot.image, self._all_objects(slot.state)

    def _all_objects(self, state: State) -> Objects:
        """Give the committed objects and then, once it has a mask, the draft."""
        known, made = self._drafted
        document = state.document
        now = (document.draft, state.label, state.draft_color)
        if known is None or known[0] is not now[0] or known[1:] != now[1:]:
            made = state.draft_object()
            self._drafted = (now, made)
        return (*document.objects, made) if made else document.objects

    # ---------------------------------------------------------------- told by the worker's thread

    def _show(self, image: NDArray[np.uint8] | None, state: State) -> None:
        self._keep_work()
        self._connection.tell(lambda heard: self._mirror.show(image, state, encode=heard))
        objects = self._all_objects(state)
        # A callback that waits for a busy thread must not keep the widget alive.
        self._post(partial(weakly(self.set_trait), "objects", objects))
        self._post(partial(weakly(self._tell_index), self._session.slot.place))

    def _post(self, callback: Callable[[], None]) -> None:
        self._host.post(callback, LONELY_S if self._connection.is_heard else None)

    def _show_status(self, status: Status) -> None:
        shown = self._with_trouble(status)
        self._connection.tell(lambda _: self._mirror.show_status(shown))

    def _show_trouble(self) -> None:
        self._show_status(self._session.status)

    # ----------------------------------------------------- what comes from the browser, any thread

    def _receive(self, _: Any, content: object, buffers: Sequence[object] | None) -> None:
        self._connection.receive(content, buffers or ())

    def _send_message(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        if self.comm is not None:
            self.send(content, buffers)

    def _count_views(self, total: int | None, is_here: bool) -> None:
        lifetime.looks(self, is_here)
        if total:
            lifetime.seen(self)
        elif total == 0:
            lifetime.unseen(self)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a front end has set; our own traits are the kernel's alone to write."""
        own = {*wire.hints(protocol.SyncedState), "overlay", "_esm", "_css"}
        theirs = {name: value for name, value in sync_data.items() if name not in own}
        if theirs:
            super().set_state(theirs)


def _engine(model: object, device: str, precision: str, client: Any) -> Engine:
    """Open the engine, which brings torch or Dask."""
    if client is None:
        from samwidget.engine.local import LocalEngine

        return LocalEngine.of(model, device, precision)
    from samwidget.engine.remote import RemoteEngine

    return RemoteEngine(client, model, device, precision)


def _texts(name: str, values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name}: expected text, got {quoted(values)}")
    return tuple(values)
