"""Points, boxes and masks to tokens: the prompt encoder of the Segment Anything models."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from samwidget.models.config import EMBED_DIM
from samwidget.models.layers import LayerNorm2d
from samwidget.models.modes import undisturbed, version_of

MASK_CHANNELS = 16


class PromptEncoder(nn.Module):
    """Prompts in the model frame to sparse tokens and a dense map of tokens.

    Parameters
    ----------
    image_size
        Side of the model frame in pixels.
    embedding_size
        Side of the image embedding in cells.
    pads_boxes
        Also a box is followed by a point that says nothing, as in SAM 2.
    """

    def __init__(self, image_size: int, embedding_size: int, pads_boxes: bool = False) -> None:
        super().__init__()
        self.pads_boxes = pads_boxes
        self.image_size = image_size
        self.embedding_size = embedding_size
        self.pe_layer = PositionEncoding(EMBED_DIM // 2)
        # background point, foreground point, top left corner, bottom right corner
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, EMBED_DIM) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, EMBED_DIM)
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, MASK_CHANNELS // 4, 2, stride=2),
            LayerNorm2d(MASK_CHANNELS // 4),
            nn.GELU(),
            nn.Conv2d(MASK_CHANNELS // 4, MASK_CHANNELS, 2, stride=2),
            LayerNorm2d(MASK_CHANNELS),
            nn.GELU(),
            nn.Conv2d(MASK_CHANNELS, EMBED_DIM, 1),
        )
        self.no_mask_embed = nn.Embedding(1, EMBED_DIM)
        self._dense_pe: tuple[Tensor, int, Tensor] | None = None

    def forward(
        self,
        point_coords: Tensor | None,
        point_labels: Tensor | None,
        boxes: Tensor | None,
        mask_input: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Embed the prompts; shapes as in :meth:`SegmentAnything.decode`.

        Returns
        -------
        sparse
            (B, N, 256), first the points, then the corners; N = 0 without points and boxes.
        dense
            (B, S * S, 256), to be added to the image's tokens; (1, 1, 256) without a mask.
        """
        sparse = []
        if point_coords is not None and point_labels is not None:
            coords, labels = point_coords.float() + 0.5, point_labels  # to the pixels' centres
            if boxes is None:
                # Where a box would bring two more tokens, training put one that says nothing.
                coords = torch.cat([coords, coords.new_zeros(len(coords), 1, 2)], dim=1)
                labels = torch.cat([labels, labels.new_full((len(labels), 1), -1)], dim=1)
            sparse.append(self._embed_points(coords, labels))
        if boxes is not None:
            corners = (boxes.float() + 0.5).reshape(-1, 2, 2)
            kinds = torch.cat(
                [embed.get_parameter("weight") for embed in self.point_embeddings[2:]]
            )
            sparse.append(self._positions(corners).to(kinds.dtype) + kinds)
            if self.pads_boxes:
                sparse.append(self.not_a_point_embed.weight.expand(len(boxes), 1, -1))
        no_mask = self.no_mask_embed.weight[None]  # (1, 1, 256)
        dense = no_mask
        if mask_input is not None:
            dense = self.mask_downscaling(mask_input.to(no_mask.dtype)).flatten(2).transpose(1, 2)
        if sparse:
            return torch.cat(sparse, dim=1), dense
        return no_mask.new_zeros(1, 0, EMBED_DIM), dense

    def dense_positions(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Give the encoded centres of the image embedding's cells, (S * S, 256).

        They depend on nothing but a buffer, so they are computed once until it changes.
        """
        matrix = self.pe_layer.positional_encoding_gaussian_matrix
        if self._dense_pe is not None:
            source, version, known = self._dense_pe
            if source is matrix and version == version_of(matrix) and known.dtype == dtype:
                return known
        size = self.embedding_size
        with undisturbed(matrix.device):  # it is kept, whatever mode holds now
            cells = torch.arange(size, dtype=torch.float32, device=matrix.device)
            centres = (cells + 0.5) / size
            y, x = torch.meshgrid(centres, centres, indexing="ij")
            encoded: Tensor = self.pe_layer(torch.stack([x, y], dim=-1).view(-1, 2)).to(dtype)
        self._dense_pe = matrix, version_of(matrix), encoded
        return encoded

    def _positions(self, coords: Tensor) -> Tensor:
        encoded: Tensor = self.pe_layer(coords / self.image_size)
        return encoded

    def _embed_points(self, coords: Tensor, labels: Tensor) -> Tensor:
        """Embed (B, N, 2) coords, already shifted to centres, with (B, N) labels 1, 0 or -1."""
        embeddings = [self.not_a_point_embed, *self.point_embeddings[:2]]
        kinds = torch.cat([embed.get_parameter("weight") for embed in embeddings])
        positions = self._positions(coords).to(kinds.dtype)
        positions = positions.masked_fill((labels == -1)[..., None], 0)  # padding is nowhere
        return positions + kinds[labels.long() + 1]


class PositionEncoding(nn.Module):
    """Sines and cosines of random projections of (x, y), each from 0 to 1 over the frame."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self, frequencies: int) -> None:
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, frequencies))

    def forward(self, coords: Tensor) -> Tensor:
        """Encode (..., 2) to (..., 2 * frequencies), in float32 whatever the model's dtype."""
        matrix = self.positional_encoding_gaussian_matrix.float()
        angles = 2 * math.pi * ((2 * coords - 1) @ matrix)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)
