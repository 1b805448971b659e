"""What a person tells torch for a whole notebook changes nothing for code of segment-anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from tiny_weights import TINY
from torch_settings import SETTINGS

from samwidget import SamPredictor
from samwidget.models.build import build


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def answers(network: Any) -> list[Any]:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    predictor = SamPredictor(network)
    predictor.set_image(image)
    found: list[Any] = list(predictor.predict(point_coords=[[30, 20]], point_labels=[1]))
    found += predictor.predict(box=[5, 5, 40, 30], multimask_output=False, return_logits=True)
    boxes = torch.from_numpy(np.array([[5.0, 5.0, 40.0, 30.0], [1.0, 2.0, 50.0, 39.0]]))
    asked = predictor.transform.apply_boxes_torch(boxes, (40, 60))
    found += predictor.predict_torch(None, None, asked)
    resized = predictor.transform.apply_image_torch(
        torch.from_numpy(image).permute(2, 0, 1)[None].to(torch.float32)
    )
    predictor.set_torch_image(resized, (40, 60))
    found += predictor.predict(point_coords=[[30, 20]], point_labels=[1])
    return [np.asarray(one) for one in found]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", SETTINGS)
def test_masks_are_the_same_under_every_setting(name: str) -> None:
    torch.manual_seed(0)
    network = build(TINY).eval()
    expected = answers(network)
    with SETTINGS[name]():
        found = answers(network)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
