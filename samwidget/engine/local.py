"""The engine that runs a model in this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samwidget.predict.shared import opener
from samwidget.values.candidates import Candidate
from samwidget.values.errors import quoted
from samwidget.values.filtering import Thresholds
from samwidget.values.identity import ModelIdentity
from samwidget.values.phrases import DEFAULT_DETECTOR
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.predict.embeddings import Embedding
    from samwidget.predict.everything import Candidate as Found
    from samwidget.predict.grid import Grid
    from samwidget.predict.predictor import Predictor
    from samwidget.predict.store import EmbeddingStore
    from samwidget.predict.text import TextFinder
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject
    from samwidget.values.prediction import Prediction

_count = itertools.count(1)


class LocalEngine:
    """Asks a :class:`samwidget.Predictor`; satisfies :class:`samwidget.session.engine.Engine`.

    Parameters
    ----------
    name
        Of the model, for the person.
    open_predictor
        Called when the first image is to be embedded; told a function that it may call with the
        fraction done, and that raises to end the loading.
    keeps_embeddings
        Look for embeddings in :func:`samwidget.predict.store.shared_store` and keep them there, but
        for models that are as fast as the look-up.
    """

    def __init__(
        self,
        name: str,
        open_predictor: Callable[[Callable[[float], None]], Predictor],
        *,
        keeps_embeddings: bool = False,
    ) -> None:
        self.name = name
        self.keeps_embeddings = keeps_embeddings
        self._open_predictor = open_predictor
        self._predictor: Predictor | None = None
        self._embeddings: dict[str, Embedding] = {}
        self._finder: TextFinder | None = None
        self._images: dict[str, NDArray[np.uint8]] = {}

    @classmethod
    def of(cls, model: object, device: str = "auto", precision: str = "auto") -> LocalEngine:
        """Take whatever a person may call a model, see :class:`samwidget.SamWidget`.

        Raises
        ------
        TypeError
            When it is nothing of this.
        """
        return cls(*opener(model, device, precision), keeps_embeddings=True)

    @property
    def device(self) -> str:
        """Where the model runs, as torch calls it; empty while it is not loaded."""
        return str(getattr(self._predictor, "device", ""))

    def embed(
        self,
        image: NDArray[np.uint8],
        region: tuple[int, int, int, int],
        on_progress: Callable[[str, float | None], None],
    ) -> str:
        """Embed a region of an image, see the protocol."""
        if self._predictor is None:
            on_progress("loading", None)
            self._predictor = self._open_predictor(lambda done: on_progress("loading", done))
        on_progress("embedding", None)
        embedding = self._encode(
            self._predictor, image, region, lambda done: on_progress("embedding", done)
        )
        key = f"{self.name}/{next(_count)}"
        self._embeddings[key], self._images[key] = embedding, image
        return key

    def _encode(
        self,
        predictor: Predictor,
        image: NDArray[np.uint8],
        region_xyxy: tuple[int, int, int, int],
        on_progress: Callable[[float], None],
    ) -> Embedding:
        from samwidget.predict.embeddings import Region

        region, store = Region(*region_xyxy), self._store_for(predictor)
        if store is None:
            return predictor.encode(image, on_progress, region=region)
        return store.encode(predictor, image, on_progress, region=region)

    def _store_for(self, predictor: Predictor) -> EmbeddingStore | None:
        """Give where embeddings of this model are kept, None where they are not."""
        from samwidget.predict.store import shared_store

        store = shared_store() if self.keeps_embeddings else None
        return None if store is None or predictor.encodes_at_once else store

    def predict(
        self, key: str, prompts: Prompts, start: Mask | None, *, multimask_output: bool
    ) -> Prediction:
        """Predict the masks of one object, see the protocol."""
        from samwidget.predict.asking import answers

        predictor, embedding = self._held(key)
        height, width = self._images[key].shape[:2]
        region = embedding.region
        prompts = prompts.shifted(-region.x1, -region.y1)
        if start is not None:
            mask_size = predictor.model.config.mask_size
            mask_input = start.within(region.xyxy).as_mask_input(embedding.transform, mask_size)
            prompts = prompts.with_mask_input(mask_input)
        found = answers(predictor, embedding, [prompts], multimask_output=multimask_output)[0]
        if region.size_hw == (height, width):
            return found
        return found.placed(region.x1, region.y1, (height, width))

    def frame_side(self) -> int:
        """Tell how many pixels a side of what the model sees has."""
        if self._predictor is None:
            raise RuntimeError("no image has been embedded, so there is no model yet")
        return self._predictor.model.config.image_size

    def identity(self, key: str) -> ModelIdentity:
        """Tell which model has embedded what is held under a key, see the protocol."""
        predictor, embedding = self._held(key)
        return ModelIdentity(
            name=self.name,
            fingerprint=embedding.fingerprint,
            precision=str(getattr(predictor, "precision", "float32")),
            rounds_embeddings=self._store_for(predictor) is not None,
        )

    def thresholds(self, options: dict[str, Any]) -> Thresholds:
        """Tell what is kept by options of :meth:`samwidget.predict.grid.Grid.for_model`."""
        grid = self._grid(options)
        return Thresholds(
            pred_iou_thresh=grid.pred_iou_thresh,
            stability_score_thresh=grid.stability_score_thresh,
            box_nms_thresh=grid.box_nms_thresh,
            crop_nms_thresh=grid.crop_nms_thresh,
            has_crops=grid.crop_n_layers > 0,
            min_mask_region_area=grid.min_mask_region_area,
        )

    def everything(
        self,
        key: str,
        options: dict[str, Any],
        on_found: Callable[[Sequence[Candidate], float], None],
    ) -> None:
        """Look for everything, see the protocol."""
        from samwidget.predict.everything import in_crops

        predictor, embedding = self._held(key)
        waiting: list[Candidate] = []

        def on_progress(fraction: float) -> None:
            on_found(tuple(waiting), fraction)
            waiting.clear()

        def on_some(some: Sequence[Found]) -> None:
            waiting.extend(_candidate(one) for one in some)

        grid, image = self._grid(options), self._images[key]
        for _ in in_crops(predictor, image, grid, on_progress, on_some, embedding):
            pass  # told on the way

    def find(
        self,
        key: str,
        text: str | Sequence[str],
        options: dict[str, Any],
        on_found: Callable[[Sequence[SegmentedObject], float], None],
    ) -> Sequence[SegmentedObject]:
        """Find what phrases name, see the protocol."""
        _, embedding = self._held(key)
        waiting: list[SegmentedObject] = []

        def on_progress(fraction: float) -> None:
            on_found(tuple(waiting), fraction)
            waiting.clear()

        settings = dict(options)
        detector = settings.pop("detector", DEFAULT_DETECTOR)
        threshold = settings.pop("text_threshold", None)
        return self._text_finder().find(
            self._images[key],
            text,
            detector,
            threshold,
            settings,
            on_progress,
            embedding=embedding,
            on_found=waiting.extend,
        )

    def text_threshold(
        self, options: dict[str, Any], on_progress: Callable[[float], None]
    ) -> float:
        """Tell the lowest detector's score that is given, see the protocol."""
        detector = options.get("detector", DEFAULT_DETECTOR)
        threshold = options.get("text_threshold")
        return self._text_finder().threshold(detector, threshold, on_progress)

    def _text_finder(self) -> TextFinder:
        """Give what runs the long parts beside the thread that asks, which then goes on."""
        from samwidget.predict.text import TextFinder

        if self._predictor is None:
            raise RuntimeError("no image has been embedded, so there is no model to search with")
        if self._finder is None:
            self._finder = TextFinder(self._predictor, is_watched=True)
        return self._finder

    def forget(self, key: str) -> None:
        """Free an embedding."""
        self._embeddings.pop(key, None)
        self._images.pop(key, None)

    def close(self) -> None:
        """Free model and embeddings."""
        self._embeddings.clear()
        self._images.clear()
        self._predictor = self._finder = None

    def _grid(self, options: dict[str, Any]) -> Grid:
        from samwidget.predict.grid import Grid

        if self._predictor is None:
            raise RuntimeError("no image has been embedded, so there is no model to search with")
        return Grid.for_model(self._predictor.model.config, **options)

    def _held(self, key: str) -> tuple[Predictor, Embedding]:
        if self._predictor is None or key not in self._embeddings:
            raise KeyError(f"nothing is embedded under {quoted(key)}")
        return self._predictor, self._embeddings[key]


def _candidate(one: Found) -> Candidate:
    found = one.found
    return Candidate(
        shape=found.shape,
        region_xyxy=found.region.xyxy,
        box_xyxy=one.box_xyxy,
        point_xy=found.point_xy,
        score=found.score,
        stability_score=found.stability_score,
    )
