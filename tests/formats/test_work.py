"""Work files: what comes back is what was saved, and what is broken is said."""

from __future__ import annotations

import json
import typing
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samwidget.editing.document import Document, Draft, State
from samwidget.editing.edits import AddObjects, AddPoint, Commit, RelabelObject, SetTool, Undo
from samwidget.editing.log import logged
from samwidget.formats.work import VERSION, Work, WorkImage, as_png, read_work, write_work
from samwidget.formats.work_types import is_array, is_union, saved_fields, saved_types
from samwidget.values.geometry import ResizeTransform
from samwidget.values.identity import ModelIdentity, image_hash
from samwidget.values.mask import Mask
from samwidget.values.objects import SegmentedObject
from samwidget.values.prediction import Prediction
from samwidget.values.prompts import Prompts

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
SIZE_HW = (40, 60)
TRANSFORM = ResizeTransform.for_image(SIZE_HW, 64)
FULL, PIXEL, HOLED = np.ones(SIZE_HW, bool), np.zeros(SIZE_HW, bool), np.ones(SIZE_HW, bool)
PIXEL[39, 59] = True
HOLED[10:30, 10:50] = False
IDENTITY = ModelIdentity("nano", "5f" * 16, "float32")


def predicted(state: State, seed: int = 0) -> State:
    """Give the draft a prediction, as a model would."""
    logits = np.random.default_rng(seed).normal(size=(3, 32, 32)).astype(np.float32) + 1
    prediction = Prediction(logits, np.array([0.5, 0.875, 0.75], np.float32), TRANSFORM)
    return state.with_draft(state.document.draft.predicted(prediction))


def worked_on() -> State:
    state = State(SIZE_HW, classes=("cup", "Großer Hund 🐕"), label="cup")
    masks = [Mask.from_array(array) for array in (FULL, PIXEL, HOLED)]
    state = logged(AddObjects(masks, ["a", None, "<b>"]), state)
    state = predicted(logged(AddPoint(30.5, 20.25), state))
    state = logged(Commit(None), state)
    state = logged(RelabelObject(4, "mug"), state)
    state = logged(Undo(), state)
    state = predicted(logged(AddPoint(3, 4), state), seed=1)
    state = predicted(logged(AddPoint(5, 4, 0), state), seed=2)
    return logged(SetTool("box"), state)


def saved(tmp_path: Path, state: State, **more: Any) -> Path:
    image = WorkImage(state, image_hash(IMAGE), made_with=IDENTITY, embedded=as_png(IMAGE), **more)
    return write_work(tmp_path / "cups.samw", Work([image], "nano"))


def same_object(one: SegmentedObject, other: SegmentedObject) -> bool:
    facts = [
        (each.id, each.label, each.score, each.color, each.prompts.points, each.prompts.box)
        for each in (one, other)
    ]
    transform = ResizeTransform.for_image(one.shape.size_hw, 64)
    logits = [each.shape.as_mask_input(transform, 32) for each in (one, other)]
    masks = [each.mask for each in (one, other)]
    return facts[0] == facts[1] and np.array_equal(*masks) and np.array_equal(*logits)


def same_draft(one: Draft, other: Draft) -> bool:
    pairs = []
    first: Draft | None = one
    second: Draft | None = other
    while first is not None and second is not None:
        pairs.append((first, second))
        first, second = first.refines, second.refines
    return first is second is None and all(
        a.prompts.points == b.prompts.points and a.choice == b.choice and a.chosen == b.chosen
        for a, b in pairs
    )


def same_document(one: Document, other: Document) -> bool:
    return (
        (one.selected, one.next_id, one.taken) == (other.selected, other.next_id, other.taken)
        and len(one.objects) == len(other.objects)
        and all(map(same_object, one.objects, other.objects))
        and same_draft(one.draft.forgetful(), other.draft.forgetful())
    )


def test_a_session_comes_back_with_its_history(tmp_path: Path) -> None:
    before = worked_on()
    work = read_work(saved(tmp_path, before))
    (image,) = work.images
    after = image.state
    assert (work.model, work.present, image.made_with) == ("nano", 0, IDENTITY)
    assert (after.classes, after.label, after.tool) == (before.classes, "cup", "box")
    assert after.size_hw == SIZE_HW
    assert same_document(after.document, before.document)
    assert len(after.past) == len(before.past) == 5
    assert all(map(same_document, after.past, before.past))
    np.testing.assert_array_equal(image.pixels(image.source(tmp_path / "cups.samw")), IMAGE)


def test_the_drafts_mask_comes_back_to_the_bit_and_what_is_shared_stays_so(tmp_path: Path) -> None:
    before = worked_on()
    after = read_work(saved(tmp_path, before)).images[0].state
    given, got = before.document.draft.prediction, after.document.draft.prediction
    assert given is not None
    assert got is not None
    np.testing.assert_array_equal(got.low_res_logits, given.low_res_logits)
    assert got.transform == TRANSFORM
    # One object in many documents is one object again.
    assert len({id(one.objects[0]) for one in after.past[1:]}) == 1
    assert after.past[-1].objects[0] is after.document.objects[0]
    assert all(one.draft.prediction is None for one in after.past)


def test_the_log_comes_back(tmp_path: Path) -> None:
    log = read_work(saved(tmp_path, worked_on())).images[0].state.log
    assert log is not None
    kinds = [type(entry.edit).__name__ for entry in log.entries]
    assert kinds == [
        "AddObjects", "AddPoint", "Commit", "RelabelObject", "Undo", "AddPoint", "AddPoint",
    ]  # fmt: skip
    assert log.entries[1].edit == AddPoint(30.5, 20.25)
    assert log.begin.classes == ("cup", "Großer Hund 🐕")


def test_a_chain_of_refinements_may_be_long(tmp_path: Path) -> None:
    draft = Draft(Prompts([[1, 1]], [1]))
    for number in range(3000):
        draft = Draft(draft.prompts if number % 2 else Prompts([[2, 1]], [1]), refines=draft)
    state = replace(State(SIZE_HW), document=Document(draft=draft))
    after = read_work(saved(tmp_path, state)).images[0].state.document.draft
    count = 0
    while after.refines is not None:
        after, count = after.refines, count + 1
    assert count == 3000


def test_three_hundred_objects_share_a_small_file(tmp_path: Path) -> None:
    state = State(SIZE_HW)
    for number in range(300):
        array = np.zeros(SIZE_HW, bool)
        array[number % 40, number % 60 :] = True
        state = logged(AddObjects([Mask.from_array(array)], [f"object {number}"]), state)
    path = saved(tmp_path, state)
    after = read_work(path).images[0].state
    assert all(map(same_object, after.document.objects, state.document.objects))
    assert path.stat().st_size < 60 * 40 * 3 + 300 * 500


def test_several_images_go_into_one_file(tmp_path: Path) -> None:
    states = [worked_on(), State((3, 4)), State((5, 6), classes=("x",))]
    images = [WorkImage(one, str(n), origin=f"{n}.png") for n, one in enumerate(states)]
    work = read_work(write_work(tmp_path / "all.samw", Work(images, None, 1)))
    assert [one.state.size_hw for one in work.images] == [SIZE_HW, (3, 4), (5, 6)]
    assert [one.origin for one in work.images] == ["0.png", "1.png", "2.png"]
    assert (work.present, work.model) == (1, None)


def test_all_that_a_state_or_an_edit_may_hold_can_be_written() -> None:
    plain = {int, float, str, bool, type(None)}

    def check(hint: Any, place: str) -> None:
        if is_array(hint) or hint in plain or typing.get_origin(hint) is typing.Literal:
            return
        origin = typing.get_origin(hint)
        if origin is not None:
            known = is_union(hint) or issubclass(
                origin, tuple | list | frozenset | Sequence | Mapping
            )
            assert known, f"{place}: {hint}"
            for part in typing.get_args(hint):
                if part is not ...:
                    check(part, place)
            return
        names = [one for one in saved_types().values() if issubclass(one, hint)]
        assert names, f"{place}: {hint} is no value that a work file knows"

    assert {"State", "Log", "AddPoint", "Undo", "SegmentedObject", "Mask"} <= set(saved_types())
    for name, cls in saved_types().items():
        for field, hint in saved_fields(cls).items():
            check(hint, f"{name}.{field}")


# -------------------------------------------------------------------------------- what is broken


def changed(path: Path, name: str, change: Callable[[Any], Any]) -> Path:
    """Write the file anew with one of its JSON parts changed."""
    with zipfile.ZipFile(path) as file:
        parts = {each: file.read(each) for each in file.namelist()}
    parts[name] = json.dumps(change(json.loads(parts[name]))).encode()
    with zipfile.ZipFile(path, "w") as file:
        for each, data in parts.items():
            file.writestr(each, data)
    return path


def put(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: {**manifest, key: value}


def in_image(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: {
        **manifest,
        "images": [{**one, key: value} for one in manifest["images"]],
    }


def nodes_with(kind: str, key: str, value: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda nodes: [{**one, key: value} if one["is"] == kind else one for one in nodes]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_said_so(tmp_path: Path, share: float) -> None:
    path = saved(tmp_path, worked_on())
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ValueError, match=r"'cups.samw' is no work file of samwidget, or was cut"):
        read_work(path)


def test_a_damaged_part_is_said_so(tmp_path: Path) -> None:
    path = saved(tmp_path, worked_on())
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        at = file.getinfo("values.json").header_offset + 60
    data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"'cups.samw' is damaged: "):
        read_work(path)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("work.json", put("version", VERSION + 1), "version 3 of the format; .* pip install -U"),
        ("work.json", put("version", "1"), "damaged: version: expected a whole number, got '1'"),
        ("work.json", put("format", "cat"), "is no work file of samwidget"),
        ("work.json", put("images", []), "damaged: it names no images"),
        ("work.json", put("present", 7), "damaged: there is no image 7"),
        ("work.json", put("saved_at", 3), "damaged: saved_at"),
        ("work.json", in_image("view", [1, 2, 3]), r"images\[0\].view: expected four numbers"),
        ("work.json", in_image("view", [1, 2, 3, "4"]), r"images\[0\].view: expected four numbers"),
        ("work.json", put("list", "a.jpg"), "list: expected a list, got 'a.jpg'"),
        ("work.json", put("list", [{"name": 3}]), r"list\[0\]: name, origin or mark is wrong"),
        ("work.json", put("list", [{"name": "a", "image": 1}]), r"list\[0\].image: there is no"),
        ("work.json", put("list", [{"name": "a"}]), "list: it does not name each image once"),
        ("values.json", lambda nodes: nodes[:-1], "expected a value that was read before"),
        ("values.json", nodes_with("Commit", "is", "Popen"), "no value is called 'Popen'"),
        ("values.json", nodes_with("Draft", "is", "Commit"), "Commit has no 'prompts'"),
        ("values.json", nodes_with("AddPoint", "x", "1"), "x: expected a number, got '1'"),
        ("values.json", nodes_with("AddPoint", "label", 2), "label: expected 0 or 1, got 2"),
        ("values.json", nodes_with("Mask", "size_hw", [40]), "size_hw: expected 2 items"),
        ("values.json", nodes_with("Mask", "size_hw", [4, 6]), "reaches beyond its image"),
        (
            "values.json",
            nodes_with("Runs", "lengths", {"array": ["<i4", 10**9, [5]]}),
            "the file ends before the array does",
        ),
        (
            "values.json",
            nodes_with("Runs", "lengths", {"array": ["O", 0, [1]]}),
            "lengths: expected an array",
        ),
        (
            "values.json",
            nodes_with("Runs", "box_xyxy", [0, 0, 2, 2]),
            "the run lengths do not fit their box",
        ),
        ("values.json", nodes_with("Log", "begin", {"node": 10**6}), "value that was read before"),
        ("values.json", nodes_with("Commit", "extra", 1), "Commit has no 'extra'"),
        ("values.json", lambda _: {"a": 1}, "expected a list of values"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    path = changed(saved(tmp_path, worked_on()), name, change)
    with pytest.raises(ValueError, match=message) as caught:
        read_work(path)
    assert "cups.samw" in str(caught.value)


def test_what_is_there_stays_when_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, worked_on())
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match=r"could not be saved as .*cups.samw'.*No space left"):
        saved(tmp_path, State(SIZE_HW))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["cups.samw"]


def test_neither_a_missing_file_nor_another_is_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no work file .*none.samw"):
        read_work(tmp_path / "none.samw")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write_work(tmp_path / "none" / "a.samw", Work([WorkImage(State(SIZE_HW), "")]))
    (tmp_path / "a.zip").touch()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("cat.txt", "meow")
    with pytest.raises(ValueError, match=r"'a.zip' is no work file of samwidget"):
        read_work(tmp_path / "a.zip")


# -------------------------------------------------------------------------------------- the image


def test_a_changed_image_is_said(tmp_path: Path) -> None:
    (image,) = read_work(saved(tmp_path, worked_on())).images
    other = IMAGE.copy()
    other[0, 0, 0] ^= 1
    with pytest.raises(ValueError, match=r"has changed .* its pixels are others"):
        image.pixels(other)
    np.testing.assert_array_equal(image.pixels(other, allow_changes=True), other)
    with pytest.raises(ValueError, match=r"it had 60 x 40 pixels and has 59 x 40"):
        image.pixels(IMAGE[:, :59], allow_changes=True)


def test_an_image_is_found_where_it_was_or_beside_the_file(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(as_png(IMAGE))
    image = WorkImage(worked_on(), image_hash(IMAGE), str(photo))
    file = tmp_path / "moved" / "cups.samw"
    assert image.source(file) == str(photo)
    file.parent.mkdir()
    photo = photo.rename(tmp_path / "moved" / "photo.png")
    assert image.source(file) == str(photo)
    np.testing.assert_array_equal(image.pixels(image.source(file)), IMAGE)
    photo.unlink()
    with pytest.raises(FileNotFoundError, match=r"not there any more.*photo.png.*image=\.\.\."):
        image.pixels(image.source(file))
    nowhere = replace(image, origin=None)
    with pytest.raises(ValueError, match=r"does not hold its image.*image=\.\.\."):
        nowhere.source(file)


def test_where_an_image_came_from_need_not_be_unicode(tmp_path: Path) -> None:
    name = "caf\udce9.png"  # Python's way to have bytes of another encoding in a text
    (image,) = read_work(saved(tmp_path, worked_on(), origin=name)).images
    assert image.origin == name
