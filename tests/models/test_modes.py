"""What a person tells torch for a whole notebook changes nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch_settings import SETTINGS

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build
from samwidget.models.config import (
    HieraConfig,
    HqTinyVitConfig,
    HqVitConfig,
    ModelConfig,
    NanoConfig,
    TinyVitConfig,
    VitConfig,
)
from samwidget.predict.everything import Grid, segment_everything
from samwidget.predict.predictor import Predictor
from samwidget.values.prompts import Prompts
from samwidget.weights.opening import load_model

_SIZES = {"image_size": 128, "mask_size": 32}
_VIT = VitConfig("vit", **_SIZES, embed_dim=32, depth=2, num_heads=2, global_attn_indexes=(1,))
_TINY: dict[str, Any] = {
    "dims": (16, 32, 32, 32),
    "depths": (1, 1, 1, 1),
    "num_heads": (1, 2, 2, 2),
}
FAMILIES: list[ModelConfig] = [
    _VIT,
    HqVitConfig(**asdict(_VIT) | {"name": "hq_vit"}),
    TinyVitConfig("tiny_vit", **_SIZES, **_TINY),
    HqTinyVitConfig("hq_tiny_vit", **_SIZES, **_TINY),
    HieraConfig("hiera", **_SIZES, embed_dim=16, stages=(1, 1, 2, 1), global_attn_indexes=(3,)),
    NanoConfig("nano_like", image_size=128, mask_size=64),
]


Answers = list[NDArray[Any]]


def model_of(config: ModelConfig) -> SegmentAnything:
    torch.manual_seed(0)
    model = build(config).eval()
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.add_(torch.randn(tensor.shape) * 0.02)
    return model


def image() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def asked(config: ModelConfig) -> list[Prompts]:
    points, labels = np.array([[30.0, 20.0], [60.0, 40.0]]), np.array([1, 0])
    earlier = np.random.default_rng(1).normal(size=(1, config.mask_size, config.mask_size))
    box = np.array([10.0, 10.0, 50.0, 40.0])
    return [
        Prompts(points, labels),
        Prompts(box_xyxy=box),
        Prompts(points, labels, box),
        Prompts(points[:1], labels[:1], mask_input=earlier.astype(np.float32)),
        *(Prompts(points[:1] + i, labels[:1]) for i in range(5)),  # spread over the cores
    ]


def answers(predictor: Predictor) -> Answers:
    """Everything that the product asks a model, prompts of every kind."""
    config = predictor.model.config
    embedding = predictor.encode(image())
    found = []
    for multimask_output in (True, False):
        for prediction in predictor.predict_batch(
            embedding, asked(config), multimask_output=multimask_output
        ):
            found += [prediction.low_res_logits, prediction.iou_predictions]
    grid = Grid(points_per_side=2, pred_iou_thresh=0, stability_score_thresh=0)
    found += [one.shape.full() for one in segment_everything(predictor, image(), grid)]
    height, width = embedding.transform.input_size_hw
    colours = np.random.default_rng(2).integers(0, 256, (3, height, width), dtype=np.uint8)
    (called,) = predictor.model(
        [{
            "image": torch.from_numpy(colours),
            "original_size": (60, 90),
            "boxes": torch.from_numpy(np.array([[5.0, 5.0, 60.0, 50.0]])),
        }],
        multimask_output=True,
    )  # fmt: skip
    return found + [tensor.numpy() for tensor in called.values()]


def assert_same(found: Answers, expected: Answers) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
        assert np.isfinite(ours).all()


@pytest.fixture(params=FAMILIES, ids=lambda config: config.name)
def config(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Else the order of sums may differ from call to call."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", SETTINGS)
def test_a_model_answers_the_same_under_every_setting(config: ModelConfig, name: str) -> None:
    network = model_of(config)
    expected = answers(Predictor(network, "cpu"))
    with SETTINGS[name]():  # made there, used there
        made = Predictor(network, "cpu")
        assert_same(answers(made), expected)
    assert_same(answers(made), expected)  # and what was kept there serves outside, too
    with SETTINGS[name]():
        assert_same(answers(made), expected)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ["float64", "autocast", "inference mode", "all at once"])
def test_bfloat16_is_the_same_under_every_setting(config: ModelConfig, name: str) -> None:
    network = model_of(config)
    expected = answers(Predictor(network, "cpu", "bfloat16"))
    with SETTINGS[name]():
        made = Predictor(network, "cpu", "bfloat16")
        assert_same(answers(made), expected)
    assert_same(answers(made), expected)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_network_is_built_as_ever_under_every_setting(config: ModelConfig, name: str) -> None:
    torch.manual_seed(0)
    expected = build(config).state_dict()
    torch.manual_seed(0)
    with SETTINGS[name]():
        model = build(config)
    for key, tensor in model.state_dict().items():
        assert tensor.dtype == expected[key].dtype, key
        assert tensor.dtype in (torch.float32, torch.int64), key
        assert tensor.device.type == "cpu", key
        assert not tensor.is_inference(), key
        assert torch.equal(tensor, expected[key]), key
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_file_is_read_as_ever_under_every_setting(tmp_path: Path, name: str, ending: str) -> None:
    from safetensors.torch import save_file

    saved = model_of(_VIT)
    path = tmp_path / f"weights.{ending}"
    (torch.save if ending == "pth" else save_file)(saved.state_dict(), path)
    with SETTINGS[name]():
        model = load_model(path)
    for key, tensor in saved.state_dict().items():
        read = model.state_dict()[key]
        assert (read.dtype, read.device.type) == (torch.float32, "cpu")
        assert not read.is_inference()
        assert torch.equal(read, tensor), key
    assert_same(answers(Predictor(model, "cpu")), answers(Predictor(saved, "cpu")))


def test_a_network_made_in_inference_mode_can_be_used_outside(config: ModelConfig) -> None:
    with torch.inference_mode():
        network = model_of(config)
        network.load_state_dict(
            {k: v.clone() for k, v in network.state_dict().items()}, assign=True
        )
        assert next(network.parameters()).is_inference()
    assert all(np.isfinite(one).all() for one in answers(Predictor(network, "cpu")))


@pytest.mark.usefixtures("one_thread")
def test_a_network_itself_can_be_called_in_inference_mode_and_then_trained(
    config: ModelConfig,
) -> None:
    network = model_of(config)
    pixels = torch.zeros(1, 3, config.image_size, config.image_size)
    prompt = {"point_coords": torch.tensor([[[40.0, 30.0]]]), "point_labels": torch.tensor([[1]])}

    def logits() -> torch.Tensor:
        return network.decode(network.encode(pixels), **prompt)[0]

    with torch.inference_mode():
        first = logits().numpy()
    with torch.no_grad():
        np.testing.assert_array_equal(logits().numpy(), first)
    trained = logits()
    trained.sum().backward()
    np.testing.assert_allclose(trained.detach().numpy(), first, atol=1e-4)


def test_computing_does_not_touch_what_torch_draws_at_random() -> None:
    from samwidget.predict.speed import matrix_gflops

    predictor = Predictor(model_of(_VIT), "cpu")
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    answers(predictor)
    matrix_gflops.__wrapped__(torch.device("cpu"))
    assert torch.equal(torch.rand(1), expected)


PACKAGE = Path(__file__).resolve().parent.parent.parent / "samwidget"
MAKERS = {
    *("zeros", "ones", "empty", "full", "tensor", "arange", "linspace", "logspace", "eye"),
    *("rand", "randn", "randint", "randperm", "as_tensor", "asarray", "scalar_tensor"),
    *("hann_window", "tril_indices", "triu_indices", "sparse_coo_tensor", "complex", "Tensor"),
}
"""Of torch: what takes dtype or device from the defaults unless they are named."""


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_every_new_tensor_names_dtype_and_device(path: Path) -> None:
    """But for a network's own weights, which ``build`` makes under settings of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_modules = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for node in ast.walk(function)
        if path.parent.name == "models"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=name)) if (
                name in MAKERS and id(node) not in of_modules
            ):
                named = {one.arg for one in node.keywords}
                assert {"dtype", "device"} <= named, f"line {node.lineno}: torch.{name}()"
