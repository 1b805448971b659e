"""The engine that runs a model in this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samwidget.predict.shared import opener
from samwidget.values.filtering import Thresholds
from samwidget.values.prompts import Prompts

if TYPE_CHECKING:
    from samwidget.predict.embeddings import Embedding
    from samwidget.predict.everything import FoundMask, Grid
    from samwidget.predict.predictor import Predictor
    from samwidget.values.mask import Mask
    from samwidget.values.objects import SegmentedObject
    from samwidget.values.prediction import Prediction

OF_WHOLE_IMAGES = {"crop_n_layers", "min_mask_region_area"}
"""Settings that need the image itself, which an embedding does not hold."""

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
    """

    def __init__(
        self, name: str, open_predictor: Callable[[Callable[[float], None]], Predictor]
    ) -> None:
        self.name = name
        self._open_predictor = open_predictor
        self._predictor: Predictor | None = None
        self._embeddings: dict[str, Embedding] = {}

    @classmethod
    def of(cls, model: object, device: str = "auto", precision: str = "auto") -> LocalEngine:
        """Take whatever a person may call a model, see :class:`samwidget.SamWidget`.

        Raises
        ------
        TypeError
            When it is nothing of this.
        """
        return cls(*opener(model, device, precision))

    def embed(
        self,
        image: NDArray[np.uint8],
        region: tuple[int, int, int, int],
        on_progress: Callable[[str, float | None], None],
    ) -> str:
        """Embed a region of an image, see the protocol."""
        if region != (0, 0, image.shape[1], image.shape[0]):
            raise NotImplementedError("only whole images are embedded so far")
        if self._predictor is None:
            on_progress("loading", None)
            self._predictor = self._open_predictor(lambda done: on_progress("loading", done))
        on_progress("embedding", None)
        embedding = self._predictor.encode(image, lambda done: on_progress("embedding", done))
        key = f"{self.name}/{next(_count)}"
        self._embeddings[key] = embedding
        return key

    def predict(
        self, key: str, prompts: Prompts, start: Mask | None, *, multimask_output: bool
    ) -> Prediction:
        """Predict the masks of one object, see the protocol."""
        predictor, embedding = self._held(key)
        if start is not None:
            mask_size = predictor.model.config.mask_size
            mask_input = start.as_mask_input(embedding.transform, mask_size)
            prompts = prompts.with_mask_input(mask_input)
        return predictor.predict(embedding, prompts, multimask_output=multimask_output)

    def thresholds(self, options: dict[str, Any]) -> Thresholds:
        """Tell what is kept by options of :class:`samwidget.predict.everything.Grid`."""
        grid = self._grid(options)
        return Thresholds(grid.pred_iou_thresh, grid.stability_score_thresh, grid.box_nms_thresh)

    def everything(
        self,
        key: str,
        options: dict[str, Any],
        on_found: Callable[[Sequence[SegmentedObject], float], None],
    ) -> None:
        """Look for everything, see the protocol."""
        from samwidget.predict.everything import find_everything

        predictor, embedding = self._held(key)
        waiting: list[SegmentedObject] = []
        numbers = itertools.count()

        def on_some(some: Sequence[FoundMask]) -> None:
            for one in some:
                found = one.as_object(next(numbers))
                waiting.append(replace(found, shape=found.shape.compact()))

        def on_progress(fraction: float) -> None:
            on_found(tuple(waiting), fraction)
            waiting.clear()

        find_everything(predictor, embedding, self._grid(options), on_progress, on_some)

    def forget(self, key: str) -> None:
        """Free an embedding."""
        self._embeddings.pop(key, None)

    def close(self) -> None:
        """Free model and embeddings."""
        self._embeddings.clear()
        self._predictor = None

    def _grid(self, options: dict[str, Any]) -> Grid:
        from samwidget.predict.everything import Grid

        if self._predictor is None:
            raise RuntimeError("no image has been embedded, so there is no model to search with")
        for name in OF_WHOLE_IMAGES & options.keys():
            if options[name]:
                raise ValueError(
                    f"{name}: an open image is searched as a whole and its masks stay as they are; "
                    "SAM(...).predict takes this setting"
                )
        return Grid.for_model(self._predictor.model.config, **options)

    def _held(self, key: str) -> tuple[Predictor, Embedding]:
        if self._predictor is None or key not in self._embeddings:
            raise KeyError(f"nothing is embedded under {key!r}")
        return self._predictor, self._embeddings[key]
