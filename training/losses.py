"""What a mask and a score cost."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BCE_WEIGHT, DICE_WEIGHT, SCORE_WEIGHT = 2.0, 1.0, 1.5
SCORE_BETA = 0.1
"""Errors of the score above this count in proportion, smaller ones less."""

RANK_WEIGHT, RANK_MARGIN = 1.0, 0.2
EDGE_WEIGHT = 1.0
"""How much more a pixel next to the outline counts in the cross-entropy."""

EDGE_REACH = 2


def edge_weight(target: Tensor) -> Tensor:
    """(B, 1, M, M): 1, and more within ``EDGE_REACH`` cells of the target's outline."""
    k = 2 * EDGE_REACH + 1
    highest = F.max_pool2d(target, k, 1, EDGE_REACH)
    lowest = -F.max_pool2d(-target, k, 1, EDGE_REACH)
    return 1 + EDGE_WEIGHT * (highest - lowest)


def ranking_cost(scores: Tensor, iou: Tensor) -> Tensor:
    """(B,) of (B, K) scores: of each two masks the better one must score higher.

    It must by the difference of their IoUs, up to ``RANK_MARGIN``.
    """
    better = iou[:, :, None] - iou[:, None]  # (B, K, K)
    ahead = scores[:, :, None] - scores[:, None]
    cost = (better.clamp(max=RANK_MARGIN) - ahead).relu() * (better > 0)
    pairs = iou.shape[1] * (iou.shape[1] - 1) / 2
    return cost.sum((1, 2)) / pairs


def mask_cost(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """(B, K) cross-entropy plus dice of (B, K, M, M) logits.

    ``target`` is (B, 1, M, M) coverage 0 to 1, ``known`` (B, 1, M, M) float: 1 where it counts.
    """
    bce = F.binary_cross_entropy_with_logits(logits, target.expand_as(logits), reduction="none")
    weight = known * edge_weight(target)
    bce = (bce * weight).sum((2, 3)) / weight.sum((2, 3))
    p = logits.sigmoid() * known
    t = target * known
    dice = 1 - (2 * (p * t).sum((2, 3)) + 1) / ((p * p).sum((2, 3)) + (t * t).sum((2, 3)) + 1)
    return BCE_WEIGHT * bce + DICE_WEIGHT * dice


@torch.no_grad()
def mask_iou(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """(B, K) IoU of thresholded masks where it is known."""
    p, t, k = logits > 0, target > 0.5, known > 0.5
    inter = (p & t & k).sum((2, 3)).float()
    union = ((p | t) & k).sum((2, 3)).float()
    return inter / union.clamp(min=1)


def decode_cost(
    logits: Tensor, scores: Tensor, target: Tensor, known: Tensor
) -> tuple[Tensor, Tensor]:
    """Loss of one decoding of (B, 4) masks, and their (B, 4) IoUs.

    The first mask is always judged; of the three candidates only the best one is (Kirillov et al.,
    2023), with a trace of the others so that none of them dies.
    """
    cost = mask_cost(logits, target, known)
    candidates = cost[:, 1:]
    masks = cost[:, 0] + candidates.min(dim=1).values + 0.03 * candidates.mean(dim=1)
    iou = mask_iou(logits, target, known)
    score = F.smooth_l1_loss(scores, iou, beta=SCORE_BETA, reduction="none").mean(dim=1)
    rank = ranking_cost(scores[:, 1:], iou[:, 1:])
    return (masks + SCORE_WEIGHT * score + RANK_WEIGHT * rank).mean(), iou
