from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from samwidget.values import mask as mask_module
from samwidget.values.geometry import ResizeTransform
from samwidget.values.levels import level_field
from samwidget.values.mask import Mask
from samwidget.values.mask_prompt import MASK_PROMPT_LOGIT
from samwidget.values.upsample import full_mask

SIZE_HW = (60, 90)
FRAME = ResizeTransform.for_image(SIZE_HW, 64)


def random(size_hw: tuple[int, int] = SIZE_HW, seed: int = 0) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(size_hw) > 0.5


def disc(size_hw: tuple[int, int], x: float, y: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.indices(size_hw) + 0.5
    return np.hypot(columns - x, rows - y) < radius


def drawn(*boxes: tuple[int, int, int, int], size_hw: tuple[int, int] = SIZE_HW) -> Any:
    """Boxes XYXY; each turns over what it covers, so that a box in a box is a hole."""
    array = np.zeros(size_hw, bool)
    for x1, y1, x2, y2 in boxes:
        array[y1:y2, x1:x2] ^= True
    return array


ARRAYS = {
    "random": random(),
    "empty": drawn(),
    "full": drawn((0, 0, 90, 60)),
    "one pixel": drawn((11, 7, 12, 8)),
    "last pixel": drawn((89, 59, 90, 60)),
    "holed": drawn((10, 10, 40, 40), (20, 20, 30, 30)),
    "two pieces": drawn((3, 3, 10, 10), (50, 40, 80, 50)),
    "touching all borders": drawn((0, 0, 90, 60), (5, 5, 85, 55)),
    "one row": drawn((0, 30, 90, 31)),
    "one column": drawn((44, 0, 45, 60)),
    "disc": disc(SIZE_HW, 40, 30, 20.5),
    "image of one row": random((1, 50)),
    "image of one column": random((50, 1)),
    "image of one pixel": np.ones((1, 1), bool),
}


def logits_blob(mask_size: int, radius: float, at: tuple[float, float] = (0.4, 0.35)) -> Any:
    rows, columns = (np.indices((mask_size, mask_size)) + 0.5) / mask_size
    wobble = 1 + 0.2 * np.sin(5 * np.arctan2(rows - at[1], columns - at[0]))
    distance = np.hypot(columns - at[0], rows - at[1])
    return (40 * (radius * wobble - distance)).astype(np.float32)


LOGITS = {
    "blob": (logits_blob(256, 0.2), ResizeTransform.for_image((500, 640), 1024), 0.0),
    "blob of another model": (logits_blob(192, 0.2), ResizeTransform.for_image((700, 300), 384), 0),
    "larger threshold": (logits_blob(256, 0.2), ResizeTransform.for_image((500, 640), 1024), 2.5),
    "smaller threshold": (logits_blob(256, 0.2), ResizeTransform.for_image((77, 1024), 1024), -1.5),
    "stretched": (logits_blob(64, 0.2), ResizeTransform.for_image((300, 420), 256, False), 0.0),
    "stretched, threshold": (
        logits_blob(64, 0.2), ResizeTransform.for_image((300, 420), 256, False), 0.75
    ),
    "all": (logits_blob(256, 9), ResizeTransform.for_image((500, 640), 1024), 0.0),
    "nothing": (logits_blob(256, -9), ResizeTransform.for_image((500, 640), 1024), 0.0),
    "only in the padding": (
        logits_blob(256, 0.05, (0.5, 0.9)), ResizeTransform.for_image((300, 640), 1024), 0.0
    ),
    "speckle": (
        np.random.default_rng(3).normal(size=(256, 256)).astype(np.float32),
        ResizeTransform.for_image((683, 1024), 1024),
        0.0,
    ),
    "tiny image": (logits_blob(256, 0.3), ResizeTransform.for_image((3, 5), 1024), 0.0),
    "12 megapixels": (logits_blob(256, 0.25), ResizeTransform.for_image((3000, 4000), 1024), 0.0),
}  # fmt: skip


@pytest.fixture(params=ARRAYS.values(), ids=ARRAYS.keys())
def array(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=LOGITS.values(), ids=LOGITS.keys())
def logits(request: pytest.FixtureRequest) -> Any:
    return request.param


def tight_box(array: NDArray[np.bool_]) -> tuple[float, ...]:
    rows, columns = np.nonzero(array)
    if not len(rows):
        return (0.0, 0.0, 0.0, 0.0)
    return tuple(map(float, (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)))


# ----------------------------------------------------------------------------------------- arrays


def test_an_array_comes_back_as_it_was(array: NDArray[np.bool_]) -> None:
    for mask in (Mask.from_array(array), Mask.from_array(array).compact()):
        full = mask.full()
        assert full.dtype == np.bool_
        assert mask.size_hw == array.shape
        np.testing.assert_array_equal(full, array)
        assert mask.area == array.sum()
        assert mask.is_empty is (not array.any())
        assert mask.box_xyxy == tight_box(array)
        assert all(type(value) is float for value in mask.box_xyxy)


def test_integers_are_accepted_and_arrays_of_any_layout() -> None:
    expected = random()
    for given in (expected.astype(np.uint8), expected.astype(np.int64), expected.tolist()):
        np.testing.assert_array_equal(Mask.from_array(given).full(), expected)
    np.testing.assert_array_equal(Mask.from_array(expected.T).full(), expected.T)
    np.testing.assert_array_equal(Mask.from_array(expected[::-2, ::3]).full(), expected[::-2, ::3])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((2, 3, 4), bool), r"\(H, W\) of bool.*got \(2, 3, 4\) bool"),
        (np.zeros((0, 4), bool), r"got \(0, 4\) bool"),
        (np.zeros((2, 3)), r"got \(2, 3\) float64"),
        (np.full((2, 3), 255, np.uint8), r"values from 255 to 255; compare first, as in array > 0"),
        (np.full((2, 3), -1), r"values from -1 to -1"),
    ],
)
def test_what_is_no_mask_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mask.from_array(given)


def test_a_mask_does_not_change_with_what_it_was_made_from_or_gave() -> None:
    given = random()
    mask = Mask.from_array(given)
    expected = given.copy()
    given[:] = False
    mask.full()[:] = True
    mask.crop((0, 0, 90, 60))[:] = True
    np.testing.assert_array_equal(mask.full(), expected)
    logits = np.full((16, 16), 5, np.float32)
    of_logits = Mask.from_logits(logits, FRAME)
    logits[:] = -5
    assert of_logits.area == 60 * 90


def test_contains_takes_the_pixel_in_which_a_point_lies(array: NDArray[np.bool_]) -> None:
    mask = Mask.from_array(array)
    height, width = array.shape
    rng = np.random.default_rng(1)
    for x, y in rng.uniform(-3, [width + 3, height + 3], (200, 2)):
        row, column = int(np.floor(y)), int(np.floor(x))
        expected = 0 <= row < height and 0 <= column < width and bool(array[row, column])
        assert mask.contains(x, y) is expected


def test_contains_at_the_edges_of_a_pixel() -> None:
    mask = Mask.from_array(ARRAYS["one pixel"])  # 11 to 12, 7 to 8
    assert mask.contains(11, 7)
    assert mask.contains(11.999, 7.999)
    assert not mask.contains(12, 7)
    assert not mask.contains(11, 8)
    assert not mask.contains(10.999, 7)


@pytest.mark.parametrize(
    "box", [(0, 0, 90, 60), (10, 5, 33, 44), (-5, -7, 100, 70), (80, 50, 95, 64), (3, 3, 3, 9)]
)
def test_crop_is_the_part_in_the_box_and_nothing_beyond(
    array: NDArray[np.bool_], box: tuple[int, int, int, int]
) -> None:
    x1, y1, x2, y2 = box
    padded = np.zeros((200, 200), bool)
    padded[50 : 50 + array.shape[0], 50 : 50 + array.shape[1]] = array
    crop = Mask.from_array(array).crop(box)
    np.testing.assert_array_equal(crop, padded[50 + y1 : 50 + y2, 50 + x1 : 50 + x2])


# ----------------------------------------------------------------------------------------- logits


def test_logits_give_the_published_mask_bit_for_bit(logits: Any) -> None:
    values, transform, threshold = logits
    expected = full_mask(values, transform, threshold)
    mask = Mask.from_logits(values, transform, threshold)
    np.testing.assert_array_equal(mask.full(), expected)
    assert mask.area == expected.sum()  # from here on there are run lengths
    np.testing.assert_array_equal(mask.full(), expected)
    assert mask.box_xyxy == tight_box(expected)


def test_cropped_is_the_same_mask_bit_for_bit_and_not_drawn(
    logits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, transform, threshold = logits
    mask = Mask.from_logits(values, transform, threshold)
    with monkeypatch.context() as patched:
        patched.setattr(mask_module, "mask_region", None)
        patched.setattr(mask_module, "full_mask", None)
        cropped = mask.cropped()
        assert cropped.box_xyxy == mask.box_xyxy
    assert cropped.nbytes <= mask.nbytes
    np.testing.assert_array_equal(cropped.full(), mask.full())
    np.testing.assert_array_equal(cropped.compact().full(), mask.full())
    assert cropped.cropped().nbytes == cropped.nbytes
    for found, expected in zip(cropped.outline_slopes(), mask.outline_slopes(), strict=True):
        np.testing.assert_allclose(found, expected, atol=0.01)


def test_slopes_want_exact_logits() -> None:
    mask = Mask.from_logits(*LOGITS["blob"])
    with pytest.raises(ValueError, match="no exact logits"):
        mask.compact().outline_slopes()
    with pytest.raises(ValueError, match="no exact logits"):
        Mask.from_array(np.eye(3, dtype=bool)).outline_slopes()


def test_compact_is_the_same_mask_in_less(logits: Any) -> None:
    values, transform, threshold = logits
    mask = Mask.from_logits(values, transform, threshold)
    compact = mask.compact()
    np.testing.assert_array_equal(compact.full(), full_mask(values, transform, threshold))
    assert (compact.area, compact.box_xyxy) == (mask.area, mask.box_xyxy)
    assert compact.compact() is compact
    runs = Mask.from_array(mask.full()).nbytes
    assert compact.nbytes <= 65536 + runs


def test_compact_draws_the_same_border(logits: Any) -> None:
    values, transform, threshold = logits
    exact = level_field(values - np.float32(threshold), transform, cropped=True)
    mask = Mask.from_logits(values, transform, threshold)
    assert mask.levels() == exact
    kept = mask.compact().levels()
    assert kept[:4] == exact[:4]
    was, now = (np.frombuffer(field.data, np.uint8).astype(int) for field in (exact, kept))
    np.testing.assert_array_equal(now > 127, was > 127)
    assert np.abs(now - was).max() <= 1


def test_logits_too_small_for_half_precision_keep_their_sign() -> None:
    values = np.where(logits_blob(32, 0.2) > 0, 1e-30, -1e-30).astype(np.float32)
    mask = Mask.from_logits(values, FRAME)
    assert mask.compact().levels() == mask.levels()


def test_logits_that_are_not_finite_do_no_harm() -> None:
    values = logits_blob(32, 0.2)
    values[0, :3] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        kept = Mask.from_logits(values, FRAME).compact()
    assert kept.levels().width > 1
    assert np.isfinite(kept.as_mask_input(FRAME, 32)).all()


def test_logits_that_are_no_square_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must have the shape \(M, M\), got \(1, 8, 8\)"):
        Mask.from_logits(np.zeros((1, 8, 8), np.float32), FRAME)


# ------------------------------------------------------------------------------------- operations

PAIRS = [
    pytest.param(one, other, id=f"{one} and {other}")
    for one in ("random", "empty", "full", "holed", "two pieces", "one pixel")
    for other in ("random", "empty", "disc", "touching all borders", "last pixel", "full")
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_set_operations_are_those_of_numpy(one: str, other: str) -> None:
    a, b = ARRAYS[one], ARRAYS[other]
    first, second = Mask.from_array(a), Mask.from_array(b)
    for found, expected in (
        (first.union(second), a | b),
        (first.subtract(second), a & ~b),
        (first.intersect(second), a & b),
    ):
        np.testing.assert_array_equal(found.full(), expected)
        assert found.area == expected.sum()
        assert found.box_xyxy == tight_box(expected)
    union = (a | b).sum()
    assert first.iou(second) == pytest.approx((a & b).sum() / union if union else 0)
    assert first.iou(second) == second.iou(first)


def test_set_operations_take_masks_of_logits() -> None:
    values, transform, threshold = LOGITS["blob"]
    mask = Mask.from_logits(values, transform, threshold)
    stroke = Mask.from_array(disc((500, 640), 300, 100, 80))
    np.testing.assert_array_equal(mask.union(stroke).full(), mask.full() | stroke.full())
    assert mask.iou(mask.compact()) == 1


def test_what_changes_nothing_keeps_the_logits() -> None:
    values, transform, threshold = LOGITS["blob"]
    mask = Mask.from_logits(values, transform, threshold).compact()
    empty = Mask.from_array(np.zeros((500, 640), bool))
    assert mask.subtract(empty) is mask
    assert mask.union(empty) is mask
    assert empty.union(mask) is mask
    assert mask.without_islands(0.1) is mask
    assert mask.with_holes_filled(0.1) is mask


@pytest.mark.parametrize("operation", ["union", "subtract", "intersect", "iou"])
def test_masks_of_two_images_do_not_combine(operation: str) -> None:
    with pytest.raises(ValueError, match=r"one image are needed, got .* \(60, 90\) and \(1, 1\)"):
        getattr(Mask.from_array(random()), operation)(Mask.from_array([[True]]))


def test_small_islands_go_and_wanted_ones_stay() -> None:
    # 900 pixels, 30 and 10, of 940; 30 is a share of 0.032, 10 one of 0.011
    large, middle, small = (5, 5, 35, 35), (60, 10, 70, 13), (80, 50, 85, 52)
    mask = Mask.from_array(drawn(large, middle, small))
    for min_share, keep_xy, expected in (
        (0.02, [], [large, middle]),
        (0.05, [], [large]),
        (1.0, [], [large]),
        (0.05, [(84.9, 51.9)], [large, small]),
        (0.05, [(85, 52), (-3, 1000), (50, 50)], [large]),
        (0.0, [], [large, middle, small]),
        (0.01, [], [large, middle, small]),
    ):
        found = mask.without_islands(min_share, keep_xy)
        np.testing.assert_array_equal(found.full(), drawn(*expected))


def test_islands_hang_together_at_corners() -> None:
    array = drawn((0, 0, 30, 30), (30, 30, 32, 32))
    np.testing.assert_array_equal(Mask.from_array(array).without_islands(0.5).full(), array)


def test_small_holes_are_filled() -> None:
    # 1600 - 100 - 4 = 1496 pixels; holes of 100 (0.067) and 4 (0.003)
    outer, large, small = (10, 10, 50, 50), (15, 15, 25, 25), (40, 40, 42, 42)
    mask = Mask.from_array(drawn(outer, large, small))
    for max_share, expected in (
        (0.0, [outer, large, small]),
        (0.01, [outer, large]),
        (1.0, [outer]),
    ):
        np.testing.assert_array_equal(mask.with_holes_filled(max_share).full(), drawn(*expected))


def test_gaps_at_the_image_edge_and_open_ones_are_no_holes() -> None:
    at_edge = drawn((0, 0, 20, 20), (5, 0, 8, 4))
    open_corner = drawn((30, 30, 50, 50), (35, 30, 36, 45))
    for array in (at_edge, open_corner):
        np.testing.assert_array_equal(Mask.from_array(array).with_holes_filled(1).full(), array)


def test_a_hole_does_not_leak_through_a_corner() -> None:
    ring = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    filled = Mask.from_array(ring).with_holes_filled(1).full()
    np.testing.assert_array_equal(filled, [[0, 1, 0], [1, 1, 1], [0, 1, 0]])


def without_small(array: NDArray[np.bool_], min_area: int) -> tuple[NDArray[np.bool_], bool]:
    """Meta's rule on all pixels, a region at a time."""
    had_any = False
    for value in (False, True):  # holes, then islands
        regions, count = ndimage.label(array == value, np.ones((3, 3)))
        areas = [int((regions == i).sum()) for i in range(1, count + 1)]
        small = [i for i in range(count) if areas[i] < min_area]
        had_any |= bool(small)
        if value and len(small) == count:
            small.remove(areas.index(max(areas)))
        array = np.where(np.isin(regions, [i + 1 for i in small]), not value, array)
    return array, had_any


def cornered() -> NDArray[np.bool_]:
    """A full image but for corners, a strip of the left edge, and a hole."""
    array = np.ones((60, 90), bool)
    array[0, 0] = array[-2:, -3:] = array[30, 40:44] = False
    array[10:30, 0] = False
    return array


SPECKLED = {
    **{name: array for name, array in ARRAYS.items() if array.size <= 10_000 and array.any()},
    "corners": cornered(),
    "first row free": np.pad(np.ones((19, 30), bool), ((1, 0), (0, 0))),
    "first and last column free": np.pad(np.ones((20, 28), bool), ((0, 0), (1, 1))),
    "two sides free": np.pad(np.ones((20, 28), bool), ((2, 0), (0, 1))),
    "ring": np.pad(np.pad(np.zeros((4, 4), bool), 2, constant_values=True), ((9, 0), (3, 8))),
    "diagonal": np.eye(12, dtype=bool),
    "crumbs": np.random.default_rng(5).random((50, 40)) < 0.1,
    "cheese": np.random.default_rng(6).random((50, 40)) < 0.9,
}


@pytest.mark.parametrize("min_area", [1, 2, 5, 21, 25, 41, 50, 100, 700])
@pytest.mark.parametrize("name", SPECKLED)
def test_small_regions_go_by_metas_rule(name: str, min_area: int) -> None:
    array = SPECKLED[name]
    expected, had_any = without_small(array, min_area)
    mask = Mask.from_array(array)
    found, told = mask.without_small_regions(min_area)
    np.testing.assert_array_equal(found.full(), expected)
    assert told is had_any
    assert (found is mask) == np.array_equal(expected, array)


def test_an_empty_mask_has_no_small_regions() -> None:
    empty = Mask.from_array(np.zeros((4, 5), bool))
    assert empty.without_small_regions(100) == (empty, False)


def test_small_regions_of_a_large_image_need_no_full_array() -> None:
    mask = Mask.from_array(disc((3000, 4000), 1500, 2000, 50))
    tracemalloc.start()
    try:
        mask.without_small_regions(100)
        assert mask.placed(100, 200, (5000, 8000)).area == mask.area
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["random", "empty", "full", "one pixel", "last pixel"])
def test_a_part_is_placed_in_its_image(name: str) -> None:
    part = ARRAYS[name]
    height, width = part.shape
    expected = np.pad(part, ((3, 7), (11, 2)))
    found = Mask.from_array(part).placed(11, 3, (height + 10, width + 13))
    np.testing.assert_array_equal(found.full(), expected)
    assert found.box_xyxy == tight_box(expected)


@pytest.mark.parametrize("form", ["fresh", "cropped", "drawn", "compact"])
def test_a_part_keeps_its_logits_where_it_is_placed(form: str) -> None:
    values, transform, threshold = LOGITS["blob"]
    part = Mask.from_logits(values, transform, threshold)
    expected = np.pad(part.full(), ((20, 30), (10, 50)))
    if form == "cropped":
        part = part.cropped()
    elif form == "drawn":
        assert part.area
    elif form == "compact":
        part = part.compact()
    assert part.placed(0, 0, (500, 640)) is part
    placed = part.placed(4, 5, (520, 690)).placed(6, 15, (550, 700))
    assert placed.box_xyxy == tight_box(expected)
    np.testing.assert_array_equal(placed.full(), expected)
    assert placed.area == part.area
    x, y, width, height = part.levels().extent_xywh
    assert placed.levels() == part.levels()._replace(extent_xywh=(x + 10, y + 20, width, height))
    assert placed.compact().levels().extent_xywh[:2] >= (10.0, 20.0)
    again = placed.within((10, 20, 650, 520))
    np.testing.assert_array_equal(again.full(), part.full())
    np.testing.assert_array_equal(
        again.as_mask_input(transform, len(values)), part.as_mask_input(transform, len(values))
    )
    if form == "fresh":
        own, whole = part.outline_slopes(), placed.outline_slopes()
        np.testing.assert_array_equal(own[0] + 20, whole[0])
        np.testing.assert_array_equal(own[1] + 10, whole[1])


def test_within_another_part_there_are_only_pixels() -> None:
    values, transform, threshold = LOGITS["blob"]
    mask = Mask.from_logits(values, transform, threshold)
    part = mask.within((100, 50, 400, 450))
    np.testing.assert_array_equal(part.full(), mask.full()[50:450, 100:400])
    assert part.nbytes < mask.nbytes
    assert mask.within((0, 0, 640, 500)) is not None
    np.testing.assert_array_equal(mask.within((0, 0, 640, 500)).full(), mask.full())


@pytest.mark.parametrize(("left", "top"), [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_a_part_beyond_the_image_is_refused(left: int, top: int) -> None:
    with pytest.raises(ValueError, match="is not within an image of 6 x 5 pixels"):
        Mask.from_array(np.ones((3, 5), bool)).placed(left, top, (5, 6))


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_shares_are_from_0_to_1(share: float) -> None:
    mask = Mask.from_array(random())
    with pytest.raises(ValueError, match="min_share: expected a share"):
        mask.without_islands(share)
    with pytest.raises(ValueError, match="max_share: expected a share"):
        mask.with_holes_filled(share)


def test_an_empty_mask_has_no_islands_or_holes() -> None:
    empty = Mask.from_array(drawn())
    assert empty.without_islands(0.5).is_empty
    assert empty.with_holes_filled(0.5).is_empty


# ----------------------------------------------------------------------------------- mask prompts


def test_kept_logits_are_the_prompt() -> None:
    for values, transform, threshold in (LOGITS["blob"], LOGITS["larger threshold"]):
        mask = Mask.from_logits(values, transform, threshold)
        np.testing.assert_allclose(mask.as_mask_input(transform, 256)[0], values, atol=1e-5)
        kept = mask.compact().as_mask_input(transform, 256)
        assert kept.shape == (1, 256, 256)
        assert kept.dtype == np.float32
        np.testing.assert_array_equal(kept[0] > threshold, values > threshold)
        # Four cells around the mask are kept, and these logits fall by about 0.16 a cell.
        near = (values > threshold - 0.4) & (values < threshold + 8)
        np.testing.assert_allclose(kept[0][near], values[near], atol=4e-3)


def test_logits_of_another_frame_or_size_are_no_prompt() -> None:
    values, transform, threshold = LOGITS["blob"]
    mask = Mask.from_logits(values, transform, threshold)
    other = ResizeTransform.for_image((500, 640), 512)
    for frame, mask_size in ((other, 256), (transform, 128)):
        prompt = mask.as_mask_input(frame, mask_size)
        assert prompt.shape == (1, mask_size, mask_size)
        assert np.abs(prompt).max() == pytest.approx(MASK_PROMPT_LOGIT)
        assert Mask.from_logits(prompt[0], frame).iou(mask) > 0.98


SIZES_HW = [(77, 1024), (1024, 77), (683, 1024), (500, 333), (40, 33), (301, 2000), (257, 255)]
SIZES_HW += [tuple(size) for size in np.random.default_rng(7).integers(30, 1100, (8, 2)).tolist()]


@pytest.mark.parametrize("size_hw", SIZES_HW, ids=str)
@pytest.mark.parametrize("keeps_aspect", [True, False], ids=["padded", "stretched"])
def test_a_mask_prompt_lies_where_the_mask_does(
    size_hw: tuple[int, int], keeps_aspect: bool
) -> None:
    height, width = size_hw
    transform = ResizeTransform.for_image(size_hw, 1024, keeps_aspect)
    content_w, content_h = transform.content_cells(256)
    cell_xy = np.array([width / content_w, height / content_h])
    rows, columns = np.indices(size_hw) + 0.5
    array = np.hypot((columns / width - 0.55) / 0.35, (rows / height - 0.45) / 0.4) < 1
    prompt = Mask.from_array(array).as_mask_input(transform, 256)
    again = full_mask(prompt[0], transform)
    centroids = [np.array([columns[m].mean(), rows[m].mean()]) for m in (array, again)]
    assert (np.abs(centroids[0] - centroids[1]) < 0.2 * np.maximum(cell_xy, 1)).all()
    # What differs lies within a cell of the border.
    reach_x, reach_y = np.maximum(np.ceil(cell_xy), 1).astype(int)
    window = (2 * reach_y + 1, 2 * reach_x + 1)
    assert not (again & ~ndimage.maximum_filter(array, window)).any()
    assert not (~again & ndimage.minimum_filter(array, window)).any()


def test_a_bar_at_the_far_end_of_a_flat_image_stays_at_its_rows() -> None:
    """77 rows are 19.25 cells; by a rule that rounds, what lies low is shifted the most."""
    transform = ResizeTransform.for_image((77, 1024), 1024)
    for top, bottom in ((52, 64), (57, 69), (66, 77), (61, 73)):
        array = np.zeros((77, 1024), bool)
        array[top:bottom, 100:900] = True
        again = full_mask(Mask.from_array(array).as_mask_input(transform, 256)[0], transform)
        (rows,) = np.nonzero(again[:, 500])
        assert abs(rows.mean() + 0.5 - (top + bottom) / 2) < 0.1 * 4
        assert len(rows) == pytest.approx(bottom - top, abs=1)


@pytest.mark.parametrize("size_hw", [*SIZES_HW, (1, 500), (500, 1), (1, 1)], ids=str)
def test_a_full_image_stays_full(size_hw: tuple[int, int]) -> None:
    transform = ResizeTransform.for_image(size_hw, 1024)
    prompt = Mask.from_array(np.ones(size_hw, bool)).as_mask_input(transform, 256)
    cells_w, cells_h, _ = transform.extent_xywh(256)
    assert (prompt[0, :cells_h, :cells_w] == np.float32(MASK_PROMPT_LOGIT)).all()
    assert prompt.sum() == pytest.approx(
        MASK_PROMPT_LOGIT * (2 * cells_h * cells_w - 256 * 256), rel=1e-5
    )
    assert full_mask(prompt[0], transform).all()


def test_the_prompt_of_an_empty_mask_is_all_outside() -> None:
    prompt = Mask.from_array(drawn()).as_mask_input(FRAME, 16)
    assert (prompt == np.float32(-MASK_PROMPT_LOGIT)).all()


def test_a_prompt_for_another_image_is_refused() -> None:
    other = ResizeTransform.for_image((10, 10), 64)
    with pytest.raises(ValueError, match="the mask is 60 x 90 pixels"):
        Mask.from_array(random()).as_mask_input(other, 16)


# ----------------------------------------------------------------------------------------- memory


def fills(number: int) -> Any:
    """Logits that fill the image, but for a hole that makes them all different."""
    return -logits_blob(256, 0.02 + 0.001 * (number % 10))


@pytest.mark.parametrize(
    ("size_hw", "count", "limit_mb"),
    [((3000, 4000), 100, 50), ((1000, 1000), 1000, 100)],
    ids=["100 at 12 megapixels", "1,000 at 1 megapixel"],
)
def test_masks_kept_for_good_are_small(
    size_hw: tuple[int, int], count: int, limit_mb: float
) -> None:
    """A twentieth of the masks, against a twentieth of the memory."""
    transform = ResizeTransform.for_image(size_hw, 1024)
    Mask.from_logits(fills(0), transform).compact()  # fills the cache of weights
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = []
        for number in range(count // 20):
            logits = fills(number) if number % 2 else logits_blob(256, 0.3)
            mask = Mask.from_logits(logits, transform).compact()
            assert mask.area  # what is read of it is not kept at full size
            mask.full()
            mask.levels()
            mask.contains(10, 10)
            kept.append(mask)
        del logits
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert sum(mask.nbytes for mask in kept) < limit_mb * 1e6 / 20
    assert taken < limit_mb * 1e6 / 20


def test_reading_a_mask_of_logits_keeps_no_full_array() -> None:
    values, transform, threshold = LOGITS["12 megapixels"]
    mask = Mask.from_logits(values, transform, threshold)
    assert mask.nbytes == values.nbytes
    mask.full()
    assert mask.nbytes == values.nbytes
    assert mask.area
    assert mask.nbytes < values.nbytes + 30000


def test_read_only_logits_are_not_copied() -> None:
    values = logits_blob(32, 0.2)
    values.flags.writeable = False
    mask = Mask.from_logits(values, FRAME)
    assert mask._cells is not None
    assert np.shares_memory(mask._cells.frame(), values) or mask._cells.values is values


def test_repr_says_how_much_of_the_image() -> None:
    assert repr(Mask.from_array(ARRAYS["one pixel"])) == "<Mask: 1 of 90 x 60 pixels>"
