"""Many images: resumable, one bad image is no end, the same on a real Dask cluster."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from samwidget import batch
from samwidget.batch import output
from samwidget.batch.output import Output
from samwidget.predict.store import EmbeddingStore
from samwidget.sam import SAM
from samwidget.values.items import list_items
from samwidget.values.mask import Mask

CLICK = {"points": [20, 15]}


@pytest.fixture(scope="module")
def sam() -> SAM:
    return SAM("nano", "cpu")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        pixels = np.full((30, 40, 3), 40 * number, np.uint8)
        pixels[8:22, 10:30] = 255
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (folder / "notes.txt").write_text("no image")
    return folder


def zarr_stack(folder: Path) -> Any:
    """Five planes on disk, a chunk each."""
    zarr = pytest.importorskip("zarr")
    stack = zarr.create_array(
        store=folder / "stack.zarr", shape=(5, 30, 40, 3), chunks=(1, 30, 40, 3), dtype="uint8"
    )
    for number in range(5):
        plane = np.full((30, 40, 3), 40 * number, np.uint8)
        plane[8:22, 10:30] = 255
        stack[number] = plane
    return zarr.open_array(folder / "stack.zarr", mode="r")


def quiet(_: float) -> None:
    pass


def test_a_folder_is_segmented_once(sam: SAM, photos: Path, tmp_path: Path) -> None:
    told: list[float] = []
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=told.append, **CLICK)
    assert (report.done, report.skipped, report.failed) == (4, 0, {})
    assert told == [0, 0.25, 0.5, 0.75, 1]
    found = batch.read(tmp_path / "out")
    assert [image.file_name for image in found] == [str(photos / f"{i}.png") for i in range(4)]
    (expected,) = sam.predict(photos / "2.png", **CLICK)
    np.testing.assert_array_equal(found[2].objects[0].mask, expected.objects[0].mask)
    table = pd.read_parquet(tmp_path / "out" / "parts")
    assert sorted(table["image"]) == [image.file_name for image in found]
    Image.new("RGB", (40, 30)).save(photos / "4.png")
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert (report.done, report.skipped) == (1, 4)


def test_names_of_files_need_not_be_unicode(sam: SAM, photos: Path, tmp_path: Path) -> None:
    try:
        (photos / "1.png").rename(photos / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("no file can be called so here")
    for expected in ((4, 0), (0, 4)):
        report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
        assert (report.done, report.skipped, report.failed) == (*expected, {})
    names = [Path(image.file_name).name for image in batch.read(tmp_path / "out")]
    assert sorted(names) == ["0.png", "2.png", "3.png", "caf\ufffd.png"]


def test_a_bad_image_is_reported_and_tried_again(sam: SAM, photos: Path, tmp_path: Path) -> None:
    (photos / "1.png").write_bytes(b"\x89PNG broken")
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert report.done == 3
    assert list(report.failed) == [str(photos / "1.png")]
    assert "3 done, 0 skipped, 1 failed" in str(report)
    Image.new("RGB", (40, 30)).save(photos / "1.png")
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert (report.done, report.skipped, report.failed) == (1, 3, {})


def test_an_interrupted_run_goes_on_where_it_was(sam: SAM, photos: Path, tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        if fraction >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.segment(photos, tmp_path / "out", model=sam, progress=stop, **CLICK)
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert (report.done, report.skipped) == (2, 2)
    assert len(batch.read(tmp_path / "out")) == 4


def test_a_full_disk_ends_it_and_the_next_run_goes_on(
    sam: SAM, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    replacing = output.replacing

    def full(path: Path) -> Any:
        nonlocal written
        if written == 2:
            raise OSError(28, "No space left on device")
        written += 1
        return replacing(path)

    with monkeypatch.context() as patched:
        patched.setattr(output, "replacing", full)
        with pytest.raises(OSError, match=r"masks of '.*2\.png' could not be .*No space.*run it"):
            batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert (report.done, report.skipped) == (2, 2)


def test_a_zarr_stack_is_read_plane_by_plane(sam: SAM, tmp_path: Path) -> None:
    stack = zarr_stack(tmp_path)
    report = batch.segment(stack, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    assert (report.done, report.failed) == (5, {})
    found = batch.read(tmp_path / "out")
    assert [image.file_name for image in found] == [f"{i:06d}" for i in range(5)]
    (expected,) = sam.predict(stack[3], **CLICK)
    np.testing.assert_array_equal(found[3].objects[0].mask, expected.objects[0].mask)
    assert batch.segment(stack, tmp_path / "out", model=sam, progress=quiet, **CLICK).skipped == 5


def test_an_array_goes_to_other_processes_one_plane_at_a_time(tmp_path: Path) -> None:
    stack = np.arange(50 * 30 * 40 * 3, dtype=np.uint8).reshape(50, 30, 40, 3)
    item = pickle.dumps(list_items(stack)[7].source)
    assert len(item) < 2 * stack[0].nbytes
    np.testing.assert_array_equal(np.asarray(pickle.loads(item)), stack[7])
    item = pickle.dumps(list_items(zarr_stack(tmp_path))[3].source)
    assert len(item) < 2 * stack[0].nbytes
    assert np.asarray(pickle.loads(item)).max() == 255


def test_each_image_has_its_own_prompts(sam: SAM, photos: Path, tmp_path: Path) -> None:
    prompts = {str(photos / "0.png"): {"bboxes": [[10, 8, 30, 22], [0, 0, 9, 9]]}}
    batch.segment(
        photos, tmp_path / "out", model=sam, prompts=lambda n: prompts.get(n, CLICK), progress=quiet
    )
    assert [len(image.objects) for image in batch.read(tmp_path / "out")] == [2, 1, 1, 1]


def test_without_prompts_everything_is_segmented(sam: SAM, tmp_path: Path) -> None:
    stack = np.zeros((2, 30, 40, 3), np.uint8)
    stack[1, 8:22, 10:30] = 255
    batch.segment(stack, tmp_path / "out", model=sam, points_per_side=2, progress=quiet)
    assert [image.file_name for image in batch.read(tmp_path / "out")] == ["000000", "000001"]


def test_a_folder_of_another_job_is_refused(sam: SAM, photos: Path, tmp_path: Path) -> None:
    batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **CLICK)
    with pytest.raises(ValueError, match="answers to another job, which differs in settings"):
        batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, points=[1, 1])


def mask_of_all() -> list[Mask]:
    return [Mask.from_array(np.ones((30, 40), bool))]


@pytest.mark.parametrize(
    "made",
    [
        lambda: {"bboxes": torch.tensor([[10.0, 8, 30, 22]], requires_grad=True)},
        lambda: {"bboxes": torch.tensor([[10, 8, 30, 22]], dtype=torch.bfloat16)},
        lambda: {"bboxes": [{"x1": 10, "y1": 8, "x2": 30, "y2": 22, "label": "a"}]},
        lambda: {"bboxes": np.array([[10, 8, 30, 22]], object)},
        lambda: {"masks": mask_of_all()},
    ],
    ids=["with gradient", "bfloat16", "dict", "objects", "masks"],
)
def test_prompts_for_all_images_come_as_they_come_and_are_known_again(
    sam: SAM, photos: Path, tmp_path: Path, made: Callable[[], dict[str, Any]]
) -> None:
    asked = made()
    for ask, expected in ((asked, (4, 0)), (asked, (0, 4)), (made(), (0, 4))):
        report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **ask)
        assert (report.done, report.skipped, report.failed) == (*expected, {})


def test_a_prompt_that_is_no_number_is_told_for_each_image(
    sam: SAM, photos: Path, tmp_path: Path
) -> None:
    ask = {"points": [float("nan"), 3]}
    report = batch.segment(photos, tmp_path / "out", model=sam, progress=quiet, **ask)
    assert len(report.failed) == 4
    assert all("points must be finite" in why for why in report.failed.values())


def test_images_are_embedded_ahead(sam: SAM, photos: Path, tmp_path: Path) -> None:
    report = batch.embed(photos, model=sam, folder=tmp_path / "kept", progress=quiet)
    assert report.done == 4
    assert len(EmbeddingStore(tmp_path / "kept").entries()) == 4


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("no/such/*.jpg", FileNotFoundError, "no file matches"),
        (".", FileNotFoundError, "no image file in the folder"),
        (["a.png", "a.png"], ValueError, "two images are called 'a.png'"),
        (7, TypeError, "expected a folder"),
    ],
)
def test_what_is_no_batch_is_said(
    source: Any, error: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        list_items(source)


def test_names_come_from_where_the_images_do(photos: Path) -> None:
    paths = [str(photos / f"{i}.png") for i in range(4)]
    for source in (photos, f"{photos}/*.png", paths, pd.Series(paths)):
        assert [item.name for item in list_items(source)] == paths
    assert [item.name for item in list_items({"a": paths[0]})] == ["a"]
    assert [item.name for item in list_items(np.zeros((2, 3, 3, 3)))] == ["000000", "000001"]


def test_an_open_model_cannot_go_to_a_cluster(sam: SAM, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="give its name or path"):
        batch.segment(photos, tmp_path / "out", model=sam, client=object())


def test_reading_what_is_no_batch_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder of a batch"):
        batch.read(tmp_path)


def test_without_pyarrow_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install \"samwidget\[table\]\""):
        Output(tmp_path, {}).write("a", (1, 1), [])


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.filterwarnings("default")
def test_a_worker_that_is_killed_loses_and_doubles_nothing(client: Any, tmp_path: Path) -> None:
    images = {f"image {i}": np.full((30, 40, 3), i, np.uint8) for i in range(24)}
    killed = []

    def kill_one(fraction: float) -> None:
        if fraction > 0.3 and not killed:
            (process, *_) = client.run(os.getpid).values()
            os.kill(process, signal.SIGKILL)
            killed.append(process)

    report = batch.segment(
        images, tmp_path / "out", model="nano", client=client, progress=kill_one, **CLICK
    )
    assert killed
    assert (report.done, report.failed) == (24, {})
    assert [image.file_name for image in batch.read(tmp_path / "out")] == sorted(images)
    table = pd.read_parquet(tmp_path / "out" / "parts")
    assert not table.duplicated(["image", "object"]).any()


@pytest.mark.filterwarnings("default")
def test_a_cluster_reads_a_zarr_stack(client: Any, tmp_path: Path) -> None:
    report = batch.segment(
        zarr_stack(tmp_path), tmp_path / "out", model="nano", client=client, progress=quiet, **CLICK
    )
    assert (report.done, report.failed) == (5, {})
    assert all(len(image.objects) == 1 for image in batch.read(tmp_path / "out"))


@pytest.mark.filterwarnings("default")
def test_a_cluster_reports_bad_images(client: Any, photos: Path, tmp_path: Path) -> None:
    (photos / "1.png").write_bytes(b"broken")
    report = batch.segment(
        photos, tmp_path / "out", model="nano", client=client, progress=quiet, **CLICK
    )
    assert report.done == 3
    assert list(report.failed) == [str(photos / "1.png")]
