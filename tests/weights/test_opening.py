from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tiny_weights import TINY, assert_same, put

from samwidget.models.base import SegmentAnything
from samwidget.weights.download import cache_path
from samwidget.weights.opening import CheckpointError, load_model, open_model
from samwidget.weights.records import Record


def write_safetensors(state: dict[str, torch.Tensor], path: Path) -> None:
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, path)


def write_legacy(state: dict[str, torch.Tensor], path: Path) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("name", ["weights.pth", "sam_b.pt", "no_ending", "a.safetensors"])
@pytest.mark.parametrize(
    "write",
    [
        torch.save,
        lambda state, path: torch.save({"model": state}, path),
        lambda state, path: torch.save({"state_dict": state, "epoch": 1, "loss": 0.5}, path),
        write_legacy,
        write_safetensors,
    ],
    ids=["flat", "model", "state_dict", "legacy", "safetensors"],
)
def test_every_layout_opens_whatever_the_file_is_called(
    tiny: SegmentAnything, tmp_path: Path, name: str, write: Callable[..., None]
) -> None:
    write(tiny.state_dict(), tmp_path / name)
    assert_same(open_model(tmp_path / name), tiny)


def test_half_precision_becomes_float32(tiny: SegmentAnything, tmp_path: Path) -> None:
    half = {key: tensor.half() for key, tensor in tiny.state_dict().items()}
    model = open_model(put(tmp_path / "half.pth", half))
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, half[key].float())


def test_an_opened_model_predicts_like_the_saved_one(tiny: SegmentAnything, tmp_path: Path) -> None:
    model = open_model(put(tmp_path / "weights.pth", tiny.state_dict()))
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    prompt = {"point_coords": torch.tensor([[[20.0, 30.0]]]), "point_labels": torch.tensor([[1]])}
    with torch.no_grad():
        for ours, theirs in zip(
            model.decode(model.encode(pixels), **prompt),
            tiny.decode(tiny.encode(pixels), **prompt),
            strict=True,
        ):
            assert torch.equal(ours, theirs)


def test_the_file_may_be_replaced_while_the_model_is_open(
    tiny: SegmentAnything, tmp_path: Path
) -> None:
    path = put(tmp_path / "weights.pth", tiny.state_dict())
    model = open_model(path)
    zeros = {key: torch.zeros_like(t) for key, t in tiny.state_dict().items()}
    put(tmp_path / "new.pth", zeros).replace(path)
    assert_same(model, tiny)
    assert_same(open_model(path), load_model(path))


def test_keys_that_do_not_fit_are_named(tiny: SegmentAnything, tmp_path: Path) -> None:
    state = dict(tiny.state_dict())
    state["mask_decoder.something"] = state.pop("mask_decoder.iou_token.weight")
    with pytest.raises(
        CheckpointError,
        match=r"1 missing: mask_decoder\.iou_token\.weight; 1 unknown: mask_decoder\.something",
    ):
        open_model(put(tmp_path / "weights.pth", state))


@pytest.fixture(scope="module")
def hugging_face(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    vision = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "global_attn_indexes": [1],
        "image_size": 64,
        "mlp_dim": 128,
    }
    prompt = {"image_size": 64, "image_embedding_size": 4}
    config = transformers.SamConfig(vision_config=vision, prompt_encoder_config=prompt)
    model = transformers.SamModel(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    folder = tmp_path_factory.mktemp("sam-vit-tiny")
    model.save_pretrained(folder)
    return model, folder


@pytest.mark.parity
@pytest.mark.parametrize("layout", ["folder", "safetensors file", "bin folder", "bin file"])
def test_hugging_face_weights_give_what_hugging_face_gives(
    hugging_face: tuple[Any, Path], tmp_path: Path, layout: str
) -> None:
    theirs, folder = hugging_face
    source = folder
    if layout == "safetensors file":
        source = tmp_path / "renamed.safetensors"
        shutil.copy(folder / "model.safetensors", source)
    elif layout.startswith("bin"):
        # Old files hold the shared positions under both of their names.
        torch.save(theirs.state_dict(), tmp_path / "pytorch_model.bin")
        source = tmp_path if layout == "bin folder" else tmp_path / "pytorch_model.bin"
    ours = open_model(source)
    assert ours.config == TINY
    generator = torch.Generator().manual_seed(2)
    pixels = torch.randn(1, 3, 64, 64, generator=generator)
    mask = torch.randn(1, 1, 16, 16, generator=generator)
    coords, labels = torch.tensor([[[20.0, 30.0], [50.0, 9.0]]]), torch.tensor([[1, 0]])
    box = torch.tensor([[5.0, 6.0, 60.0, 40.0]])
    with torch.no_grad():
        logits, scores = ours.decode(
            ours.encode(pixels),
            point_coords=coords,
            point_labels=labels,
            boxes=box,
            mask_input=mask,
        )
        expected = theirs(
            pixel_values=pixels,
            input_points=coords[:, None],
            input_labels=labels[:, None],
            input_boxes=box[:, None],
            input_masks=mask,
        )
    torch.testing.assert_close(logits, expected.pred_masks[:, 0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(scores, expected.iou_scores[:, 0], atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux lists mappings")
def test_opening_does_without_torchs_compiler() -> None:
    """It takes longer to import than the model to load."""
    script = (
        "import sys; from samwidget.weights.opening import open_model; open_model('nano');"
        "from samwidget.models.build import build_empty;"
        "from samwidget.models.config import CONFIGS;"
        "[build_empty(config) for config in CONFIGS.values()];"
        "print('torch._dynamo' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "False"


def mapped_parameters(model: SegmentAnything, path: Path) -> list[bool]:
    """For each parameter, whether it lies in the pages of a file."""
    ranges = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        if line.endswith(str(path)):
            start, _, stop = line.split()[0].partition("-")
            ranges.append(range(int(start, 16), int(stop, 16)))
    return [any(p.data_ptr() in one for one in ranges) for p in model.parameters()]


WRITERS = pytest.mark.parametrize(
    "write", [torch.save, write_legacy, write_safetensors], ids=["torch", "legacy", "safetensors"]
)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("write", [torch.save, write_safetensors], ids=["torch", "safetensors"])
def test_weights_of_the_cache_are_mapped_and_not_copied(
    tiny: SegmentAnything, tiny_record: Record, write: Callable[..., None]
) -> None:
    path = cache_path(tiny_record)
    path.parent.mkdir(parents=True)
    write(tiny.state_dict(), path)
    assert all(mapped_parameters(open_model("tiny"), path))


@WRITERS
@pytest.mark.parametrize("damage", ["overwritten", "cut short"])
def test_an_open_model_does_not_change_with_the_file_that_a_person_named(
    tiny: SegmentAnything, tmp_path: Path, write: Callable[..., None], damage: str
) -> None:
    path = tmp_path / "best.pth"
    write(tiny.state_dict(), path)
    model = open_model(path)
    with path.open("r+b") as file:  # in place, as torch.save does
        if damage == "overwritten":
            file.write(b"\xff" * path.stat().st_size)
        else:
            file.truncate(0)
    assert_same(model, tiny)


def test_a_link_in_the_cache_to_a_persons_file_is_a_persons_file(
    tiny: SegmentAnything, tiny_record: Record, tmp_path: Path
) -> None:
    path = put(tmp_path / "best.pth", tiny.state_dict())
    cache_path(tiny_record).parent.mkdir(parents=True)
    cache_path(tiny_record).symlink_to(path)
    model = open_model("tiny")
    path.write_bytes(b"")
    assert_same(model, tiny)
