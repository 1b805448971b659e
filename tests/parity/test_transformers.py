"""Against Hugging Face's SamModel: its own processor and model, on the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from samwidget.models.config import VIT_B, VitConfig
from samwidget.predict.embeddings import Embedding
from samwidget.predict.predictor import Predictor
from samwidget.values.prompts import Prompts

pytestmark = pytest.mark.parity

SIZES_HW = {"landscape": (300, 420), "portrait": (700, 450)}

CASES = {
    "one point": Prompts(np.array([[150, 90]]), np.array([1])),
    "points of both labels": Prompts(
        np.array([[150, 90], [30, 200], [250, 280]]), np.array([1, 0, 1])
    ),
    "box": Prompts(box_xyxy=np.array([40, 30, 220, 190])),
    "box and points": Prompts(
        np.array([[150, 90], [30, 200]]), np.array([1, 0]), np.array([40, 30, 220, 190])
    ),
    "mask and point": Prompts(
        np.array([[150, 90]]),
        np.array([1]),
        mask_input=np.random.default_rng(1).normal(0, 3, (1, 128, 128)),
    ),
}


def processor(config: VitConfig) -> Any:
    from transformers import SamProcessor
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    side, mask_side = config.image_size, config.mask_size
    return SamProcessor(
        SamImageProcessorPil(
            size={"longest_edge": side},
            mask_size={"longest_edge": mask_side},
            pad_size={"height": side, "width": side},
            mask_pad_size={"height": mask_side, "width": mask_side},
        )
    )


def their_inputs(config: VitConfig, image: NDArray[np.uint8], prompts: Prompts) -> Any:
    has_points = len(prompts.point_coords) > 0
    return processor(config)(
        images=image,
        input_points=[[prompts.point_coords.tolist()]] if has_points else None,
        input_labels=[[prompts.point_labels.tolist()]] if has_points else None,
        input_boxes=None if prompts.box_xyxy is None else [[prompts.box_xyxy.tolist()]],
        return_tensors="pt",
    )


def compare(
    config: VitConfig,
    ours: Any,
    theirs: Any,
    inputs: Any,
) -> None:
    """Compare a prediction with the model's output for the same prompts."""
    np.testing.assert_allclose(ours.low_res_logits, theirs.pred_masks[0, 0], rtol=0, atol=1e-4)
    np.testing.assert_allclose(ours.iou_predictions, theirs.iou_scores[0, 0], rtol=0, atol=1e-4)
    full = (
        processor(config)
        .image_processor.post_process_masks(
            list(theirs.pred_masks[0][None]),
            inputs["original_sizes"],
            inputs["reshaped_input_sizes"],
            binarize=False,
        )[0][0]
        .numpy()
    )
    masks = ours.masks()
    assert masks.shape == full.shape
    differ = masks != (full > 0)
    assert np.abs(full[differ]).max(initial=0) < 1e-4  # speckle that is nearly zero may flip
    assert differ.mean() < 1e-4


@pytest.fixture(scope="module", params=SIZES_HW)
def encoded(
    request: pytest.FixtureRequest, predictor: Predictor, photo: Any
) -> tuple[NDArray[np.uint8], Embedding]:
    image = photo(*SIZES_HW[request.param])
    return image, predictor.encode(image)


@pytest.mark.parametrize("multimask_output", [True, False], ids=["three masks", "one mask"])
@pytest.mark.parametrize("case", CASES)
def test_prediction(
    predictor: Predictor,
    hugging_face: Any,
    encoded: tuple[NDArray[np.uint8], Embedding],
    case: str,
    multimask_output: bool,
) -> None:
    image, embedding = encoded
    config = predictor.model.config
    assert isinstance(config, VitConfig)
    inputs = their_inputs(config, image, CASES[case])
    mask_input = CASES[case].mask_input
    with torch.no_grad():
        features = hugging_face.get_image_embeddings(inputs["pixel_values"])
        theirs = hugging_face(
            image_embeddings=features,
            input_points=inputs.get("input_points"),
            input_labels=inputs.get("input_labels"),
            input_boxes=inputs.get("input_boxes"),
            input_masks=None if mask_input is None else torch.tensor(mask_input)[None],
            multimask_output=multimask_output,
        )
    torch.testing.assert_close(embedding.features.image_embedding, features, rtol=0, atol=1e-4)
    ours = predictor.predict(embedding, CASES[case], multimask_output=multimask_output)
    compare(config, ours, theirs, inputs)


def test_vit_b_at_full_size(
    peers: ModuleType, full_size: tuple[Predictor, NDArray[np.uint8], Embedding]
) -> None:
    predictor, image, embedding = full_size
    prompts = CASES["one point"]
    theirs = peers.transformers_sam(VIT_B, predictor.model.state_dict())
    inputs = their_inputs(VIT_B, image, prompts)
    with torch.no_grad():
        features = theirs.get_image_embeddings(inputs["pixel_values"])
        answer = theirs(
            image_embeddings=features,
            input_points=inputs["input_points"],
            input_labels=inputs["input_labels"],
        )
    torch.testing.assert_close(embedding.features.image_embedding, features, rtol=0, atol=1e-4)
    compare(VIT_B, predictor.predict(embedding, prompts), answer, inputs)
