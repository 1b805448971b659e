"""The commands with the model that ships in the package, on blocks of colour."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_stand_in import full_mask
from numpy.typing import NDArray
from PIL import Image

from samwidget.cli import main

Captured = pytest.CaptureFixture[str]

RED, BLUE = (slice(20, 60), slice(20, 70)), (slice(50, 110), slice(95, 145))


@pytest.fixture(autouse=True)
def blocks(place: Path) -> NDArray[np.uint8]:
    image = np.full((120, 160, 3), 60, np.uint8)
    image[RED], image[BLUE] = (220, 80, 60), (60, 90, 220)
    Image.fromarray(image).save("blocks.png")
    return image


def asked(*arguments: str, capsys: Captured) -> list[dict[str, object]]:
    assert main([*arguments, "--json", "--device", "cpu"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    objects: list[dict[str, object]] = record["objects"]
    return objects


def test_points_and_boxes(capsys: Captured) -> None:
    for prompts in (
        ["--point", "45,40", "--point", "120,80"],
        ["--box", "20,20,70,60", "--box", "95,50,145,110"],
        ["--point", "45,40", "--point", "120,80 40,40,0", "--box", "20,20,70,60",
         "--box", "95,50,145,110"],
    ):  # fmt: skip
        first, second = asked("predict", "blocks.png", *prompts, capsys=capsys)
        for one, block in ((first, RED), (second, BLUE)):
            mask = full_mask(one["segmentation"])  # type: ignore[arg-type]
            inside = mask[block].mean()
            assert inside > 0.7
            assert mask[block].sum() > 0.6 * mask.sum()
            assert one["area"] == mask.sum()
    assert second["points"] == [[120, 80, 1], [40, 40, 0]]
    assert second["box_prompt_xyxy"] == [95, 50, 145, 110]


def test_three_candidates(capsys: Captured) -> None:
    prompts = ["--point", "45,40", "--multimask"]
    assert len(asked("predict", "blocks.png", *prompts, capsys=capsys)) == 3


def test_everything(capsys: Captured) -> None:
    grid = ["--points-per-side", "6", "-f", "labels", "-o", "labels.png"]
    objects = asked("everything", "blocks.png", *grid, capsys=capsys)
    labels = np.asarray(Image.open("labels.png"))
    assert labels.shape == (120, 160)
    assert set(np.unique(labels)) - {0} <= {one["id"] for one in objects}
    for y, x in ((40, 45), (80, 120)):
        assert labels[y, x] > 0
    assert labels[40, 45] != labels[80, 120]
    assert all(0 < one["stability_score"] <= 1 for one in objects)  # type: ignore[operator]


def test_what_the_model_refuses_is_told_with_the_image(capsys: Captured) -> None:
    Path("broken.png").write_bytes(Path("blocks.png").read_bytes()[:90])
    assert main(["predict", "broken.png", "blocks.png", "--point", "45,40", "-o", "out"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("samwidget: broken.png: ")
    assert len(error.splitlines()) == 1
    assert [path.name for path in Path("out").iterdir()] == ["blocks.png"]


@pytest.mark.parametrize(
    ("model", "message"),
    [("vit_x", "there is no model, file or folder 'vit_x'"), ("~/x.pth", "there is no file or")],
)
def test_a_model_that_is_none(capsys: Captured, model: str, message: str) -> None:
    assert main(["predict", "blocks.png", "--point", "45,40", "-m", model, "-o", "out"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("samwidget: ")
    assert message in line
    assert not Path("out").exists()


def test_a_device_that_is_none(capsys: Captured) -> None:
    assert main(["predict", "blocks.png", "--point", "45,40", "--device", "tpu9"]) == 1
    assert "samwidget: device must be 'auto', 'cpu'" in capsys.readouterr().err


def test_info(capsys: Captured) -> None:
    assert main(["info"]) == 0
    shown = capsys.readouterr().out
    assert "parameters  5,695,989" in shown.splitlines()
    assert main(["info", "nano", "--json", "--device", "cpu"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["model"] == "nano"
    assert facts["parameters"] == 5_695_989
    assert facts["licence"] == "Apache-2.0"
