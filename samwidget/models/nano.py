"""The embedded model: a small Segment Anything model with a convolutional encoder.

It is trained on little data (``training/``), so it is told in convolutional terms what the large
models learn: clicks, box and previous mask reach the decoder also as dense maps, and for
every prompt the image features under it are compared with the features everywhere else. Fine image
features at strides 4 and 2 go into the decoder, as in SAM 2 (Ravi et al., 2024). All positions are
relative to the frame, so the weights run at other sizes than the one they were trained at.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.base import ImageFeatures, Progress, SegmentAnything, check_labelled
from samwidget.models.config import NANO, NanoConfig
from samwidget.models.cpu import nano_decoder
from samwidget.models.cpu.scratch import is_frugal
from samwidget.models.nano_encoder import NanoImageEncoder
from samwidget.models.nano_layers import Attention, Mlp, sine_positions, upsample
from samwidget.models.nano_prompts import NanoPromptEncoder, Prompts, dense_channels

NUM_MASK_TOKENS = 4
"""One for the single mask, three for the candidates of an ambiguous prompt."""


class TwoWayLayer(nn.Module):
    """Tokens read each other and the map, the map reads the tokens and its own neighbourhood."""

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        self.norm_tokens = nn.LayerNorm(dim)
        self.self_attention = Attention(dim, num_heads)
        self.norm_query = nn.LayerNorm(dim)
        self.norm_map = nn.LayerNorm(dim)
        self.to_map = Attention(dim, num_heads)
        self.norm_mlp = nn.LayerNorm(dim)
        self.mlp = Mlp(dim, 2 * dim, dim)
        self.norm_back = nn.LayerNorm(dim)
        self.from_tokens = Attention(dim, num_heads)
        self.conv = nn.Conv2d(dim, dim, 3, padding=1, bias=False)
        self.conv_norm = nn.GroupNorm(8, dim)

    def forward(
        self, tokens: Tensor, token_mask: Tensor, grid: Tensor, positions: Tensor
    ) -> tuple[Tensor, Tensor]:
        t = self.norm_tokens(tokens)
        tokens = tokens + self.self_attention(t, t, t, token_mask)
        cells = grid.flatten(2).transpose(1, 2)  # (B, h * w, dim)
        keys = self.norm_map(cells)
        located = keys + positions
        tokens = tokens + self.to_map(self.norm_query(tokens), located, keys)
        tokens = tokens + self.mlp(self.norm_mlp(tokens))
        t = self.norm_back(tokens)
        cells = cells + self.from_tokens(located, t, t, token_mask)
        grid = cells.transpose(1, 2).reshape(grid.shape)
        return tokens, grid + F.relu(self.conv_norm(self.conv(grid)))


class NanoMaskDecoder(nn.Module):
    """Prompt maps and tokens in, four masks with their scores out."""

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        d16, d8, d4, d2 = config.decoder_channels
        self.d8 = d8
        entering = dense_channels(config.similarity_heads, config.mask_channels)
        self.mask_tokens = nn.Parameter(nn.init.normal_(torch.empty(NUM_MASK_TOKENS, d16), std=0.1))
        self.enter = nn.Conv2d(entering, d8, 3, padding=1)
        self.enter_norm = nn.GroupNorm(8, d8)
        self.down = nn.Conv2d(d8, d16, 3, 2, 1)
        self.layers = nn.ModuleList(
            TwoWayLayer(d16, config.decoder_heads) for _ in range(config.decoder_depth)
        )
        self.norm = nn.LayerNorm(d16)
        self.up8 = nn.Conv2d(d16, d8, 1)
        self.conv8 = nn.Conv2d(d8, d8, 3, padding=1)
        self.norm8 = nn.GroupNorm(8, d8)
        self.up4 = nn.Conv2d(d8, d4, 1)
        self.mask4 = nn.Conv2d(config.mask_channels, d4, 1)
        self.conv4 = nn.Conv2d(d4, d4, 3, padding=1)
        self.up2 = nn.Conv2d(d4, 4 * d2, 1)
        self.conv2 = nn.Conv2d(d2, d2, 3, padding=1)
        self.hyper = nn.ModuleList(Mlp(d16, d16, d2 + d4 + 1) for _ in range(NUM_MASK_TOKENS))
        self.score = Mlp(d16 + 2 * d8 + 4, d16, 1)

    def forward(
        self, features: ImageFeatures, prompts: Prompts, kept: slice
    ) -> tuple[Tensor, Tensor]:
        """Return logits (B, K, M, M) and predicted IoUs (B, K) of the kept ones of four masks."""
        if nano_decoder.is_for(features.image_embedding, prompts.tokens):
            return nano_decoder.run(self, features, prompts, kept)
        x8_image = features.high_res[0][:, -self.d8 :]
        x8 = F.relu(
            self.enter_norm(self.entered(prompts.dense, prompts.channels)) + x8_image, inplace=True
        )  # (B, d8, S/8, S/8)
        x16 = self.down(x8) + features.image_embedding  # (B, d16, S/16, S/16)
        b, d16, h, w = x16.shape
        tokens, token_mask = self.with_mask_tokens(prompts)
        positions = sine_positions(h, w, d16, x16)
        for layer in self.layers:
            tokens, x16 = layer(tokens, token_mask, x16, positions)
        tokens = self.norm(tokens[:, :NUM_MASK_TOKENS])  # (B, 4, d16)

        x8 = x8 + upsample(self.up8(x16))
        x8 = x8 + F.relu(self.norm8(self.conv8(x8)), inplace=True)
        x4 = upsample(self.up4(x8)) + features.high_res[1]  # (B, d4, S/4, S/4)
        if prompts.mask is not None:
            x4 = x4 + self.mask4(prompts.mask)
        x4 = F.relu(x4, inplace=True)
        x4 = x4 + F.relu(self.conv4(x4), inplace=True)
        x2 = F.pixel_shuffle(self.up2(x4), 2) + features.high_res[2]
        x2 = F.relu(x2, inplace=True)  # (B, d2, S/2, S/2)
        x2 = x2 + F.relu(self.conv2(x2), inplace=True)

        weights = torch.stack([mlp(tokens[:, i]) for i, mlp in enumerate(self.hyper)], dim=1)
        d2, d4 = x2.shape[1], x4.shape[1]
        coarse = weights[..., d2 : d2 + d4] @ x4.flatten(2)  # (B, 4, S/4 * S/4)
        fine = weights[..., :d2] @ x2.flatten(2)  # (B, 4, S/2 * S/2)
        coarse = coarse.view(b, -1, *x4.shape[-2:])
        logits = fine.view(b, -1, *x2.shape[-2:]) + upsample(coarse) + weights[..., -1:, None]
        scores = self.scores(tokens, x8.detach(), logits.detach())
        return logits[:, kept], scores[:, kept]

    def entered(self, dense: Tensor, channels: list[int] | None) -> Tensor:
        """Convolve prompt maps of which some may be left out, since they are zeros."""
        weight = self.enter.weight if channels is None else self.enter.weight[:, channels]
        return F.conv2d(dense, weight, self.enter.bias, padding=1)

    def with_mask_tokens(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """(B, 4 + T, d16) tokens, those of the masks first, and (B, 4 + T) which are there."""
        b = len(prompts.tokens)
        masks = self.mask_tokens.to(prompts.tokens.dtype).expand(b, -1, -1)
        known = prompts.token_mask.new_ones(b, NUM_MASK_TOKENS)
        tokens = torch.cat([masks, prompts.tokens], dim=1)
        return tokens, torch.cat([known, prompts.token_mask], dim=1)

    def scores(self, tokens: Tensor, features: Tensor, logits: Tensor) -> Tensor:
        """Judge each mask by its token, the features inside and outside it, and its sharpness."""
        p = F.avg_pool2d(logits, 4).sigmoid().flatten(2)  # (B, 4, S/8 * S/8)
        x = features.flatten(2).transpose(1, 2)  # (B, S/8 * S/8, d8)
        area, rest = p.sum(2, keepdim=True), (1 - p).sum(2, keepdim=True)
        inside = (p @ x) / (area + 1)
        outside = ((1 - p) @ x) / (rest + 1)
        sure, likely = (p > 0.8).sum(2, keepdim=True), (p > 0.2).sum(2, keepdim=True)
        fuzz = (p * (1 - p)).sum(2, keepdim=True) / (area + 1)
        share = area / p.shape[2]
        sharpness = (sure + 1).float() / (likely + 1).float()
        stats = torch.cat([sharpness, fuzz, share, (share + 1e-4).log() / 8], 2)
        judged = torch.cat([tokens, inside, outside, stats], dim=2)
        scores: Tensor = self.score(judged).squeeze(2).sigmoid()
        return scores


class NanoSam(SegmentAnything):
    """The small Segment Anything model that ships with the package.

    Parameters
    ----------
    config
        Architecture; the weights in the package fit :data:`samwidget.models.config.NANO`.

    Notes
    -----
    ``image_size`` must be a multiple of 32, and ``mask_size`` is half of it.

    Examples
    --------
    >>> import torch
    >>> from samwidget.models.nano import NanoSam
    >>> model = NanoSam().eval()
    >>> side = model.config.image_size
    >>> features = model.encode(torch.zeros(1, 3, side, side))
    >>> point, label = torch.tensor([[[40.0, 30.0]]]), torch.tensor([[1]])
    >>> logits, scores = model.decode(features, point_coords=point, point_labels=label)
    >>> tuple(scores.shape)
    (1, 3)
    """

    config: NanoConfig

    def __init__(self, config: NanoConfig = NANO) -> None:
        super().__init__()
        if config.image_size % 32 or config.mask_size * 2 != config.image_size:
            raise ValueError(
                f"image_size must be a multiple of 32 and twice mask_size, got image_size="
                f"{config.image_size} and mask_size={config.mask_size}"
            )
        self.config = config
        self.image_encoder = NanoImageEncoder(config)
        self.prompt_encoder = NanoPromptEncoder(config)
        self.mask_decoder = NanoMaskDecoder(config)

    def encode(self, pixels: Tensor, on_progress: Progress | None = None) -> ImageFeatures:
        features: ImageFeatures = self.image_encoder(pixels, on_progress)
        if not is_frugal(pixels):
            return features
        last = torch.channels_last  # as the decoder reads them, once for all prompts
        return features._replace(
            image_embedding=features.image_embedding.contiguous(memory_format=last),
            high_res=tuple(x.contiguous(memory_format=last) for x in features.high_res),
        )

    def decode(
        self,
        features: ImageFeatures,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        multimask_output: bool = True,
    ) -> tuple[Tensor, Tensor]:
        return self.decode_all(
            features,
            point_coords=point_coords,
            point_labels=point_labels,
            boxes=boxes,
            mask_input=mask_input,
            kept=slice(1, None) if multimask_output else slice(0, 1),
        )

    def decode_all(
        self,
        features: ImageFeatures,
        *,
        point_coords: Tensor | None = None,
        point_labels: Tensor | None = None,
        boxes: Tensor | None = None,
        mask_input: Tensor | None = None,
        kept: slice = slice(None),
    ) -> tuple[Tensor, Tensor]:
        """:meth:`decode`, but the single mask and then the three candidates, or some of them."""
        if point_coords is None and boxes is None and mask_input is None:
            raise ValueError("decode needs point_coords, boxes or mask_input; all of them are None")
        check_labelled(point_coords, point_labels)
        keys = features.high_res[0][:, : self.config.key_channels]
        prompts = self.prompt_encoder(keys, point_coords, point_labels, boxes, mask_input)
        answer: tuple[Tensor, Tensor] = self.mask_decoder(features, prompts, kept)
        return answer
