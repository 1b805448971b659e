"""Label Studio out and in, read by the plainest decoder of its run lengths."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from annotated_cases import CASES, annotated, assert_same_masks
from numpy.typing import NDArray

from samwidget.formats.annotated import Annotated
from samwidget.formats.label_studio import (
    decode_brush,
    encode_brush,
    from_label_studio,
    to_label_studio,
)


def plainly_decoded(rle: Sequence[int]) -> NDArray[np.uint8]:
    """Read thi.ng's rle-pack, which Label Studio uses, bit by bit."""
    bits = "".join(f"{byte:08b}" for byte in rle)
    at = 0

    def read(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    out = np.zeros(read(32), np.uint8)
    word = read(5) + 1
    sizes = [read(4) + 1 for _ in range(4)]
    i = 0
    while i < len(out):
        repeats = read(1)
        j = i + 1 + read(sizes[read(2)])
        if repeats:
            out[i:j] = read(word)
        else:
            out[i:j] = [read(word) for _ in range(j - i)]
        i = j
    return out


def test_the_plain_decoder_reads_the_same_masks(small_case: Annotated) -> None:
    height, width = small_case.size_hw
    for one in small_case.objects[:20]:
        pixels = plainly_decoded(encode_brush(one.shape).tolist()).reshape(height, width, 4)
        np.testing.assert_array_equal(pixels, np.repeat(one.mask[..., None] * 255, 4, 2))


def test_what_was_written_is_read_again(case: Annotated) -> None:
    data = json.loads(json.dumps(to_label_studio([case])))
    (found,) = from_label_studio(data)
    assert_same_masks(found, case, empty=False)
    assert [o.label for o in found.objects] == [o.label for o in case.objects if o.area]


def test_single_values_between_runs_are_read() -> None:
    # 32 bits of length, 8 bits a word, sizes 3, 4, 8, 16; then two single values and a run.
    bits = f"{4 * 4:032b}" + "00111" + "0010001101111111"
    bits += "000111" + f"{0:08b}" * 4 + f"{255:08b}" * 4 + "1010111" + f"{7:08b}"
    rle = [int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8)]
    assert decode_brush(rle, (1, 4)).full().tolist() == [[False, True, True, True]]


def test_polygons_and_rectangles_are_read() -> None:
    common = {"original_width": 200, "original_height": 100}
    points = [[10, 10], [50, 10], [50, 50], [10, 50]]
    box = {"x": 10, "y": 20, "width": 5, "height": 10, "rectanglelabels": ["b"]}
    regions = [
        common | {"value": {"points": points, "polygonlabels": ["a"]}},
        common | {"value": box},
        {"type": "choices", "value": {"choices": ["good"]}},
    ]
    (found,) = from_label_studio(
        [{"data": {"image": "x.png"}, "annotations": [{"result": regions}]}]
    )
    assert [(one.label, one.area) for one in found.objects] == [("a", 80 * 40), ("b", 100)]
    assert found.objects[1].box_prompt_xyxy == (20, 20, 30, 30)


def test_predictions_have_scores() -> None:
    (task,) = to_label_studio([CASES["holed"]()], as_predictions=True, prefix="/data/")
    assert task["data"]["image"] == "/data/photo.jpg"
    assert task["predictions"][0]["score"] == pytest.approx(0.5)
    assert task["predictions"][0]["result"][0]["value"]["brushlabels"] == ["class 0"]


def test_a_cut_or_foreign_mask_is_refused() -> None:
    rle = encode_brush(annotated([np.eye(9, dtype=bool)]).objects[0].shape).tolist()
    with pytest.raises(ValueError, match="cut off"):
        decode_brush(rle[:20], (9, 9))
    with pytest.raises(ValueError, match="324 values, an image of 8 x 8 pixels 256"):
        decode_brush(rle, (8, 8))
    with pytest.raises(ValueError, match="integers 0 to 255"):
        decode_brush([1000], (1, 1))


@pytest.mark.parametrize("data", [{}, "text", [1], [{}], [{"annotations": []}]])
def test_what_is_no_export_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        from_label_studio(data)  # type: ignore[arg-type]
