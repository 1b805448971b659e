from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import RADII, SCORES, FakeModel
from PIL import Image

from samwidget import sam as facade
from samwidget.models.build import build
from samwidget.models.config import VitConfig
from samwidget.predict import proposals
from samwidget.predict.grid import Grid
from samwidget.sam import SAM
from samwidget.values.geometry import ResizeTransform
from samwidget.weights.opening import Checkpoint
from samwidget.weights.records import RECORDS

SIZE_HW = (50, 100)
IMAGE = np.random.default_rng(0).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """The model that every name opens."""
    model = FakeModel()
    monkeypatch.setattr(
        facade, "locate", lambda name, progress: Checkpoint(Path("fake.pth"), RECORDS[1])
    )
    monkeypatch.setattr(facade, "load_model", lambda path: model)
    return model


@pytest.fixture
def sam(fake: FakeModel) -> SAM:
    return SAM("sam_b.pt", device="cpu")


# ------------------------------------------------------------------------------------------- SAM


def test_results_tell_what_was_done_to_read_the_image(sam: SAM) -> None:
    deep = IMAGE * np.uint16(200)
    plain, stretched = sam.predict([IMAGE, deep], points=[50, 20])
    assert plain.notes == ()
    (note,) = stretched.notes
    assert "stretched from black to white" in note
    assert note in repr(stretched)


def test_a_flat_list_of_points_is_one_object_each(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam.predict(IMAGE, points=[[50, 20], [20, 30]], labels=[1, 1])
    assert len(results) == 2
    # In the model frame, which is 64 pixels wide for the 100 of the image.
    assert [call["points"] for call in fake.decodes] == [
        [pytest.approx([32, 12.8])],
        [pytest.approx([12.8, 19.2])],
    ]
    assert not any(call["multimask"] for call in fake.decodes)
    assert fake.encodes == 1
    assert results.masks is not None
    first, second = results.masks.data
    assert first[20, 50]
    assert second[30, 20]
    assert not first[30, 20]
    np.testing.assert_allclose(results.scores, SCORES[1])


def test_nested_points_are_one_object(sam: SAM, fake: FakeModel) -> None:
    (results,) = sam.predict(IMAGE, points=[[[50, 20], [20, 30]]], labels=[[1, 0]])
    assert len(results) == 1
    assert fake.decodes[0]["labels"] == [1, 0]
    assert results[0].point_labels.tolist() == [1, 0]
    assert results[0].point_coords.tolist() == [[50, 20], [20, 30]]


def test_a_model_that_stretches_images_gets_the_click_and_gives_the_mask_in_place(
    sam: SAM, fake: FakeModel
) -> None:
    fake.config = replace(fake.config, keeps_aspect=False)
    (results,) = sam.predict(IMAGE, points=[70, 30], labels=[1])
    (call,) = fake.decodes
    assert call["points"] == [pytest.approx([70 * 0.64, 30 * 1.28])]
    x1, y1, x2, y2 = results[0].box_xyxy
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((70, 30), abs=2)
    # A disk of the frame: by as much wider in the image as the image is.
    assert (x2 - x1) / (y2 - y1) == pytest.approx(2, rel=0.1)


def test_boxes_come_back_with_their_objects(sam: SAM) -> None:
    (results,) = sam(IMAGE, bboxes=[[10, 10, 40, 30], [60, 10, 90, 40]])
    assert [one.box_prompt_xyxy for one in results] == [(10, 10, 40, 30), (60, 10, 90, 40)]
    np.testing.assert_allclose(results.boxes.xyxy[0], [10, 10, 40, 30], atol=3)
    assert len({one.color for one in results}) == 2
    assert [one.id for one in results] == [0, 1]


def test_multimask_gives_three_candidates_for_each_object(sam: SAM) -> None:
    (results,) = sam(IMAGE, points=[[50, 20], [20, 30]], multimask_output=True)
    np.testing.assert_allclose(results.scores, SCORES * 2)
    areas = [one.area for one in results]
    assert areas[:3] == sorted(areas[:3])


def test_low_scores_are_not_left_out(sam: SAM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakes.SCORES", (0.0, 0.001, 0.0))
    (results,) = sam(IMAGE, points=[50, 20])
    assert len(results) == 1
    assert results.scores.tolist() == [pytest.approx(0.001)]


def test_masks_refine(sam: SAM, fake: FakeModel) -> None:
    (first,) = sam(IMAGE, points=[50, 20])
    transform = ResizeTransform.for_image(SIZE_HW, 64)
    logits = first[0].shape.as_mask_input(transform, 32)[0]
    (second,) = sam(IMAGE, points=[20, 30], masks=logits)
    sam(IMAGE, points=[20, 30], masks=first[0].shape)
    for decode in fake.decodes[1:]:
        assert torch.equal(decode["mask_input"], torch.tensor(logits)[None, None])
    assert second[0].mask[20, 50]
    (third,) = sam(IMAGE, masks=first[0].mask)
    assert (third[0].mask ^ first[0].mask).mean() < 0.02


def test_sources_may_be_paths_pictures_arrays_and_lists_of_them(
    sam: SAM, fake: FakeModel, tmp_path: Path
) -> None:
    path = tmp_path / "image.png"
    Image.fromarray(IMAGE).save(path)
    found = sam([str(path), path, Image.fromarray(IMAGE), IMAGE], points=[50, 20])
    assert [one.path for one in found] == [str(path), str(path), None, None]
    assert fake.encodes == 4
    for one in found:
        assert (one.orig_img == IMAGE).all()
        assert one.orig_shape == SIZE_HW
        assert one[0].mask[20, 50]


def test_what_was_uploaded_is_one_image_each(sam: SAM) -> None:
    stream = io.BytesIO()
    Image.fromarray(IMAGE).save(stream, "PNG")
    data = stream.getvalue()
    entries = [{"name": name, "content": memoryview(data)} for name in ("cat.png", "dog.png")]
    older = {entry["name"]: {"metadata": {}, "content": data} for entry in entries}
    for source in (tuple(entries), older):
        found = sam(source, points=[50, 20])
        assert [one.path for one in found] == ["cat.png", "dog.png"]
    (one,) = sam(entries[0], points=[50, 20])
    np.testing.assert_array_equal(one.orig_img, IMAGE)


def test_results_do_not_tell_a_whole_data_uri(sam: SAM) -> None:
    stream = io.BytesIO()
    Image.fromarray(IMAGE).save(stream, "PNG")
    address = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    (found,) = sam(address, points=[50, 20])
    assert found.path is None
    np.testing.assert_array_equal(found.orig_img, IMAGE)


# ------------------------------------------------------------------------------------ everything

ALL: dict[str, float] = {
    "points_per_side": 2,
    "pred_iou_thresh": 0,
    "stability_score_thresh": 0,
    "box_nms_thresh": 1,
}


def test_without_a_prompt_everything_is_segmented(sam: SAM, fake: FakeModel) -> None:
    for ask in (sam, sam.predict):
        (results,) = ask(IMAGE, **ALL)  # type: ignore[arg-type]
        assert len(results) == 4 * len(RADII)
        assert results.masks is not None
        assert results.masks.data.any(axis=(1, 2)).all()
        assert (np.diff(results.scores) <= 0).all()
        assert (results.stability_scores > 0.8).all()
        assert (results.stability_scores < 1).all()
        assert results.boxes.xyxy.shape == (12, 4)
        assert {tuple(one.point_coords[0]) for one in results} == {
            (25, 12.5), (75, 12.5), (25, 37.5), (75, 37.5),
        }  # fmt: skip
        assert [one.id for one in results] == list(range(12))
    assert fake.encodes == 2


def test_everything_by_its_name(sam: SAM) -> None:
    (asked,) = sam(IMAGE, **ALL)  # type: ignore[arg-type]
    (named,) = sam.everything(IMAGE, **ALL)  # type: ignore[arg-type]
    assert [tuple(one.point_coords[0]) for one in named] == [
        tuple(one.point_coords[0]) for one in asked
    ]
    assert (named.scores == asked.scores).all()


def test_presets(sam: SAM, fake: FakeModel) -> None:
    counts = []
    for preset in ("fast", "balanced"):
        sam.everything(IMAGE, preset=preset, progress=lambda _: None)
        counts.append(len(fake.decodes))
        del fake.decodes[:]
    sam(IMAGE, preset="fast", points_per_side=3, progress=lambda _: None)
    assert [*counts, len(fake.decodes)] == [16 * 16, 32 * 32, 9]
    with pytest.raises(ValueError, match="preset: expected one of 'fast'"):
        sam.everything(IMAGE, preset="best")
    with pytest.raises(TypeError, match="preset is for segmenting everything"):
        sam(IMAGE, points=[50, 20], preset="fast")


def test_proposals_of_several_images(sam: SAM, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = sam.proposals([IMAGE, IMAGE[:, :60]], 7)
    assert (len(first), len(second)) == (7, 7)
    assert (first.orig_shape, second.orig_shape) == ((50, 100), (50, 60))
    assert [one.id for one in first] == list(range(7))
    assert "proposing objects: 100%" in capsys.readouterr().err
    with pytest.raises(ValueError, match="n must be at least 1"):
        sam.proposals(IMAGE, 0)


def test_edges_of_one_image(sam: SAM, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    edges = sam.edges(IMAGE)
    assert edges.shape == SIZE_HW
    assert edges.dtype == np.float32
    assert edges.max() == 1
    assert "finding edges: 100%" in capsys.readouterr().err
    Image.fromarray(IMAGE).save(tmp_path / "image.png")
    assert (sam.edges(tmp_path / "image.png", progress=lambda _: None) == edges).all()
    with pytest.raises(TypeError, match="edges takes one image, got a list of 2"):
        sam.edges([IMAGE, IMAGE])


@pytest.mark.parametrize(
    "task", [SAM.everything, SAM.proposals, SAM.edges], ids=lambda t: t.__name__
)
@pytest.mark.parametrize(
    "source", [np.zeros((0, 5, 3), np.uint8), "none.png"], ids=["empty", "none"]
)
def test_what_is_no_image_is_refused(sam: SAM, fake: FakeModel, task: Any, source: Any) -> None:
    with pytest.raises((ValueError, FileNotFoundError)):
        task(sam, source, progress=lambda _: None)
    assert fake.encodes == 0


def test_a_bar_is_shown_unless_progress_is_told(
    sam: SAM, capsys: pytest.CaptureFixture[str]
) -> None:
    sam([IMAGE, IMAGE], **ALL)  # type: ignore[arg-type]
    assert "segmenting everything: 100%" in capsys.readouterr().err
    told: list[float] = []
    sam([IMAGE, IMAGE], progress=told.append, **ALL)  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert 0.5 in told


def test_what_progress_raises_ends_it(sam: SAM, fake: FakeModel) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sam(IMAGE, progress=stop)
    assert fake.decodes == []


def test_prompts_show_no_bar(sam: SAM, capsys: pytest.CaptureFixture[str]) -> None:
    sam(IMAGE, points=[50, 20])
    assert capsys.readouterr().err == ""


def test_masks_from_crops_and_without_islands_are_objects_too(sam: SAM) -> None:
    (results,) = sam(IMAGE, **ALL, crop_n_layers=1, crop_nms_thresh=1, min_mask_region_area=1)  # type: ignore[arg-type]
    assert len(results) > 12
    for one in results:
        assert one.mask.shape == SIZE_HW
        x, y = one.point_coords[0].astype(int)
        assert one.mask[y, x]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"points": [1, 2], "points_per_side": 4}, TypeError, "points_per_side is for .* prompts"),
        ({"points_per_sid": 4}, TypeError, "points_per_sid"),
        ({"crop_overlap_ratio": 2}, ValueError, "crop_overlap_ratio must be from 0 to 1, got 2"),
    ],
    ids=["with a prompt", "unknown", "out of range"],
)
def test_settings_that_do_not_fit(
    sam: SAM, fake: FakeModel, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sam(IMAGE, **settings)
    assert fake.encodes == 0


def test_the_embedded_model_finds_coloured_blocks_by_itself() -> None:
    image = np.full((120, 160, 3), 60, np.uint8)
    image[20:60, 20:70], image[50:110, 95:145] = (220, 80, 60), (60, 90, 220)
    (results,) = SAM("nano", device="cpu")(image, points_per_side=6, progress=lambda _: None)
    middles = [(40, 45), (80, 120)]
    for y, x in middles:
        assert any(one.mask[y, x] and one.area < 0.3 * image[..., 0].size for one in results)


def test_the_speed_is_measured_once(sam: SAM, monkeypatch: pytest.MonkeyPatch) -> None:
    sam.info(verbose=False)
    monkeypatch.setattr(torch, "mm", None)
    assert int(sam.info(verbose=False)["embed_ms"]) > 0


def test_info_tells_and_shows_what_the_model_is(
    sam: SAM, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = sam.info(verbose=False)
    assert capsys.readouterr().out == ""
    assert facts.pop("embed_ms") > 0
    assert facts == {
        "model": "fake",
        "layers": 1,
        "parameters": 1,
        "size_bytes": 4,
        "image_size": 64,
        "device": "cpu",
        "precision": "float32",
        "checkpoint": "fake.pth",
        "licence": "Apache-2.0",
    }
    assert sam.info().items() > facts.items()
    table = capsys.readouterr().out.splitlines()
    assert len(table) == len(facts) + 1
    assert "parameters  1" in table


def test_a_file_opens_on_the_asked_device_and_has_no_known_licence(tmp_path: Path) -> None:
    config = VitConfig("x", image_size=64, mask_size=16, embed_dim=32, depth=1, num_heads=2)
    torch.manual_seed(0)
    torch.save(build(config).state_dict(), tmp_path / "weights.pth")
    sam = SAM(tmp_path / "weights.pth", device="cpu")
    assert sam.device == torch.device("cpu")
    facts = sam.info(verbose=False)
    assert facts["licence"] == "not known"
    assert facts["parameters"] == sum(p.numel() for p in sam.model.parameters())
    assert facts["checkpoint"] == str(tmp_path / "weights.pth")
    (results,) = sam(IMAGE, points=[50, 20])
    assert results[0].mask.shape == SIZE_HW


# ---------------------------------------------------------------------------- images that fail


def test_a_bad_image_is_skipped_where_one_asks_for_it(
    sam: SAM, fake: FakeModel, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    small = np.zeros((20, 30, 3), np.uint8)
    sources = [IMAGE, str(bad), small, IMAGE]
    with pytest.warns(UserWarning, match="was skipped") as told:
        found = sam.predict(sources, bboxes=[[60, 10, 90, 40]], on_error="skip")
    assert [len(one) for one in found] == [1, 0, 0, 1]
    assert [one.error is None for one in found] == [True, False, False, True]
    assert found[1].path == str(bad)
    assert "bad.jpg" in str(found[1].error)
    assert "covers nothing of the image, which is 30 x 20 pixels" in str(found[2].error)
    assert found[1].orig_shape == (0, 0)
    assert found[2].orig_shape == (20, 30)
    texts = [str(one.message) for one in told]
    assert len(texts) == 2
    assert f"image 1 of 4, {bad}, was skipped: " in texts[0]
    assert "image 2 of 4, was skipped: bboxes (60, 10, 90, 40) covers nothing" in texts[1]
    assert told[0].filename == __file__
    assert fake.encodes == 2


def test_a_bad_image_ends_the_list_unless_one_asks_for_more(sam: SAM) -> None:
    for more in ({}, {"on_error": "raise"}):
        with pytest.raises(FileNotFoundError) as caught:
            sam.predict([IMAGE, "missing.jpg"], points=[50, 20], **more)  # type: ignore[arg-type]
        assert "This was image 1 of 2, missing.jpg; on_error='skip'" in caught.value.__notes__[0]


def test_everything_skips_bad_images_too(sam: SAM) -> None:
    with pytest.warns(UserWarning, match=r"image 0 of 2, missing\.jpg, was skipped"):
        found = sam(["missing.jpg", IMAGE], on_error="skip", progress=lambda _: None, **ALL)  # type: ignore[arg-type]
    assert isinstance(found[0].error, FileNotFoundError)
    assert len(found[1]) == 4 * len(RADII)


@pytest.mark.parametrize("reason", [KeyboardInterrupt(), RuntimeError("enough")])
def test_what_progress_raises_is_no_bad_image(sam: SAM, reason: BaseException) -> None:
    def stop(done: float) -> None:
        raise reason

    with pytest.raises(type(reason)) as caught:
        sam([IMAGE, IMAGE], on_error="skip", progress=stop, **ALL)  # type: ignore[arg-type]
    assert caught.value is reason


@pytest.mark.parametrize(
    ("prompts", "error"),
    [
        ({"points": [50, 20], "labels": [2]}, ValueError),
        ({"bboxes": [1, 2, 3]}, ValueError),
        ({"points": [[1, 2], [3, 4]], "bboxes": [1, 2, 3, 4]}, ValueError),
        ({"points": [50, 20], "points_per_side": 3}, TypeError),
    ],
)
def test_prompts_that_fit_no_image_are_no_bad_image(
    sam: SAM, fake: FakeModel, prompts: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        sam([IMAGE], on_error="skip", **prompts)
    assert fake.encodes == 0


def test_on_error_is_one_of_two(sam: SAM) -> None:
    with pytest.raises(ValueError, match="expected 'raise' or 'skip', got 'ignore'"):
        sam(IMAGE, points=[50, 20], on_error="ignore")  # type: ignore[arg-type]
    for point in ([-9, 20], [50, 99]):
        with pytest.raises(ValueError, match="outside the image, which is 100 x 50"):
            sam([IMAGE], points=point)


def test_everything_takes_a_preset(sam: SAM) -> None:
    by_name = sam.everything(IMAGE, preset="fast", points_per_side=2, progress=lambda _: None)
    plain = sam.predict(IMAGE, points_per_side=2, progress=lambda _: None)
    assert [len(one) for one in by_name] == [len(one) for one in plain]
    with pytest.raises(ValueError, match="preset: expected one of 'fast'"):
        sam.everything(IMAGE, preset="finest")
    with pytest.raises(ValueError, match="on_error: expected"):
        sam.everything(IMAGE, on_error="ignore")  # type: ignore[arg-type]


def test_proposals_are_ranked_and_counted(sam: SAM, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Grid(points_per_side=4, pred_iou_thresh=0, stability_score_thresh=0, box_nms_thresh=0.9)
    monkeypatch.setattr(proposals, "proposals_grid", lambda _: few)
    told: list[float] = []
    results = sam.proposals([IMAGE, IMAGE], n=3, progress=told.append)
    assert [len(one) for one in results] == [3, 3]
    worth = [one.score + (one.stability_score or 0) for one in results[0]]
    assert worth == sorted(worth, reverse=True)
    assert told[-1] == pytest.approx(1)
    for n in (0, 1.5, True):
        with pytest.raises((TypeError, ValueError), match="n must be"):
            sam.proposals(IMAGE, n=n)  # type: ignore[arg-type]


def test_edges_are_lines_of_one_image(sam: SAM) -> None:
    told: list[float] = []
    edges = sam.edges(IMAGE, progress=told.append)
    assert edges.shape == IMAGE.shape[:2]
    assert edges.dtype == np.float32
    assert 0 <= edges.min() <= edges.max() <= 1
    assert told[-1] == pytest.approx(1)
    with pytest.raises(TypeError, match="edges takes one image, got a list of 2"):
        sam.edges([IMAGE, IMAGE])

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sam.edges(IMAGE, progress=stop)
