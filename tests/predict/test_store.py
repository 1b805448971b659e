"""Embeddings that are kept: encoded once, the same masks again, nothing damaged, bounded."""

from __future__ import annotations

import logging
import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from samwidget.models.build import build
from samwidget.models.config import NanoConfig, VitConfig
from samwidget.predict.embeddings import Region
from samwidget.predict.predictor import Predictor
from samwidget.predict.store import EmbeddingStore, from_bytes, shared_store, write
from samwidget.values.images import load_image
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import open_model

SMALL = VitConfig(
    "small",
    image_size=128,
    mask_size=32,
    embed_dim=48,
    depth=2,
    num_heads=3,
    global_attn_indexes=(1,),
)
TINY = NanoConfig("tiny", image_size=64, mask_size=32)
CLICK = Prompts([[20, 30]], [1])
PHOTO = Path(__file__).resolve().parents[2] / "examples" / "photos" / "astronaut.jpg"


def an_image(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def a_predictor(config: Any = SMALL, seed: int = 0) -> Predictor:
    torch.manual_seed(seed)
    return Predictor(build(config), "cpu")


class Counting(Predictor):
    """Counts its encodings."""

    encodings = 0

    def encode(self, *args: Any, **kwargs: Any) -> Any:
        self.encodings += 1
        return super().encode(*args, **kwargs)


@pytest.fixture
def counting() -> Counting:
    torch.manual_seed(0)
    return Counting(build(SMALL), "cpu")


def test_an_image_is_encoded_once(counting: Counting, tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path / "new")
    first = store.encode(counting, an_image())
    assert store.encode(counting, an_image()) is first
    EmbeddingStore(tmp_path / "new").encode(counting, an_image())
    assert counting.encodings == 1
    store.encode(counting, an_image(1))
    store.encode(counting, an_image(), region=Region(0, 0, 50, 50))
    assert counting.encodings == 3
    assert len(store.entries()) == 3


@pytest.mark.parametrize("config", [SMALL, TINY], ids=["vit", "nano"])
def test_the_same_masks_come_out_bit_for_bit(config: Any, tmp_path: Path) -> None:
    predictor = a_predictor(config)
    # A model's very first answer may differ from all later ones in the last bit.
    predictor.predict(predictor.encode(an_image()), CLICK)
    first = predictor.predict(EmbeddingStore(tmp_path).encode(predictor, an_image()), CLICK)
    again = predictor.predict(EmbeddingStore(tmp_path).encode(predictor, an_image()), CLICK)
    np.testing.assert_array_equal(first.low_res_logits, again.low_res_logits)
    np.testing.assert_array_equal(first.iou_predictions, again.iou_predictions)


def test_rounding_changes_no_mask_by_more_than_half_a_percent() -> None:
    predictor = Predictor(open_model("nano"), "cpu")
    image = load_image(PHOTO)
    exact, kept = predictor.encode(image), EmbeddingStore(None).encode(predictor, image)
    for x in range(60, 512, 100):
        for y in range(60, 512, 100):
            prompts = Prompts([[x, y]], [1])
            one, other = (predictor.predict(e, prompts) for e in (exact, kept))
            for mask, again in zip(one.masks(), other.masks(), strict=True):
                union = np.count_nonzero(mask | again)
                assert np.count_nonzero(mask != again) <= max(3, 0.005 * union)


def test_other_weights_have_entries_of_their_own(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    one, other = a_predictor(seed=0), a_predictor(seed=1)
    first, second = store.encode(one, an_image()), store.encode(other, an_image())
    assert first.fingerprint != second.fingerprint
    assert len(store.entries()) == 2
    with pytest.raises(ValueError, match="made by other weights"):
        from_bytes(store.entries()[0].read_bytes(), other)


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "newer"])
def test_a_damaged_entry_is_dropped_and_made_anew(
    damage: str, counting: Counting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    EmbeddingStore(tmp_path).encode(counting, an_image())
    (path,) = EmbeddingStore(tmp_path).entries()
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[: len(data) // 2],
            "empty": b"",
            "noise": bytes(reversed(data)),
            "newer": data.replace(b'\\"version\\": 1', b'\\"version\\": 9'),
        }[damage]
    )
    assert path.read_bytes() != data
    with caplog.at_level(logging.WARNING):
        EmbeddingStore(tmp_path).encode(counting, an_image())
    assert "damaged embedding is dropped" in caplog.text
    assert counting.encodings == 2
    assert path.read_bytes() == data


def test_the_least_recently_used_go(counting: Counting, tmp_path: Path) -> None:
    EmbeddingStore(tmp_path).encode(counting, an_image(0))
    size = EmbeddingStore(tmp_path).size_bytes()
    store = EmbeddingStore(tmp_path, max_bytes=int(2.5 * size))
    store.encode(counting, an_image(1))
    for number, path in enumerate(store.entries()):
        os.utime(path, ns=(number, number))
    EmbeddingStore(tmp_path).encode(counting, an_image(0))  # used again
    store.encode(counting, an_image(2))
    assert store.size_bytes() <= 2.5 * size
    before = counting.encodings
    EmbeddingStore(tmp_path).encode(counting, an_image(0))
    assert counting.encodings == before
    EmbeddingStore(tmp_path).encode(counting, an_image(1))
    assert counting.encodings == before + 1


def test_memory_is_bounded(counting: Counting) -> None:
    store = EmbeddingStore(None, memory_bytes=1)
    store.encode(counting, an_image(0))
    store.encode(counting, an_image(1))
    store.encode(counting, an_image(1))
    assert counting.encodings == 2
    store.encode(counting, an_image(0))
    assert counting.encodings == 3


def test_a_folder_that_cannot_be_written_to_is_no_error(
    counting: Counting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = EmbeddingStore(tmp_path / "file" / "folder")
    with caplog.at_level(logging.WARNING):
        store.encode(counting, an_image())
    store.encode(counting, an_image())
    assert "embeddings are not kept" in caplog.text
    assert counting.encodings == 1


def test_nothing_half_written_is_left(counting: Counting, tmp_path: Path, monkeypatch: Any) -> None:
    def full(tensors: Any, path: Path, *_: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("samwidget.predict.store.save_file", full)
    EmbeddingStore(tmp_path).encode(counting, an_image())
    assert list(tmp_path.iterdir()) == []


def test_clearing_forgets_all(counting: Counting, tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.encode(counting, an_image(0))
    (tmp_path / "mine.txt").write_text("not an embedding")
    assert store.clear() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    store.encode(counting, an_image(0))
    assert counting.encodings == 2


def test_the_setting_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def folder() -> Path | None:
        shared_store.cache_clear()
        store = shared_store()
        return None if store is None else store.folder

    monkeypatch.setenv("SAMWIDGET_EMBEDDINGS", "off")
    assert folder() is None
    monkeypatch.setenv("SAMWIDGET_EMBEDDINGS", str(tmp_path / "mine"))
    assert folder() == tmp_path / "mine"
    monkeypatch.delenv("SAMWIDGET_EMBEDDINGS")
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path))
    assert folder() == tmp_path / "embeddings"
    shared_store.cache_clear()


def _encode_some(folder: str) -> int:
    predictor = a_predictor()
    store = EmbeddingStore(folder, max_bytes=200_000)
    for seed in (0, 1, 2, 3, 0, 1, 2, 3):
        store.encode(predictor, an_image(seed))
    return len(store.entries())


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_encode_some, [str(tmp_path)] * 2)
    predictor = a_predictor()
    for path in EmbeddingStore(tmp_path).entries():
        assert from_bytes(path.read_bytes(), predictor).model_id == "small"
    assert all(path.suffix == ".safetensors" for path in tmp_path.iterdir())


def test_a_file_is_the_embedding(tmp_path: Path) -> None:
    predictor = a_predictor()
    embedding = EmbeddingStore(None).encode(predictor, an_image(), region=Region(5, 6, 80, 50))
    write(embedding, tmp_path / "one.safetensors")
    found = from_bytes((tmp_path / "one.safetensors").read_bytes(), predictor)
    assert (found.region, found.transform) == (embedding.region, embedding.transform)
    assert found.image_hash == embedding.image_hash
    torch.testing.assert_close(
        found.features.image_embedding, embedding.features.image_embedding, rtol=0, atol=0
    )
    assert found.features.projected is not None
