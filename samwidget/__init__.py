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
    from samwidget.checkpoints import CheckpointError as CheckpointError
    from samwidget.facade import SAM as SAM
    from samwidget.facade import SamPredictor as SamPredictor
    from samwidget.predictor import Embedding as Embedding
    from samwidget.predictor import Prediction as Prediction
    from samwidget.predictor import Predictor as Predictor
    from samwidget.predictor import Prompts as Prompts
    from samwidget.results import Results as Results
    from samwidget.results import SegmentedObject as SegmentedObject
    from samwidget.widget import SamWidget as SamWidget

__version__ = "0.1.0"

_HOMES = {
    "CheckpointError": "checkpoints",
    "Embedding": "predictor",
    "Prediction": "predictor",
    "Predictor": "predictor",
    "Prompts": "predictor",
    "Results": "results",
    "SAM": "facade",
    "SamPredictor": "facade",
    "SamWidget": "widget",
    "SegmentedObject": "results",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'samwidget' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"samwidget.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
