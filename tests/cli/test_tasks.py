"""The commands that segment, with a model that finds what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_stand_in import SIZE_HW, StandIn, full_mask, names_in
from PIL import Image

from samwidget.cli import main

Photo = Callable[[str], Path]
Captured = pytest.CaptureFixture[str]

POINT = ["--point", "5,5"]


# ------------------------------------------------------------------------ what the model is asked


@pytest.mark.parametrize(
    ("arguments", "method", "options"),
    [
        (
            ["predict", "a.png", "--point", "9,3", "--point", "1,2 3,4,0"],
            "predict",
            {"points": [[[9, 3]], [[1, 2], [3, 4]]], "labels": [[1], [1, 0]],
             "multimask_output": False},
        ),
        (
            ["predict", "a.png", "--box", "1,2,3,4", "--box", "5,6,7,8", "--multimask"],
            "predict",
            {"bboxes": [[1, 2, 3, 4], [5, 6, 7, 8]], "multimask_output": True},
        ),
        (
            ["predict", "a.png", "--box", "1,2,3,4", "--point", "2,3"],
            "predict",
            {"points": [[[2, 3]]], "labels": [[1]], "bboxes": [[1, 2, 3, 4]],
             "multimask_output": False},
        ),
        (["predict", "a.png", "--text", "a wheel"], "predict", {"text": "a wheel"}),
        (
            ["predict", "a.png", "--text", "a", "--text", "b", "--detector", "d",
             "--text-threshold", "0.2"],
            "predict",
            {"text": ["a", "b"], "detector": "d", "text_threshold": 0.2},
        ),
        (["everything", "a.png"], "predict", {}),
        (
            ["everything", "a.png", "--points-per-side", "8", "--pred-iou-thresh", "0.7",
             "--stability-score-thresh", "0.8", "--box-nms-thresh", "0.6", "--crop-n-layers", "1",
             "--min-mask-region-area", "50"],
            "predict",
            {"points_per_side": 8, "pred_iou_thresh": 0.7, "stability_score_thresh": 0.8,
             "box_nms_thresh": 0.6, "crop_n_layers": 1, "min_mask_region_area": 50},
        ),
        (
            ["everything", "a.png", "--preset", "fine", "--crop-n-layers", "0"],
            "everything",
            {"preset": "fine", "crop_n_layers": 0},
        ),
        (["proposals", "a.png"], "proposals", {"n": 1000}),
        (["proposals", "a.png", "-n", "7"], "proposals", {"n": 7}),
        (["edges", "a.png", "-o", "e.png"], "edges", {}),
    ],
    ids=["points", "boxes", "both", "text", "texts", "everything", "settings", "preset",
         "proposals", "some proposals", "edges"],
)  # fmt: skip
def test_what_the_model_is_asked(
    stand_in: StandIn, photo: Photo, arguments: list[str], method: str, options: dict[str, Any]
) -> None:
    photo("a.png")
    assert main(arguments) == 0
    assert stand_in.calls == [(method, "a.png", options)]
    assert stand_in.opened_with == ("nano", "auto", "auto", None)


def test_which_model_is_opened(stand_in: StandIn, photo: Photo) -> None:
    photo("a.png")
    how = ["-m", "vit_b", "--device", "cpu", "--precision", "bfloat16", "--no-progress"]
    assert main(["proposals", "a.png", *how]) == 0
    assert stand_in.opened_with == ("vit_b", "cpu", "bfloat16", False)


# ------------------------------------------------------------------------------- what comes out


def test_without_a_place_what_is_found_is_listed(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    photo("a.png")
    assert main(["predict", "a.png", *POINT]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "a.png: 2 objects in 40 x 30 pixels",
        "    1  score 0.900  box 5,0,15,10  area 100",
        "    2  score 0.900  box 5,1,15,11  area 100  cup",
    ]
    assert shown.err == ""
    assert names_in(".") == ["a.png"]
    stand_in.count = 25
    main(["everything", "a.png"])
    *_, last = capsys.readouterr().out.splitlines()
    assert last == "  ... and 5 more; --json tells of all"
    stand_in.count = 0
    main(["everything", "a.png"])
    assert capsys.readouterr().out == "a.png: 0 objects in 40 x 30 pixels\n"


@pytest.mark.parametrize("ending", ["png", "PNG", "jpg", "webp", "tif", "bmp"])
def test_an_overlay(stand_in: StandIn, photo: Photo, capsys: Captured, ending: str) -> None:
    original = np.asarray(Image.open(photo("a.png"))).astype(int)
    assert main(["predict", "a.png", *POINT, "-o", f"out.{ending}"]) == 0
    assert capsys.readouterr().out == (f"a.png: 2 objects in 40 x 30 pixels -> out.{ending}\n")
    with Image.open(f"out.{ending}") as picture:
        painted = np.asarray(picture.convert("RGB")).astype(int)
    change = np.abs(painted - original).mean(axis=2)
    assert change[:11, 5:15].mean() > 3 * change[20:, 20:].mean() + 10


def test_a_mask_and_labels(stand_in: StandIn, photo: Photo) -> None:
    photo("a.png")
    for kind in ("mask", "labels"):
        assert main(["everything", "a.png", "-f", kind, "-o", f"{kind}.png"]) == 0
    mask, labels = (np.asarray(Image.open(f"{kind}.png")) for kind in ("mask", "labels"))
    assert mask.dtype == labels.dtype == np.uint8
    expected = np.zeros(SIZE_HW, int)
    expected[0, 5:15], expected[1:11, 5:15] = 1, 2
    assert (labels == expected).all()
    assert (mask == 255 * (expected > 0)).all()


def test_many_labels_take_16_bits(stand_in: StandIn, photo: Photo, capsys: Captured) -> None:
    photo("a.png")
    stand_in.count = 300
    assert main(["everything", "a.png", "-f", "labels", "-o", "labels.png"]) == 0
    labels = np.asarray(Image.open("labels.png"))
    assert labels.dtype == np.uint16
    assert labels.max() == 300
    assert main(["everything", "a.png", "-f", "labels", "-o", "labels.bmp"]) == 1
    assert "300 objects are more than the 255 that a .bmp has" in capsys.readouterr().err
    assert not Path("labels.bmp").exists()


def test_json_on_stdout(stand_in: StandIn, photo: Photo, capsys: Captured) -> None:
    photo("a.png")
    assert main(["predict", "a.png", *POINT, "--json", "-o", "out.png"]) == 0
    shown = capsys.readouterr()
    (record,) = json.loads(shown.out)
    assert shown.err == ""
    assert (record["image"], record["output"]) == ("a.png", "out.png")
    assert (record["width"], record["height"]) == (40, 30)
    first, second = record["objects"]
    assert (first["id"], second["id"], second["label"]) == (1, 2, "cup")
    assert second["box_xyxy"] == [5, 1, 15, 11]
    assert second["area"] == 100
    assert second["score"] == pytest.approx(0.8999)
    assert second["stability_score"] is None
    mask = full_mask(second["segmentation"])
    assert mask.shape == SIZE_HW
    assert mask[1:11, 5:15].all()


def test_coco_of_several_images(stand_in: StandIn, photo: Photo, capsys: Captured) -> None:
    for name in ("in/a.png", "in/b.jpg"):
        photo(name)
    assert main(["everything", "in", "-o", "all.json"]) == 0
    coco = json.loads(Path("all.json").read_text())
    assert [one["file_name"] for one in coco["images"]] == ["a.png", "b.jpg"]
    assert [one["image_id"] for one in coco["annotations"]] == [1, 1, 2, 2]
    assert capsys.readouterr().out.splitlines()[-1] == "2 of 2 images -> all.json"
    assert main(["everything", "in", "-o", "all.json", "--json"]) == 0
    outputs = [one["output"] for one in json.loads(capsys.readouterr().out)]
    assert outputs == ["all.json", "all.json"]


def test_json_files_hold_what_stdout_would(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    for name in ("in/a.png", "in/b.jpg"):
        photo(name)
    assert main(["everything", "in", "-f", "json", "-o", "all.json", "--json"]) == 0
    told = [
        {name: value for name, value in one.items() if name != "output"}
        for one in json.loads(capsys.readouterr().out)
    ]
    assert json.loads(Path("all.json").read_text()) == told
    assert main(["everything", "in", "-f", "json", "-o", "each"]) == 0
    assert json.loads(Path("each/b.json").read_text()) == told[1:]


def test_a_folder_gets_a_file_for_each(stand_in: StandIn, photo: Photo) -> None:
    for name in ("in/a.png", "in/sub/a.png"):
        photo(name)
    assert main(["proposals", "in", "-r", "-o", "out"]) == 0
    assert sorted(path.as_posix() for path in Path("out").rglob("*.*")) == [
        "out/a.png",
        "out/sub/a.png",
    ]


@pytest.mark.parametrize("ending", ["png", "npy", "tif"])
def test_edges(stand_in: StandIn, photo: Photo, capsys: Captured, ending: str) -> None:
    photo("a.png")
    assert main(["edges", "a.png", "-o", f"e.{ending}"]) == 0
    assert capsys.readouterr().out == f"a.png: edges -> e.{ending}\n"
    edges = np.load("e.npy") if ending == "npy" else np.asarray(Image.open(f"e.{ending}"))
    assert edges.dtype == (np.uint8 if ending == "png" else np.float32)
    expected = np.linspace(0, 1, 1200).reshape(SIZE_HW) * (255 if ending == "png" else 1)
    np.testing.assert_allclose(edges, expected, atol=0.51 if ending == "png" else 1e-6)
    assert main(["edges", "a.png", "-o", "new/", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record == {"image": "a.png", "output": "new/a.png", "width": 40, "height": 30}


def test_quiet_is_quiet_but_for_errors(stand_in: StandIn, photo: Photo, capsys: Captured) -> None:
    photo("a.png")
    assert main(["everything", "a.png", "none.png", "-q", "-o", "out"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


def test_bars_are_for_terminals_or_when_asked(
    stand_in: StandIn, photo: Photo, capsys: Captured
) -> None:
    photo("a.png")
    main(["everything", "a.png"])
    assert capsys.readouterr().err == ""
    main(["everything", "a.png", "--progress", "--json"])
    shown = capsys.readouterr()
    assert "everything: 100%" in shown.err
    assert "a.png" in shown.err
    assert len(json.loads(shown.out)) == 1
