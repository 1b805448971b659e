"""Detectors are read by transformers' own ``from_pretrained`` from folders that the tests wrote."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from tiny_detectors import WORDS

from samwidget.predict import detectors
from samwidget.predict.detectors import MAX_SIDE, Called, GroundingDino, Owl, shrunk
from samwidget.predict.opening_text import open_parts
from samwidget.values.detections import Detections
from samwidget.weights.records import CheckpointError

CPU = torch.device("cpu")
SIZE_HW = (90, 140)
IMAGE = np.random.default_rng(0).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def owl(text_models: SimpleNamespace) -> Owl:
    return Owl(open_parts(text_models.owlv2, CPU))


@pytest.fixture(scope="module")
def dino(text_models: SimpleNamespace) -> GroundingDino:
    return GroundingDino(open_parts(text_models.grounding_dino, CPU))


def in_order(found: Detections) -> list[tuple[Any, ...]]:
    rows = zip(found.boxes_xyxy.round(3).tolist(), found.class_names, found.scores, strict=True)
    return sorted((tuple(box), name, round(score or 0, 5)) for box, name, score in rows)


# ---------------------------------------------------------------------------------------------- OWL


@pytest.mark.parametrize("version", ["owlv2", "owlvit"])
def test_owl_answers_as_transformers_does(text_models: SimpleNamespace, version: str) -> None:
    folder = getattr(text_models, version)
    phrases = ["a wheel", "two cups", "x"]
    found = Owl(open_parts(folder, CPU)).find(IMAGE, phrases, 0.5)
    names = {
        "owlv2": ("Owlv2Processor", "Owlv2ForObjectDetection", "Owlv2ImageProcessorPil"),
        "owlvit": ("OwlViTProcessor", "OwlViTForObjectDetection", "OwlViTImageProcessorPil"),
    }
    processor_class, model_class, images_class = (getattr(transformers, n) for n in names[version])
    processor = processor_class(
        images_class.from_pretrained(folder), transformers.AutoTokenizer.from_pretrained(folder)
    )
    inputs = processor(text=[phrases], images=IMAGE, return_tensors="pt")
    with torch.inference_mode():
        output = model_class.from_pretrained(folder)(**inputs)
    (theirs,) = processor.post_process_grounded_object_detection(
        output, threshold=0.5, target_sizes=[SIZE_HW], text_labels=[phrases]
    )
    assert 1 < len(found) < 16
    expected = Detections.of(theirs["boxes"], theirs["text_labels"], theirs["scores"])
    assert in_order(found) == in_order(expected)


def test_the_threshold_keeps_what_is_at_least_that(owl: Owl) -> None:
    everything = owl.find(IMAGE, ["a wheel"], 0.0)
    assert len(everything) == 16  # a box for each cell of the grid
    scores = sorted(score for score in everything.scores if score is not None)
    found = owl.find(IMAGE, ["a wheel"], scores[10])
    assert len(found) == 6
    assert min(found.scores) == scores[10]  # type: ignore[type-var]
    assert len(owl.find(IMAGE, ["a wheel"], 1.0)) == 0


def test_a_large_photo_is_shrunk_and_its_boxes_are_in_its_pixels(owl: Owl) -> None:
    y, x = np.mgrid[:1800, :2800] / 2800
    photo = (np.stack([x, y, 1 - x], axis=2) * 255).astype(np.uint8)
    assert max(photo.shape) > MAX_SIDE
    found, exact = owl.find(photo, ["a wheel"], 0.0), find_unshrunk(owl, photo)
    np.testing.assert_allclose(found.boxes_xyxy, exact.boxes_xyxy, atol=28)  # a hundredth
    assert np.ptp(exact.boxes_xyxy) > 1000


def find_unshrunk(owl: Owl, photo: NDArray[np.uint8]) -> Detections:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detectors, "MAX_SIDE", 10_000)
        return owl.find(photo, ["a wheel"], 0.0)


def test_what_is_small_enough_is_not_shrunk() -> None:
    assert shrunk(IMAGE, 140) is IMAGE
    assert shrunk(IMAGE, 70).shape == (45, 70, 3)
    assert shrunk(np.zeros((1, 5000, 3), np.uint8), 50).shape == (1, 50, 3)


def test_a_phrase_that_owl_cannot_read_is_refused(owl: Owl) -> None:
    assert len(owl.find(IMAGE, ["a" * 14], 0.0)) == 16
    with pytest.raises(
        ValueError, match=r"text: 'a{15}' is too long for this model, which reads 16"
    ):
        owl.find(IMAGE, ["fine", "a" * 15], 0.0)


def test_a_phrase_is_answered_alike_whatever_the_others_are(owl: Owl) -> None:
    def best_of(found: Detections, name: str) -> dict[tuple[Any, ...], float | None]:
        rows = zip(found.boxes_xyxy.round(3).tolist(), found.class_names, found.scores, strict=True)
        return {tuple(box): score for box, of, score in rows if of == name}

    alone = best_of(owl.find(IMAGE, ["a wheel"], 0.0), "a wheel")
    among = best_of(owl.find(IMAGE, ["a cup", "a wheel", "xyz"], 0.0), "a wheel")
    assert among
    assert among.keys() <= alone.keys()
    for box, score in among.items():
        assert score == pytest.approx(alone[box], abs=1e-5)


# ---------------------------------------------------------------------------------- Grounding DINO


def by_hand(folder: Path, caption: str) -> tuple[NDArray[Any], NDArray[Any], list[str]]:
    """Give the model's likeness of each query with each token, its boxes, and the tokens."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    images = transformers.GroundingDinoImageProcessorPil.from_pretrained(folder)
    model = transformers.GroundingDinoForObjectDetection.from_pretrained(folder)
    text = tokenizer(caption, return_tensors="pt")
    with torch.inference_mode():
        output = model(**text, **images(images=IMAGE, return_tensors="pt"))
    tokens = tokenizer.convert_ids_to_tokens(text["input_ids"][0])
    return output.logits[0].sigmoid().numpy(), output.pred_boxes[0].numpy(), tokens


def test_a_box_is_of_the_phrase_with_the_likest_word(
    dino: GroundingDino, text_models: SimpleNamespace
) -> None:
    phrases = ["a cup", "The red wheel"]
    found = dino.find(IMAGE, phrases, 0.5)
    likeness, centred, tokens = by_hand(text_models.grounding_dino, "a cup. the red wheel.")
    assert tokens == ["[CLS]", "a", "cup", ".", "the", "red", "wheel", ".", "[SEP]"]
    expected = []
    for row, (x, y, w, h) in zip(likeness, centred, strict=True):
        scores = {"a cup": row[1:3].max(), "The red wheel": row[4:7].max()}
        name = max(scores, key=lambda one: scores[one])
        if scores[name] >= 0.5:
            height, width = SIZE_HW
            box = [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width,
                   (y + h / 2) * height]  # fmt: skip
            expected.append((box, name, scores[name]))
    assert {name for _, name, _ in expected} == set(phrases)
    assert 1 < len(expected) < 20
    boxes, names, scores_of = zip(*expected, strict=True)
    np.testing.assert_allclose(found.boxes_xyxy, boxes, atol=1e-3)
    assert found.class_names == names
    np.testing.assert_allclose(found.scores, scores_of, atol=1e-5)  # type: ignore[arg-type]


def test_full_stops_within_a_phrase_do_not_divide_it(dino: GroundingDino) -> None:
    plain, dotted = (dino.find(IMAGE, [one], 0.0) for one in ("a red wheel", "a red. wheel?"))
    assert set(dotted.class_names) == {"a red. wheel?"}
    np.testing.assert_allclose(dotted.boxes_xyxy, plain.boxes_xyxy, atol=1e-4)
    np.testing.assert_allclose(dotted.scores, plain.scores, atol=1e-6)  # type: ignore[arg-type]


def test_many_phrases_are_several_captions(dino: GroundingDino) -> None:
    phrases = [f"{one} {other} {third}" for one in WORDS for other in WORDS for third in WORDS]
    captions = dino._captions(phrases[:200])
    assert [one for caption in captions for one in caption] == phrases[:200]
    assert len(captions) == 4  # 63 phrases of 4 tokens each, and two more, in 256
    found = dino.find(IMAGE, phrases[:70], 0.0)
    assert len(found) == 2 * 20
    assert set(found.class_names[:20]) <= set(phrases[:63])
    assert set(found.class_names[20:]) <= set(phrases[63:70])


def test_a_phrase_that_dino_cannot_read_is_refused(dino: GroundingDino) -> None:
    with pytest.raises(ValueError, match=r"text: 'cup cup .* is too long .* reads 256 tokens"):
        dino.find(IMAGE, ["a cup", " ".join(["cup"] * 254)], 0.0)


# ----------------------------------------------------------------------------- a person's function


def test_a_function_may_give_boxes_in_any_form() -> None:
    asked = []

    def detector(image: Any, phrases: list[str]) -> Any:
        asked.append((image, phrases))
        return {
            "boxes": [[1, 2, 3, 4], [5, 6, 7, 8]],
            "text_labels": ["b", "a"],
            "scores": [1, 0.2],
        }

    found = Called(detector).find(IMAGE, ("a", "b"), 0.5)
    assert asked[0][0] is IMAGE
    assert asked[0][1] == ["a", "b"]
    assert found.boxes_xyxy.tolist() == [[1, 2, 3, 4]]
    assert (found.class_names, found.scores) == (("b",), (1.0,))


@pytest.mark.parametrize("boxes", [[[1, 2, 3, 4]], [1, 2, 3, 4], np.array([[1, 2, 3, 4]])], ids=str)
def test_bare_boxes_are_sure_and_of_the_only_phrase(boxes: Any) -> None:
    found = Called(lambda image, phrases: boxes).find(IMAGE, ("a",), 0.9)
    assert found.boxes_xyxy.tolist() == [[1, 2, 3, 4]]
    assert (found.class_names, found.scores) == (("a",), (1.0,))
    assert Called(lambda image, phrases: boxes).find(IMAGE, ("a", "b"), 0).class_names == ("",)


def test_a_function_may_find_nothing() -> None:
    for nothing in ([], np.zeros((0, 4)), {"boxes": []}):
        assert len(Called(lambda image, phrases, found=nothing: found).find(IMAGE, ("a",), 0)) == 0


# ----------------------------------------------------------------------------------------- opening


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def another_kind(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "bert"}')


def cut_weights(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])


def lose(name: str) -> Any:
    return lambda folder: (folder / name).unlink()


def lacking(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors.pop("class_head.dense0.weight")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")


def another_tokenizer(folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["wheel"])
    tokenizer.save_pretrained(folder)


BROKEN = {
    "no config": (lose("config.json"), "holds no config.json, but made, model.safetensors"),
    "a broken config": (broken_config, "config.json does not tell what model it is"),
    "another model": (another_kind, "a model of the kind 'bert'; .* with owlv2, owlvit, .*, clip"),
    "no weights": (lose("model.safetensors"), "the weights cannot be read"),
    "truncated weights": (cut_weights, "the weights cannot be read"),
    "weights of another model": (lacking, "the weights lack 1 of .* class_head.dense0.weight"),
    "no image processor": (lose("preprocessor_config.json"), "preprocessor_config.json cannot be"),
    "no tokenizer": (lose("tokenizer.json"), "the tokenizer cannot be read .there is neither"),
    "a broken tokenizer": (broken_tokenizer, "the tokenizer cannot be read"),
    "another tokenizer": (another_tokenizer, "the tokenizer knows 192 tokens and the model 191"),
}


@pytest.mark.parametrize(("harm", "message"), BROKEN.values(), ids=BROKEN)
def test_a_folder_that_is_not_whole_is_told_in_one_sentence(
    text_models: SimpleNamespace, tmp_path: Path, harm: Any, message: str
) -> None:
    folder = copied(text_models.owlv2, tmp_path / "owl")
    harm(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        open_parts(folder, CPU)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_two_files_and_a_path_of_its_makers_is_read(
    text_models: SimpleNamespace, owl: Owl, tmp_path: Path
) -> None:
    """Google's OWLv2 has no tokenizer.json, and names one on a machine of its makers."""
    folder = copied(text_models.owlv2, tmp_path / "owl")
    (folder / "tokenizer.json").unlink()
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(folder / "made" / name, folder)
    file = folder / "tokenizer_config.json"
    said = json.loads(file.read_text())
    file.write_text(json.dumps({**said, "tokenizer_file": "/home/maker/tokenizer.json"}))
    found = Owl(open_parts(folder, CPU)).find(IMAGE, ["a wheel"], 0.0)
    assert in_order(found) == in_order(owl.find(IMAGE, ["a wheel"], 0.0))


def test_no_bar_is_shown_while_weights_are_read(
    text_models: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    open_parts(text_models.owlv2, CPU)
    assert capsys.readouterr().err == ""
    assert transformers.utils.logging.is_progress_bar_enabled()


def test_what_the_caller_has_entered_changes_nothing(owl: Owl, dino: GroundingDino) -> None:
    for detector in (owl, dino):
        plain = detector.find(IMAGE, ["a cup"], 0.0)
        with torch.autocast("cpu", torch.bfloat16):
            other = detector.find(IMAGE, ["a cup"], 0.0)
        assert in_order(plain) == in_order(other)
        assert not torch.is_inference_mode_enabled()


def test_weights_in_half_precision_are_computed_in_float32(
    text_models: SimpleNamespace, tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    copied(text_models.owlv2, folder)
    model = transformers.Owlv2ForObjectDetection.from_pretrained(folder, dtype=torch.bfloat16)
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    transformers.utils.logging.enable_progress_bar()
    parts = open_parts(folder, CPU)
    assert {p.dtype for p in parts.model.parameters()} == {torch.float32}
    assert len(Owl(parts).find(IMAGE, ["a wheel"], 0.0)) == 16
