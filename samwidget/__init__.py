"""Segment images inside a notebook: click, see the mask at once, read it as a numpy array.

>>> from samwidget import SamWidget
>>> widget = SamWidget("photo.jpg")  # doctest: +SKIP
>>> widget.masks  # doctest: +SKIP

Importing this package loads neither torch nor Jupyter; each public name brings what it needs when
it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samwidget import batch as batch
    from samwidget.jupyter.widget import SamWidget as SamWidget
    from samwidget.meta import ResizeLongestSide as ResizeLongestSide
    from samwidget.meta import SamAutomaticMaskGenerator as SamAutomaticMaskGenerator
    from samwidget.meta import SamPredictor as SamPredictor
    from samwidget.meta import sam_model_registry as sam_model_registry
    from samwidget.predict.embeddings import Embedding as Embedding
    from samwidget.predict.predictor import Predictor as Predictor
    from samwidget.replaying import replay as replay
    from samwidget.results import Results as Results
    from samwidget.sam import SAM as SAM
    from samwidget.values.images import load_image as load_image
    from samwidget.values.images import read_image as read_image
    from samwidget.values.objects import SegmentedObject as SegmentedObject
    from samwidget.values.prediction import Prediction as Prediction
    from samwidget.values.prompts import Prompts as Prompts
    from samwidget.weights.opening import CheckpointError as CheckpointError

__version__ = "0.1.0"

_HOMES = {
    "CheckpointError": "weights.opening",
    "Embedding": "predict.embeddings",
    "Prediction": "values.prediction",
    "Predictor": "predict.predictor",
    "Prompts": "values.prompts",
    "ResizeLongestSide": "meta",
    "Results": "results",
    "SAM": "sam",
    "SamAutomaticMaskGenerator": "meta",
    "SamPredictor": "meta",
    "SamWidget": "jupyter.widget",
    "SegmentedObject": "values.objects",
    "load_image": "values.images",
    "read_image": "values.images",
    "replay": "replaying",
    "sam_model_registry": "meta",
}

_MODULES = ("batch",)

__all__ = ["__version__", *_HOMES, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"samwidget.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'samwidget' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"samwidget.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
