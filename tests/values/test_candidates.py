from __future__ import annotations

import numpy as np

from samwidget.values.candidates import Candidate, Table
from samwidget.values.filtering import Thresholds
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prompts import Prompts

WHOLE, LEFT, RIGHT = (0, 0, 60, 40), (0, 0, 40, 40), (20, 0, 60, 40)
SIZE_HW = (40, 60)


def candidate(
    region: tuple[int, int, int, int], box: tuple[int, int, int, int], score: float
) -> Candidate:
    """A mask that fills its box, given in pixels of the image."""
    x1, y1, x2, y2 = box
    pixels = np.zeros((region[3] - region[1], region[2] - region[0]), bool)
    pixels[y1 - region[1] : y2 - region[1], x1 - region[0] : x2 - region[0]] = True
    return Candidate(Mask.from_array(pixels), region, box, (x1, y1), score, 1.0)


def test_a_mask_of_a_crop_is_drawn_at_its_place_in_the_image() -> None:
    drawn = candidate(RIGHT, (25, 5, 35, 15), 0.5).drawn(SIZE_HW)
    assert drawn.is_clean
    assert drawn.shape.size_hw == SIZE_HW
    expected = np.zeros(SIZE_HW, bool)
    expected[5:15, 25:35] = True
    np.testing.assert_array_equal(drawn.shape.full(), expected)


def test_small_regions_are_taken_away_when_it_is_drawn() -> None:
    pixels = np.zeros((40, 60), bool)
    pixels[5:25, 5:25] = True
    pixels[30, 40] = True
    speckled = Candidate(Mask.from_array(pixels), WHOLE, (5, 5, 41, 31), (6, 6), 0.5, 1.0)
    assert speckled.drawn(SIZE_HW).shape.area == 401
    drawn = speckled.drawn(SIZE_HW, 10)
    assert (drawn.shape.area, drawn.is_clean) == (400, False)


def test_doubles_are_sought_in_each_region_and_then_among_them() -> None:
    big, small = (22, 5, 38, 20), (24, 8, 28, 12)
    some = [
        candidate(WHOLE, big, 0.95),
        candidate(WHOLE, (22, 5, 38, 19), 0.9),
        candidate(LEFT, big, 0.6),
        candidate(RIGHT, big, 0.7),
        candidate(RIGHT, small, 0.8),
    ]
    table = Table.of(some)
    assert table.distinct(Thresholds(0, 0, 0.7)) == [0, 2, 4, 3]
    assert table.distinct(Thresholds(0, 0, 0.7, 0.7, has_crops=True)) == [2, 4], (
        "of equal crops the first one's, and any crop's before the whole image's"
    )
    assert table.distinct(Thresholds(0.65, 0, 0.7, 0.7, has_crops=True)) == [4, 3]


def test_nothing_is_distinct_among_nothing() -> None:
    for has_crops in (False, True):
        assert Table.of([]).distinct(Thresholds(0, 0, 0.7, has_crops=has_crops)) == []


def detected(box: tuple[int, int, int, int], score: float, said: float | None) -> SegmentedObject:
    """An object that a detector has found in a box."""
    x1, y1, x2, y2 = box
    pixels = np.zeros(SIZE_HW, bool)
    pixels[y1:y2, x1:x2] = True
    prompts = Prompts(box_xyxy=box)
    mask = Mask.from_array(pixels)
    return SegmentedObject(7, "a cup", score, mask, prompts, "#123456", detection_score=said)


def test_an_object_keeps_what_was_said_of_it_and_what_it_answers() -> None:
    one = Candidate.of_object(detected((25, 5, 35, 15), 0.8, 0.5))
    assert (one.label, one.score, one.detection_score, one.stability_score) == (
        ("a cup", 0.8, 0.5, None)
    )
    assert one.box_xyxy == (25, 5, 35, 15)
    assert one.region_xyxy == WHOLE
    assert one.asked().box == (25, 5, 35, 15)
    assert one.drawn(SIZE_HW).shape.area == 100


def test_a_click_is_what_a_mask_without_prompts_answers() -> None:
    asked = candidate(WHOLE, (5, 5, 15, 15), 0.9).asked()
    assert asked.points == ((5, 5, 1),)


def test_what_a_detector_is_surer_of_ranks_higher_and_what_it_doubts_goes() -> None:
    boxes = [(0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)]
    said = [(0.9, 0.3), (0.8, 0.9), (1.5, 0.5)]
    some = [Candidate.of_object(detected(b, *s)) for b, s in zip(boxes, said, strict=True)]
    table = Table.of(some)
    anything = Thresholds(0, 0, box_nms_thresh=1)
    assert table.distinct(anything) == [1, 2, 0]
    assert table.distinct(anything._replace(detection_score_thresh=0.5)) == [1, 2]
    assert table.distinct(anything._replace(pred_iou_thresh=0.85)) == [2, 0]


def test_what_no_detector_was_asked_about_is_not_held_to_its_score() -> None:
    table = Table.of([candidate(WHOLE, (5, 5, 15, 15), 0.4)])
    assert table.distinct(Thresholds(0, 0, 1, detection_score_thresh=0.9)) == [0]
