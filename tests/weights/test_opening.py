from __future__ import annotations

import argparse
import io
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build
from samwidget.models.config import VitConfig
from samwidget.weights import opening as checkpoints
from samwidget.weights import records
from samwidget.weights.download import cache_path
from samwidget.weights.opening import CheckpointError, load_model, locate, open_model
from samwidget.weights.records import Record

TINY = VitConfig(
    "vit_32x2",
    image_size=64,
    mask_size=16,
    embed_dim=32,
    depth=2,
    num_heads=2,
    global_attn_indexes=(1,),
)


@pytest.fixture(scope="module")
def tiny() -> SegmentAnything:
    torch.manual_seed(0)
    model = build(TINY)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


@pytest.fixture
def tiny_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Record:
    """A model "tiny" that can be had by name, with no network to fetch it over."""
    record = Record("tiny", ("sam_tiny",), "tiny.pth", "MIT", "http://127.0.0.1:9/tiny.pth")
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": record, "sam_tiny": record})
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.chdir(tmp_path)
    return record


def put(path: Path, state: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path)
    return path


def assert_same(model: SegmentAnything, expected: SegmentAnything) -> None:
    assert model.config == expected.config
    assert not model.training
    state, expected_state = model.state_dict(), expected.state_dict()
    assert state.keys() == expected_state.keys()
    for key, tensor in state.items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, expected_state[key]), key


def write_safetensors(state: dict[str, torch.Tensor], path: Path) -> None:
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, path)


def write_legacy(state: dict[str, torch.Tensor], path: Path) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("name", ["weights.pth", "sam_b.pt", "no_ending"])
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("write", [torch.save, write_safetensors], ids=["torch", "safetensors"])
def test_weights_stay_in_the_files_pages(
    tiny: SegmentAnything, tmp_path: Path, write: Callable[..., None]
) -> None:
    path = tmp_path / "weights"
    write(tiny.state_dict(), path)
    model = open_model(path)
    lines = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    spans = [line[0].split("-") for line in lines if line[-1] == str(path)]
    for name, parameter in model.named_parameters():
        address = parameter.data_ptr()
        assert any(int(a, 16) <= address < int(b, 16) for a, b in spans), name


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


# ------------------------------------------------------------------------------------ where it is


def test_a_name_opens_the_cached_file(tiny: SegmentAnything, tiny_record: Record) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    assert locate("sam_tiny.pt").path == cache_path(tiny_record)
    assert locate("tiny").record is tiny_record
    assert_same(open_model("tiny"), tiny)


def test_a_name_opens_what_torch_hub_fetched(tiny: SegmentAnything, tiny_record: Record) -> None:
    path = put(Path(torch.hub.get_dir(), "checkpoints", "tiny.pth"), tiny.state_dict())
    assert path.is_relative_to(Path.cwd())
    assert locate("tiny").path == path


def test_a_wrong_file_in_torch_hubs_folder_is_passed_over(tiny_record: Record) -> None:
    path = put(Path(torch.hub.get_dir(), "checkpoints", "tiny.pth"), {})
    path.write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match=r"127\.0\.0\.1:9 cannot be reached"):
        locate("tiny")


def test_a_file_of_the_working_folder_goes_before_the_cache(
    tiny: SegmentAnything, tiny_record: Record
) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    put(Path("sam_tiny.pt"), tiny.state_dict())
    assert locate("sam_tiny.pt").path == Path("sam_tiny.pt")
    assert locate("sam_tiny").path == cache_path(tiny_record)


def test_a_folder_named_like_a_model_is_not_meant_by_its_plain_name(
    tiny: SegmentAnything, tiny_record: Record
) -> None:
    put(cache_path(tiny_record), tiny.state_dict())
    Path("tiny").mkdir()
    assert locate("tiny").path == cache_path(tiny_record)


def test_a_file_that_is_the_published_one_keeps_its_record(
    tiny: SegmentAnything, tiny_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(Path("elsewhere/tiny.pth"), tiny.state_dict())
    sized = replace(tiny_record, size_bytes=path.stat().st_size)
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": sized})
    assert locate(path).record == sized
    monkeypatch.setattr(records, "_BY_NAME", {"tiny": replace(sized, size_bytes=1)})
    assert locate(path).record is None


def test_a_model_that_cannot_be_fetched_says_where_to_put_it(tiny_record: Record) -> None:
    with pytest.raises(CheckpointError) as caught:
        open_model("tiny")
    assert "127.0.0.1:9 cannot be reached" in str(caught.value)
    assert str(cache_path(tiny_record)) in str(caught.value)


@pytest.mark.parametrize("path", ["missing/sam_tiny.pt", Path("sam_tiny.pt")])
def test_a_missing_path_is_named_and_not_taken_for_a_model(
    path: str | Path, tiny_record: Record
) -> None:
    with pytest.raises(
        CheckpointError, match=r"there is no file or folder '.*sam_tiny\.pt'"
    ) as error:
        open_model(path)
    assert "To have it fetched, say just 'sam_tiny.pt'" in str(error.value)


def test_an_unknown_name_is_refused(tiny_record: Record) -> None:
    with pytest.raises(CheckpointError, match=r"no model, file or folder 'my_sam\.pth'"):
        open_model("my_sam.pth")


def test_a_home_folder_is_understood(
    tiny: SegmentAnything, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / "weights.pth", tiny.state_dict())
    assert_same(open_model("~/weights.pth"), tiny)


def test_an_installation_without_the_embedded_weights_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoints.resources, "files", lambda package: tmp_path)
    with pytest.raises(CheckpointError, match=r"'nano' are missing .* install samwidget"):
        open_model()


# ------------------------------------------------------------------------------ what is refused


def torch_bytes(value: object, **options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


class Malicious:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch pwned",)


def a_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


STATE = {"image_encoder.pos_embed": torch.zeros(1, 64, 64, 8)}
ZIPPED, SAFE = torch_bytes(STATE), save(STATE)
LEGACY = torch_bytes(STATE, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is an empty file, instead of weights"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"hello, this is a text file", "no file of weights .* begins with b'hello, this is "),
        (ZIPPED[: len(ZIPPED) // 2], "is truncated: its end is missing; fetch the file again"),
        (a_zip(), "is truncated or broken: torch cannot read it"),
        (LEGACY[:-100], "is truncated or broken: torch cannot read it"),
        (LEGACY[:30], "is truncated or broken: torch cannot read it"),
        (SAFE[:-100], "is a truncated or broken safetensors file"),
        (SAFE[:40], "is a truncated or broken safetensors file"),
        (torch_bytes({"model": Malicious()}), r"holds Python objects \(\w+\.system\) besides"),
        (
            torch_bytes({"model": Malicious()}, _use_new_zipfile_serialization=False),
            "holds Python objects",
        ),
        (pickle.dumps(Malicious(), protocol=2), "holds Python objects"),
        (
            torch_bytes(argparse.Namespace(epochs=3)),
            r"holds Python objects \(argparse\.Namespace\).*so it is refused; have its maker save",
        ),
        (torch_bytes([1, 2]), "holds a list instead of names and tensors"),
        (torch_bytes({"image_encoder.features.0": torch.zeros(1)}), "holds an EdgeSAM"),
        (torch_bytes(STATE), "image_encoder.blocks.0.mlp.lin1.weight is missing"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_told_with_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        open_model(path)
    assert str(caught.value).startswith(f"{path} ")
    assert "\n" not in str(caught.value)
    assert not Path("pwned").exists()


def test_keys_that_do_not_fit_are_named(tiny: SegmentAnything, tmp_path: Path) -> None:
    state = dict(tiny.state_dict())
    state["mask_decoder.something"] = state.pop("mask_decoder.iou_token.weight")
    with pytest.raises(
        CheckpointError,
        match=r"1 missing: mask_decoder\.iou_token\.weight; 1 unknown: mask_decoder\.something",
    ):
        open_model(put(tmp_path / "weights.pth", state))


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read: Is a directory"):
        load_model(tmp_path)


# ------------------------------------------------------------------------- Hugging Face folders


def test_a_folder_without_weights_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(
        CheckpointError, match=r"neither model\.safetensors nor pytorch_model\.bin, but config"
    ):
        open_model(tmp_path)


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


@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_weights_are_mapped_and_not_copied(
    tiny: SegmentAnything, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"weights{ending}"
    state = {key: tensor.contiguous() for key, tensor in tiny.state_dict().items()}
    if ending == ".pth":
        torch.save(state, path)
    else:
        save_file(state, path)
    model = load_model(path)
    ranges = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        if line.endswith(str(path)):
            start, _, stop = line.split()[0].partition("-")
            ranges.append(range(int(start, 16), int(stop, 16)))
    assert ranges
    parameters = list(model.parameters())
    mapped = [p for p in parameters if any(p.data_ptr() in one for one in ranges)]
    assert len(mapped) == len(parameters)
