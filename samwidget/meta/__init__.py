"""The doors people know from segment-anything, under its names, with its arguments and answers.

Code that was written for it runs after its import line is changed::

    from samwidget import SamAutomaticMaskGenerator, SamPredictor, sam_model_registry
"""

from samwidget.meta.generator import SamAutomaticMaskGenerator
from samwidget.meta.predictor import SamPredictor
from samwidget.meta.registry import sam_model_registry
from samwidget.meta.transforms import ResizeLongestSide

__all__ = ["ResizeLongestSide", "SamAutomaticMaskGenerator", "SamPredictor", "sam_model_registry"]
