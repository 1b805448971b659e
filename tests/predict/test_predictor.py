from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from samwidget.models.build import build
from samwidget.models.config import NANO, NanoConfig, VitConfig
from samwidget.predict.placement import pick_device
from samwidget.predict.predictor import Predictor
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


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.manual_seed(0)
    return Predictor(build(SMALL), device="cpu")


def make_image(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("config", [SMALL, TINY], ids=["vit", "nano"])
@pytest.mark.parametrize(
    "size_hw", [(60, 90), (90, 60), (1, 200), (200, 1), (1, 1), (3000, 4000)], ids=str
)
def test_masks_have_the_image_size(config: Any, size_hw: tuple[int, int]) -> None:
    torch.manual_seed(0)
    predictor = Predictor(build(config), device="cpu")
    embedding = predictor.encode(make_image(*size_hw))
    assert embedding.model_id == config.name
    prompts = Prompts(np.array([[size_hw[1] / 2, size_hw[0] / 2]]), np.array([1]))
    prediction = predictor.predict(embedding, prompts)
    assert prediction.low_res_logits.shape == (3, 32, 32)
    assert prediction.low_res_logits.dtype == np.float32
    assert prediction.iou_predictions.shape == (3,)
    assert prediction.masks().shape == (3, *size_hw)
    best = prediction.best
    assert prediction.iou_predictions[best] == prediction.iou_predictions.max()
    np.testing.assert_array_equal(prediction.mask(best), prediction.masks()[best])


def test_one_mask_on_request(predictor: Predictor) -> None:
    embedding = predictor.encode(make_image(60, 90))
    prompts = Prompts(box_xyxy=np.array([10, 10, 50, 40]))
    prediction = predictor.predict(embedding, prompts, multimask_output=False)
    assert prediction.low_res_logits.shape == (1, 32, 32)
    assert prediction.best == 0


def test_earlier_logits_are_a_prompt(predictor: Predictor) -> None:
    embedding = predictor.encode(make_image(60, 90))
    first = predictor.predict(embedding, Prompts(np.array([[30, 20]]), np.array([1])))
    again = Prompts(
        np.array([[30, 20]]), np.array([1]), mask_input=first.low_res_logits[first.best][None]
    )
    second = predictor.predict(embedding, again, multimask_output=False)
    assert not np.array_equal(second.low_res_logits[0], first.low_res_logits[0])


def test_predicting_does_not_change_the_embedding(predictor: Predictor) -> None:
    embedding = predictor.encode(make_image(60, 90))
    before = embedding.features.image_embedding.clone()
    prompts = Prompts(np.array([[30, 20]]), np.array([1]))
    first = predictor.predict(embedding, prompts)
    second = predictor.predict(embedding, prompts)
    assert torch.equal(embedding.features.image_embedding, before)
    np.testing.assert_array_equal(first.low_res_logits, second.low_res_logits)


def test_progress_and_cancelling(predictor: Predictor) -> None:
    fractions: list[float] = []
    predictor.encode(make_image(60, 90), fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predictor.encode(make_image(60, 90), cancel)


@pytest.mark.parametrize(
    ("image", "error", "text"),
    [
        pytest.param([[1]], TypeError, "numpy array of dtype uint8, got list", id="list"),
        pytest.param(np.zeros((5, 5, 3)), TypeError, "got dtype float64", id="floats"),
        pytest.param(np.zeros((5, 5), np.uint8), ValueError, r"got \(5, 5\)", id="grey"),
        pytest.param(np.zeros((5, 5, 4), np.uint8), ValueError, r"got \(5, 5, 4\)", id="RGBA"),
        pytest.param(np.zeros((0, 5, 3), np.uint8), ValueError, r"got \(0, 5, 3\)", id="empty"),
    ],
)
def test_bad_image(predictor: Predictor, image: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        predictor.encode(image)


def test_embedding_of_another_model_is_refused(predictor: Predictor) -> None:
    embedding = Predictor(build(TINY), device="cpu").encode(make_image(8, 8))
    with pytest.raises(ValueError, match="made by the model 'tiny' and cannot be read by 'small'"):
        predictor.predict(embedding, Prompts(np.array([[1, 1]]), np.array([1])))


def test_mask_input_of_another_size_is_refused(predictor: Predictor) -> None:
    prompts = Prompts(mask_input=np.zeros((1, 64, 64)))
    with pytest.raises(ValueError, match=r"shape \(1, 32, 32\) for the model 'small', got \(1, 64"):
        predictor.predict(predictor.encode(make_image(8, 8)), prompts)


def test_prompts_are_read_only_copies() -> None:
    coords = np.array([[1.0, 2.0]])
    prompts = Prompts(coords, np.array([True]), np.array([1, 2, 3, 4]))
    coords[:] = 9
    assert prompts.point_coords.tolist() == [[1, 2]]
    assert prompts.point_coords.dtype == np.float32
    assert prompts.point_labels.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        prompts.point_coords[0, 0] = 5


@pytest.mark.parametrize(
    ("prompts", "is_empty"),
    [
        ({}, True),
        ({"point_coords": [], "point_labels": []}, True),
        ({"point_coords": [[1, 2]], "point_labels": [0]}, False),
        ({"box_xyxy": [1, 2, 3, 4]}, False),
        ({"mask_input": np.zeros((1, 4, 4))}, False),
    ],
)
def test_is_empty(prompts: dict[str, Any], is_empty: bool) -> None:
    assert Prompts(**prompts).is_empty is is_empty


@pytest.mark.parametrize(
    ("prompts", "text"),
    [
        pytest.param(
            {"point_coords": [[1, 2, 3]], "point_labels": [1]}, r"got \(1, 3\)", id="3-D"
        ),
        pytest.param(
            {"point_coords": [[1, 2]]}, r"there are 1 points and the labels have the shape \(0,\)",
            id="no labels",
        ),
        pytest.param(
            {"point_coords": [[1, 2]], "point_labels": [1, 0]}, r"shape \(2,\)", id="more labels"
        ),
        pytest.param(
            {"point_coords": [[1, 2]], "point_labels": [2]}, r"got \[2\]", id="unknown label"
        ),
        pytest.param(
            {"point_coords": [[1, float("nan")]], "point_labels": [1]}, "finite", id="not finite"
        ),
        pytest.param(
            {"point_coords": [["a", "b"]], "point_labels": [1]}, "array of numbers", id="text"
        ),
        pytest.param({"box_xyxy": [1, 2, 3]}, r"shape \(4,\), got \(3,\)", id="short box"),
        pytest.param({"box_xyxy": [9, 2, 3, 4]}, "x1 <= x2", id="box turned round"),
        pytest.param({"mask_input": np.zeros((4, 4))}, r"got \(4, 4\)", id="flat mask"),
        pytest.param({"mask_input": np.zeros((1, 4, 5))}, r"got \(1, 4, 5\)", id="oblong mask"),
    ],
)  # fmt: skip
def test_bad_prompts(prompts: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Prompts(**prompts)


@pytest.mark.parametrize(
    ("cuda", "mps", "picked"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_device(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, picked: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device("auto").type == picked
    assert pick_device().type == picked


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match="use 'auto'"):
        pick_device(device)


def test_unknown_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device must be 'auto', 'cpu'"):
        pick_device("gpu please")


def test_precision_is_a_choice() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    prompts = Prompts([[40, 30]], [1])
    answers = {}
    for precision in ("auto", "float32", "bfloat16"):
        predictor = Predictor(open_model("nano"), "cpu", precision)
        embedding = predictor.encode(image)
        answers[precision] = predictor.predict(embedding, prompts).low_res_logits
        assert answers[precision].dtype == np.float32
    assert Predictor(open_model("nano"), "cpu").precision == "float32"
    np.testing.assert_array_equal(answers["auto"], answers["float32"])
    difference = np.abs(answers["bfloat16"] - answers["float32"])
    assert 0 < difference.mean() < 0.1 * np.abs(answers["float32"]).mean()


def test_a_precision_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 'auto', 'float32' or 'bfloat16', got 'half'"):
        Predictor(build(NANO), "cpu", "half")


# ------------------------------------------------------------ several predictors of one network


def test_a_network_that_is_right_as_it_is_is_used_itself() -> None:
    model = build(SMALL)
    assert Predictor(model, "cpu").model is model


def test_predictors_of_one_network_do_not_change_each_other() -> None:
    torch.manual_seed(0)
    model = build(SMALL)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    image, prompts = make_image(60, 90), Prompts([[30, 20]], [1])
    exact = Predictor(model, "cpu")
    before = exact.predict(exact.encode(image), prompts).low_res_logits
    rounded = Predictor(model, "cpu", "bfloat16")
    elsewhere = Predictor(model, "meta")
    assert (exact.precision, rounded.precision) == ("float32", "bfloat16")
    assert next(elsewhere.model.parameters()).is_meta
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, weights[name]), name
    after = exact.predict(exact.encode(image), prompts).low_res_logits
    np.testing.assert_array_equal(before, after)
    other = rounded.predict(rounded.encode(image), prompts).low_res_logits
    assert not np.array_equal(before, other)
    assert Predictor(model, "cpu").model is model


def test_what_is_not_rounded_is_not_copied() -> None:
    model = build(SMALL)
    rounded = Predictor(model, "cpu", "bfloat16").model
    own, theirs = dict(rounded.named_parameters()), dict(model.named_parameters())
    name = "image_encoder.pos_embed"
    assert own[name].data_ptr() == theirs[name].data_ptr()
    name = "image_encoder.blocks.0.mlp.lin1.weight"
    assert own[name].dtype == torch.bfloat16
    assert theirs[name].dtype == torch.float32


# ------------------------------------------------------------------------- many prompts in a call

BOX = np.array([10, 5, 60, 50], np.float32)
LOGITS = np.random.default_rng(0).normal(0, 3, (1, 32, 32)).astype(np.float32)
MANY = [
    Prompts([[30, 20]], [1]),
    Prompts(box_xyxy=BOX),
    Prompts([[70, 40]], [0]),
    Prompts([[30, 20], [5, 5]], [1, 0]),
    *(Prompts(box_xyxy=BOX + i) for i in range(9)),
    Prompts(mask_input=LOGITS),
    Prompts([[30, 20]], [1], BOX, LOGITS),
    Prompts(),
]


@pytest.mark.parametrize("multimask_output", [True, False])
def test_a_batch_of_prompts_of_any_kind_answers_each_in_its_place(
    predictor: Predictor, multimask_output: bool
) -> None:
    embedding = predictor.encode(make_image(60, 90))
    found = predictor.predict_batch(embedding, MANY, multimask_output=multimask_output)
    assert len(found) == len(MANY)
    for prompts, own in zip(MANY, found, strict=True):
        alone = predictor.predict(embedding, prompts, multimask_output=multimask_output)
        np.testing.assert_allclose(own.low_res_logits, alone.low_res_logits, rtol=0, atol=1e-5)
        np.testing.assert_allclose(own.iou_predictions, alone.iou_predictions, rtol=0, atol=1e-5)
        assert own.transform == embedding.transform
    assert predictor.predict_batch(embedding, []) == []


def test_an_empty_batch_of_tensors(predictor: Predictor) -> None:
    logits, scores = predictor.decode(
        predictor.encode(make_image(60, 90)), boxes=torch.zeros(0, 4), multimask_output=False
    )
    assert logits.shape == (0, 1, 32, 32)
    assert scores.shape == (0, 1)


def test_an_image_that_was_resized_by_its_owner(predictor: Predictor) -> None:
    image = make_image(64, 128)
    resized = torch.from_numpy(image).permute(2, 0, 1)[None]
    ours = predictor.encode_resized(resized, (64, 128))
    plain = predictor.encode(image)
    assert torch.equal(ours.features.image_embedding, plain.features.image_embedding)
    assert ours.transform == plain.transform
    with pytest.raises(ValueError, match=r"60 x 128 is resized to \(1, 3, 60, 128\) .* got \(1, 3"):
        predictor.encode_resized(resized, (60, 128))
