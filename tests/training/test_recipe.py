"""The whole recipe on a data folder in miniature: samples, loss, a resumed run, export, figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from samwidget.models.config import NANO
from samwidget.weights.opening import load_model
from training import evaluate, recalibrate, train
from training.data import build_cache
from training.export import export
from training.losses import decode_cost, edge_weight, mask_iou, ranking_cost
from training.sampler import REGIONS_AN_IMAGE, SceneMaker, source_shares
from training.segmenters import NanoSegmenter
from training.synthetic import mosaic


def test_samples_are_consistent_and_repeatable(data: Path, tmp_path: Path) -> None:
    maker = SceneMaker(build_cache(data, tmp_path / "cache"), 96)
    for seed in range(12):
        sample = maker.sample(np.random.default_rng(seed), 4)
        again = maker.sample(np.random.default_rng(seed), 4)
        assert all(torch.equal(a, b) for a, b in zip(sample, again, strict=True))
        assert sample.image.shape == (3, 96, 96)
        assert sample.targets.shape == (4, 48, 48)
        for target, (x, y), box in zip(sample.targets, sample.points, sample.boxes, strict=True):
            assert target[int(y) // 2, int(x) // 2] > 0
            assert (box[2:] > box[:2]).all()


def test_mosaics_label_every_pixel_unless_a_shape_hides_it() -> None:
    def photo(rng: np.random.Generator) -> np.ndarray:
        return rng.integers(0, 255, (50, 70, 3)).astype(np.uint8)

    for seed in range(10):
        scene = mosaic(64, np.random.default_rng(seed), photo)
        assert scene.image.shape == (64, 64, 3)
        assert scene.maps[0].min() >= 1


def test_only_the_best_candidate_learns() -> None:
    target = torch.zeros(1, 1, 8, 8)
    target[..., :4] = 1
    known = torch.ones_like(target)
    good = (target * 2 - 1) * 8
    logits = torch.cat([good, good, -good, -good], dim=1).requires_grad_()
    cost, iou = decode_cost(logits, torch.tensor([[1.0, 1, 0, 0]]), target, known)
    assert iou.tolist() == [[1, 1, 0, 0]]
    assert cost < 0.5
    logits = torch.cat([good, -good, 0 * good, -good], dim=1).requires_grad_()
    cost, _ = decode_cost(logits, torch.zeros(1, 4), target, known)
    cost.backward()
    size = logits.grad.abs().mean((0, 2, 3))
    assert size[2] > 10 * size[1]
    assert size[2] > 10 * size[3]


def test_the_better_mask_must_score_higher() -> None:
    iou = torch.tensor([[0.9, 0.5, 0.5]])
    right = ranking_cost(torch.tensor([[0.8, 0.5, 0.1]]), iou)
    level = ranking_cost(torch.tensor([[0.5, 0.5, 0.5]]), iou)
    wrong = ranking_cost(torch.tensor([[0.2, 0.9, 0.1]]), iou)
    assert right == 0
    assert 0 < level < wrong


def test_pixels_along_the_outline_weigh_more() -> None:
    target = torch.zeros(1, 1, 16, 16)
    target[..., 8:] = 1
    weight = edge_weight(target)[0, 0, 5]
    assert (weight[6:10] > 1).all()
    assert (weight[:6] == 1).all()
    assert (weight[10:] == 1).all()


def test_sources_are_drawn_by_the_root_of_their_regions(data: Path, tmp_path: Path) -> None:
    by_source = build_cache(data, tmp_path / "cache").labelled()
    assert set(by_source) == {"pets", "ccp"}
    (entry,) = by_source["pets"]
    few = [replace(entry, regions=1)] * 9
    many = [replace(entry, regions=1000)] * 9
    shares = source_shares({"few": few, "many": many})
    assert shares.sum() == pytest.approx(1)
    assert shares[1] / shares[0] == pytest.approx(REGIONS_AN_IMAGE**0.5)


def test_unknown_pixels_do_not_count() -> None:
    target = torch.zeros(1, 1, 4, 4)
    target[..., :2] = 1
    known = torch.ones_like(target)
    known[..., 2:] = 0
    assert mask_iou(torch.ones(1, 1, 4, 4), target, known).item() == 1.0


STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@pytest.mark.filterwarnings("ignore")
def test_a_run_stops_resumes_exports_and_is_evaluated(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    common = ["--data", str(data), "--out", str(out), "--size", "96", "--batch", "2"]
    common += ["--workers", "0", "--threads", "1", "--save-every", "1", "--device", "cpu"]
    common += ["--trunk", "random"]
    train.main([*common, "--steps", "1"])
    train.main([*common, "--steps", "2"])
    state = torch.load(out / "last.pt", weights_only=True)
    assert state["step"] == 2
    assert len((out / "history.jsonl").read_text().splitlines()) == 2

    final = tmp_path / "final.pt"
    cache = ["--cache", str(out / "cache"), "--size", "96", "--images", "16"]
    recalibrate.main([str(out / "last.pt"), str(final), *cache])
    before, after = state["ema"], torch.load(final, weights_only=True)["ema"]
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.split(".")[-1] in STATISTICS for name in changed)

    weights = tmp_path / "nano.safetensors"
    assert export(out / "last.pt", weights) < 16_000_000
    with safe_open(weights, "pt") as file:
        assert file.metadata()["config"] == "nano"
    assert load_model(weights).config == NANO
    segmenter = NanoSegmenter.load(weights, 96, 1)
    segmenter.show(np.zeros((30, 50, 3), np.uint8))
    answers, scores = segmenter.clicks(
        np.array([[[3, 4]], [[20, 9]]], np.float32), np.ones((2, 1), np.int64), None, several=True
    )
    assert scores.shape == (2, 3)
    assert answers[0].masks[0].shape == (30, 50)

    common = ["--data", str(data), "--threads", "1", "--clicks", "3"]
    model = ["--weights", str(weights), "--size", "96"]
    evaluate.main([*common, *model, "--split", "eval"])
    _, shown = capsys.readouterr().out.split("\n\n")
    assert "| mean of trained sources | 1 |" in shown
    evaluate.main([*common, *model, "--split", "eval", "--processes", "2"])
    assert capsys.readouterr().out.endswith(shown)


@pytest.mark.parametrize("name", ["box", "floodfill", "grabcut"])
def test_baselines_are_evaluated(data: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.main(["--data", str(data), "--model", name, "--clicks", "3"])
    row = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("| bsds500 |"))
    one_click = float(row.split("|")[3])
    assert one_click > (0.1 if name == "box" else 0.9)  # a plain disk is easy for the others
