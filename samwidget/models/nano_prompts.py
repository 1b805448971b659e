"""Prompts of the embedded model: clicks, box and previous mask, as tokens and as dense maps.

Positions are relative to the frame (0 to 1) here, so that nothing depends on its size but the width
of the narrowest click disk, which is one cell of the stride-8 grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.config import NanoConfig
from samwidget.models.cpu.scratch import is_frugal

WIDE_SIGMAS = (0.06, 0.25)
"""Standard deviations of the wider click disks, as fractions of the frame."""

DISK_CHANNELS = 2 * (1 + len(WIDE_SIGMAS))
BOX_CHANNELS = 4
FLAG_CHANNELS = 2


def dense_channels(num_heads: int, mask_channels: int) -> int:
    """Channels of :attr:`Prompts.dense`."""
    return DISK_CHANNELS + BOX_CHANNELS + FLAG_CHANNELS + 2 * num_heads + mask_channels


class Prompts(NamedTuple):
    """B encoded prompts.

    Attributes
    ----------
    tokens
        (B, T, D) float.
    token_mask
        (B, T) bool, False for padding.
    dense
        (B, C, S/8, S/8) float: disks, box, similarities, previous mask.
    channels
        Which of the :func:`dense_channels` these are, when the others are zeros; else None.
    mask
        (B, C_m, S/4, S/4) float features of the previous mask, or None.
    """

    tokens: Tensor
    token_mask: Tensor
    dense: Tensor
    channels: list[int] | None
    mask: Tensor | None


class References(NamedTuple):
    """Image features that a prompt points at, (B, R, C), and what they say about the object."""

    features: Tensor
    positive: Tensor  # (B, R) bool
    negative: Tensor  # (B, R) bool


def cell_centres(side: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Relative x (1, side) and y (side, 1) of a grid's cells."""
    centres = (torch.arange(side, device=like.device, dtype=like.dtype) + 0.5) / side
    return centres[None, :], centres[:, None]


def click_disks(points: Tensor, weights: Tensor, side: int) -> Tensor:
    """(B, 1 + wide, side, side) Gaussian disks at (B, N, 2) points, the maximum over the points.

    ``weights`` is (B, N): 1 for points to draw, 0 for others.
    """
    x, y = cell_centres(side, points)
    if points.shape[1] == 0:
        return points.new_zeros(points.shape[0], 1 + len(WIDE_SIGMAS), side, side)
    dx = x - points[:, :, None, None, 0]  # (B, N, 1, side)
    dy = y - points[:, :, None, None, 1]  # (B, N, side, 1)
    disks = []
    for sigma in (1.0 / side, *WIDE_SIGMAS):
        scale = -0.5 / sigma**2
        rows, cols = (dy.square() * scale).exp(), (dx.square() * scale).exp()
        disks.append((rows * cols * weights[:, :, None, None]).amax(dim=1))
    return torch.stack(disks, dim=1)


class BoxMaps(NamedTuple):
    """A box on the grid: maps to read, and weights for pooling inside and around it."""

    maps: Tensor  # (B, 4, side, side)
    inside: Tensor  # (B, side, side)
    around: Tensor  # (B, side, side)


def box_maps(boxes: Tensor, side: int) -> BoxMaps:
    """Draw (B, 4) relative XYXY boxes with soft edges, exact to a fraction of a cell."""
    x, y = cell_centres(side, boxes)
    x0, y0, x1, y1 = boxes[:, :, None, None].unbind(1)  # each (B, 1, 1)
    softness = 0.35 / side
    across = torch.sigmoid((x - x0) / softness) * torch.sigmoid((x1 - x) / softness)
    down = torch.sigmoid((y - y0) / softness) * torch.sigmoid((y1 - y) / softness)
    inside = across * down
    half_w, half_h = (x1 - x0).clamp(min=1 / side) / 2, (y1 - y0).clamp(min=1 / side) / 2
    nx = ((x - (x0 + x1) / 2) / half_w).expand_as(inside)
    ny = ((y - (y0 + y1) / 2) / half_h).expand_as(inside)
    reach = torch.maximum(nx.abs(), ny.abs())  # 1 on the box
    edge = torch.exp(-((reach - 1) * torch.minimum(half_w, half_h) * side).square() / 2)
    maps = torch.stack([inside, nx.clamp(-2, 2) / 2, ny.clamp(-2, 2) / 2, edge], dim=1)
    centre = inside * torch.exp(-(nx.square() + ny.square()) * 2)
    around = (1 - inside) * torch.exp(-(reach - 1).clamp(min=0) * 4)
    return BoxMaps(maps, centre, around)


def sample(keys: Tensor, points: Tensor) -> Tensor:
    """(B, N, C) features of (1 or B, C, side, side) maps at (B, N, 2) relative points, bilinear."""
    grid = points * 2 - 1
    if keys.shape[0] == 1:
        grid = grid[None]  # (1, B, N, 2)
        found = F.grid_sample(keys, grid, padding_mode="border", align_corners=False)
        return found[0].permute(1, 2, 0)
    found = F.grid_sample(keys, grid[:, :, None], padding_mode="border", align_corners=False)
    return found[..., 0].transpose(1, 2)


def pool(keys: Tensor, weights: Tensor) -> Tensor:
    """(B, C) mean of (1 or B, C, side, side) maps under (B, side, side) weights."""
    flat = weights.flatten(1)[:, None]  # (B, 1, side * side)
    total = flat @ keys.flatten(2).transpose(1, 2)  # (B, 1, C)
    return (total / (flat.sum(2, keepdim=True) + 1e-4))[:, 0]


def similarity(keys: Tensor, references: Tensor, used: Tensor, num_heads: int) -> Tensor:
    """(B, heads, side, side) largest cosine of each cell with the used references, 0 if none.

    Parameters
    ----------
    keys
        (1 or B, C, side, side).
    references
        (B, R, C).
    used
        (B, R) bool.
    """
    b, r, _ = references.shape
    side = keys.shape[-1]
    k = keys.reshape(keys.shape[0], num_heads, -1, side * side)  # (., heads, c, cells)
    k = k * (k.square().sum(2, keepdim=True) + 1e-6).rsqrt()
    q = references.view(b, r, num_heads, -1).transpose(1, 2)  # (B, heads, R, c)
    q = q * (q.square().sum(3, keepdim=True) + 1e-6).rsqrt()
    cosine: Tensor = q @ k  # (B, heads, R, cells)
    cosine = cosine.masked_fill(~used[:, None, :, None], -2.0).amax(dim=2)
    cosine = cosine * used.any(1)[:, None, None]
    return cosine.view(b, num_heads, side, side)


class NanoPromptEncoder(nn.Module):
    """Turns points, box and previous mask into :class:`Prompts`, given the image's features."""

    frequencies: Tensor

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        dim = config.decoder_channels[0]
        self.num_heads = config.similarity_heads
        self.key_channels = config.key_channels
        self.mask_channels = config.mask_channels
        self.register_buffer("frequencies", torch.randn(2, dim // 2))
        # background point, foreground point, box corners, in the box, around it, mask, its outside
        self.kinds = nn.Embedding(8, dim)
        self.look = nn.Linear(config.key_channels, dim)
        self.mask_in = nn.Conv2d(8, config.mask_channels, 3, padding=1)
        self.mask_down = nn.Conv2d(config.mask_channels, config.mask_channels, 3, 2, 1)

    def positions(self, points: Tensor) -> Tensor:
        """(..., D) random Fourier features of (..., 2) relative points (Tancik et al., 2020)."""
        angles = (2 * points - 1) @ self.frequencies * (2 * torch.pi)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)

    def forward(
        self,
        keys: Tensor,
        point_coords: Tensor | None,
        point_labels: Tensor | None,
        boxes: Tensor | None,
        mask_input: Tensor | None,
    ) -> Prompts:
        """Encode B prompts.

        Parameters
        ----------
        keys
            (1 or B, C, S/8, S/8) image features to compare.
        point_coords, point_labels, boxes, mask_input
            As :meth:`samwidget.models.base.SegmentAnything.decode` has them.
        """
        given = next(x for x in (point_coords, boxes, mask_input) if x is not None)
        b, side = given.shape[0], keys.shape[-1]
        frame = 8.0 * side
        if point_coords is None or point_labels is None:
            points = keys.new_zeros(b, 0, 2)
            labels = torch.zeros(b, 0, dtype=torch.long, device=keys.device)
        else:
            points, labels = (point_coords.to(keys.dtype) + 0.5) / frame, point_labels
        positive, negative = labels == 1, labels == 0
        features = sample(keys, points)
        embedded = self.positions(points) + self.kinds(labels.clamp(min=0).long())
        tokens, token_mask = [embedded + self.look(features)], [labels >= 0]
        references = [References(features, positive, negative)]
        # Told apart only where that is cheap: an accelerator would have to be waited for.
        has_negative = not is_frugal(keys) or bool(negative.any())
        dense: list[Tensor | int] = [  # a number stands for so many channels of zeros
            click_disks(points, positive.to(keys.dtype), side),
            click_disks(points, negative.to(keys.dtype), side)
            if has_negative
            else DISK_CHANNELS // 2,
        ]

        def refer(inside: Tensor, outside: Tensor, kind: int) -> None:
            """Add what lies under two weight maps as one positive and one negative reference."""
            found = torch.stack([pool(keys, inside), pool(keys, outside)], dim=1)  # (B, 2, C)
            yes = torch.tensor([[True, False]], dtype=torch.bool, device=keys.device).expand(b, 2)
            references.append(References(found, yes, ~yes))
            tokens.append(self.look(found) + self.kinds.weight[kind : kind + 2])
            token_mask.append(torch.ones_like(yes))

        if boxes is not None:
            relative = (boxes.to(keys.dtype) + 0.5) / frame
            drawn = box_maps(relative, side)
            dense += [drawn.maps, keys.new_ones(b, 1, side, side)]
            tokens.append(self.positions(relative.view(b, 2, 2)) + self.kinds.weight[2:4])
            token_mask.append(torch.ones(b, 2, dtype=torch.bool, device=keys.device))
            refer(drawn.inside, drawn.around, 4)
        else:
            dense.append(BOX_CHANNELS + 1)

        mask = None
        if mask_input is not None:
            logits = mask_input.to(keys.dtype)
            shown = torch.cat([logits.sigmoid(), (logits / 8).tanh()], dim=1)
            mask = F.relu(self.mask_in(F.pixel_unshuffle(shown, 2)))  # (B, C_m, S/4, S/4)
            dense += [F.relu(self.mask_down(mask)), keys.new_ones(b, 1, side, side)]
            covered = F.avg_pool2d(shown[:, 0], shown.shape[-1] // side)
            refer(covered, 1 - covered, 6)
        else:
            dense.append(self.mask_channels + 1)

        seen, is_positive, is_negative = (
            torch.cat(parts, dim=1) for parts in zip(*references, strict=True)
        )
        dense.append(similarity(keys, seen, is_positive, self.num_heads))
        refers = has_negative or boxes is not None or mask_input is not None
        dense.append(
            similarity(keys, seen, is_negative, self.num_heads) if refers else self.num_heads
        )
        known, channels = joined(dense)
        return Prompts(
            torch.cat(tokens, dim=1), torch.cat(token_mask, dim=1), known, channels, mask
        )


def joined(maps: Sequence[Tensor | int]) -> tuple[Tensor, list[int] | None]:
    """Join maps along the channels but for those of zeros, which came as their number.

    Also gives the channels' indices among all; None when none is left out.
    """
    channels: list[int] = []
    start = 0
    for one in maps:
        count = one if isinstance(one, int) else one.shape[1]
        if not isinstance(one, int):
            channels += range(start, start + count)
        start += count
    known = torch.cat([one for one in maps if not isinstance(one, int)], dim=1)
    return known, None if len(channels) == start else channels
