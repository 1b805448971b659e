"""What segment-anything's two example notebooks do, as functions of the module that is imported.

Nothing here knows whose module it is: this is how people's own code looks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


def predictor_example(lib: Any, sam: Any, image: NDArray[np.uint8]) -> dict[str, Any]:
    height, width = image.shape[:2]
    seen: dict[str, Any] = {}
    sam.to(device="cpu")
    predictor = lib.SamPredictor(sam)
    predictor.set_image(image)
    seen["embedding"] = predictor.get_image_embedding().numpy()
    seen["sizes"] = predictor.original_size, predictor.input_size, predictor.is_image_set

    # One point, three masks, the best one's logits go into the next call.
    point, label = np.array([[0.4 * width, 0.5 * height]]), np.array([1])
    masks, scores, logits = predictor.predict(
        point_coords=point, point_labels=label, multimask_output=True
    )
    seen["one point"] = masks, scores, logits
    again = np.concatenate([point, [[0.7 * width, 0.2 * height]]])
    mask_input = logits[np.argmax(scores), :, :]
    seen["two points and a mask"] = predictor.predict(
        point_coords=again,
        point_labels=np.array([1, 0]),
        mask_input=mask_input[None, :, :],
        multimask_output=False,
    )
    box = np.array([0.2 * width, 0.1 * height, 0.7 * width, 0.8 * height])
    seen["a box"] = predictor.predict(
        point_coords=None, point_labels=None, box=box[None, :], multimask_output=False
    )
    seen["a box and a point"] = predictor.predict(
        point_coords=point, point_labels=np.array([0]), box=box, multimask_output=False
    )
    seen["logits"] = predictor.predict(point, label, return_logits=True)

    # Batched prompts.
    boxes = torch.stack(
        [
            torch.tensor([x, 0.2 * height, x + 0.3 * width, 0.6 * height], device=predictor.device)
            for x in np.linspace(0, 0.6 * width, 6)
        ]
    )
    framed = predictor.transform.apply_boxes_torch(boxes, image.shape[:2])
    answer = predictor.predict_torch(
        point_coords=None, point_labels=None, boxes=framed, multimask_output=False
    )
    seen["boxes in a batch"] = tuple(x.cpu().numpy() for x in answer)
    points = predictor.transform.apply_coords_torch(boxes.reshape(-1, 2, 2), image.shape[:2])
    labels = torch.tensor([[1, 0]] * 5 + [[1, -1]])
    answer = predictor.predict_torch(points, labels, multimask_output=True)
    seen["points in a batch"] = tuple(x.cpu().numpy() for x in answer)

    # An image that was transformed by hand.
    resized = torch.as_tensor(predictor.transform.apply_image(image), device=predictor.device)
    seen["resized"] = resized.numpy()
    predictor.set_torch_image(resized.permute(2, 0, 1).contiguous()[None], image.shape[:2])
    seen["by hand"] = predictor.predict(point, label)

    # End to end on several images.
    transform = predictor.transform
    batch = []
    for one in (image, np.ascontiguousarray(image[:, : width // 2])):
        pixels = torch.as_tensor(transform.apply_image(one), device=sam.device)
        batch.append(
            {
                "image": pixels.permute(2, 0, 1).contiguous(),
                "boxes": transform.apply_boxes_torch(boxes[:2], one.shape[:2]),
                "original_size": one.shape[:2],
            }
        )
    assert transform.target_length == sam.image_encoder.img_size
    for i, answer in enumerate(sam(batch, multimask_output=False)):
        names = ("masks", "iou_predictions", "low_res_logits")
        seen[f"end to end {i}"] = tuple(answer[name].numpy() for name in names)
    predictor.reset_image()
    assert not predictor.is_image_set
    return seen


def generator_example(
    lib: Any, sam: Any, image: NDArray[np.uint8], settings: dict[str, Any]
) -> list[dict[str, Any]]:
    sam.to(device="cpu")
    mask_generator = lib.SamAutomaticMaskGenerator(model=sam, **settings)
    masks: list[dict[str, Any]] = mask_generator.generate(image)
    # What the notebook's drawing reads.
    for annotation in sorted(masks, key=lambda x: x["area"], reverse=True):
        assert annotation["area"] > 0
    return masks
