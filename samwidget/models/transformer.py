"""The mask decoder's transformer: prompts read the image, and the image reads the prompts.

Between a few tokens and thousands of image positions nearly all work is projecting the image. It is
spared by associativity, ``q @ (W x) = (q @ W) @ x``: the matrix that would project the image is
multiplied into the tokens of each head instead, and the image enters as it is. That pays while all
heads' tokens together are fewer than the channels that the image would be projected to.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.layers import MlpBlock


class TwoWayTransformer(nn.Module):
    """Two layers in both directions, then the prompt tokens read the image once more."""

    def __init__(self, dim: int = 256, depth: int = 2, num_heads: int = 8, mlp: int = 2048) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TwoWayBlock(dim, num_heads, mlp) for _ in range(depth))
        self.final_attn_token_to_image = CrossAttention(dim, dim // 2, num_heads)
        self.norm_final_attn = nn.LayerNorm(dim)

    def forward(
        self, image: Tensor, image_positions: Tensor, tokens: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Let tokens and image read each other.

        Parameters
        ----------
        image
            (B, P, C), or (1, P, C) when all B prompts are on one image.
        image_positions
            (P, C).
        tokens
            (B, N, C); they are also their own positions.

        Returns
        -------
        tokens
            (B, N, C).
        image
            (B, P, C).
        """
        queries = tokens
        for i, layer in enumerate(self.layers):
            queries, image = layer(queries, image, tokens, image_positions, is_first=i == 0)
        read = self.final_attn_token_to_image.read_image(
            queries + tokens, image + image_positions, image
        )
        return self.norm_final_attn(queries + read), image


class TwoWayBlock(nn.Module):
    """Tokens read each other and the image, pass an MLP, then the image reads the tokens."""

    def __init__(self, dim: int, num_heads: int, mlp: int) -> None:
        super().__init__()
        self.self_attn = Attention(dim, dim, num_heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = CrossAttention(dim, dim // 2, num_heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MlpBlock(dim, mlp, nn.ReLU)
        self.norm3 = nn.LayerNorm(dim)
        self.cross_attn_image_to_token = CrossAttention(dim, dim // 2, num_heads)
        self.norm4 = nn.LayerNorm(dim)

    def forward(
        self,
        queries: Tensor,
        image: Tensor,
        token_positions: Tensor,
        image_positions: Tensor,
        *,
        is_first: bool,
    ) -> tuple[Tensor, Tensor]:
        if is_first:  # the tokens are still their own positions, and nothing is kept of them
            queries = self.norm1(self.self_attn(queries, queries, queries))
        else:
            placed = queries + token_positions
            queries = self.norm1(queries + self.self_attn(placed, placed, queries))
        placed_image = image + image_positions
        read = self.cross_attn_token_to_image.read_image(
            queries + token_positions, placed_image, image
        )
        queries = self.norm2(queries + read)
        queries = self.norm3(queries + self.mlp(queries))
        read = self.cross_attn_image_to_token.read_tokens(
            placed_image, queries + token_positions, queries
        )
        return queries, self.norm4(image + read)


class Attention(nn.Module):
    """Multi-head attention through ``inner_dim`` channels.

    Queries (Bq, N, C), keys and values (Bk, M, C); a batch of one is shared by the others, and
    projected once.
    """

    def __init__(self, dim: int, inner_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.q_proj = nn.Linear(dim, inner_dim)
        self.k_proj = nn.Linear(dim, inner_dim)
        self.v_proj = nn.Linear(dim, inner_dim)
        self.out_proj = nn.Linear(inner_dim, dim)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        q = self.heads(self.q_proj(queries))  # (Bq, heads, N, d)
        k = self.heads(self.k_proj(keys))
        v = self.heads(self.v_proj(values))  # (Bk, heads, M, d)
        batch = max(len(q), len(k))
        q, k, v = (x.expand(batch, -1, -1, -1) for x in (q, k, v))
        read = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.out_proj(read.transpose(1, 2).flatten(2))
        return out

    def heads(self, x: Tensor) -> Tensor:
        """Split the channels of (B, N, C) over the heads: (B, heads, N, d)."""
        return x.view(*x.shape[:2], self.num_heads, -1).transpose(1, 2)


class CrossAttention(Attention):
    """Attention between N tokens (B, N, C) and an image (1 or B, P, C)."""

    def read_image(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Let tokens read the image: ``forward`` without projecting the image if that pays."""
        if not self._folding_pays(queries):
            return self.forward(queries, keys, values)
        b, n, c = queries.shape
        q = self.heads(self.q_proj(queries))  # (B, heads, N, d)
        # The keys' bias adds the same to all scores of a query, and cancels in the softmax.
        folded = (q @ self.by_head(self.k_proj)).flatten(1, 2)  # (B, heads * N, C)
        scores = folded @ keys.mT  # (B, heads * N, P)
        weights = (q.shape[-1] ** -0.5 * scores).softmax(-1)
        read = (weights @ values).view(b, self.num_heads, n, c)
        read = read @ self.by_head(self.v_proj).mT  # (B, heads, N, d)
        out: Tensor = self.out_proj(read.transpose(1, 2).flatten(2) + self.v_proj.bias)
        return out

    def read_tokens(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Let the image read the tokens: ``forward`` without projecting the image if that pays."""
        if not self._folding_pays(keys):
            return self.forward(queries, keys, values)
        b, n, c = keys.shape
        k = self.k_proj(keys) * (self.q_proj.out_features // self.num_heads) ** -0.5
        k, v = self.heads(k), self.heads(self.v_proj(values))  # (B, heads, N, d)
        folded = (k @ self.by_head(self.q_proj)).flatten(1, 2)  # (B, heads * N, C)
        bias = (k @ self.q_proj.bias.view(self.num_heads, -1, 1)).flatten(1, 2)  # (B, heads * N, 1)
        scores = folded @ queries.mT + bias  # (B, heads * N, P)
        weights = scores.view(b, self.num_heads, n, -1).softmax(2).flatten(1, 2)
        out_proj = self.out_proj.weight.mT.view(self.num_heads, -1, c)
        # Each head's weights sum to one: with a share of the bias each they make up the whole.
        shares = v @ out_proj + self.out_proj.bias / self.num_heads  # (B, heads, N, C)
        return weights.mT @ shares.flatten(1, 2)  # (B, P, C)

    def _folding_pays(self, tokens: Tensor) -> bool:
        return tokens.shape[1] * self.num_heads < self.q_proj.out_features

    def by_head(self, layer: nn.Linear) -> Tensor:
        """Give the rows of a projection's matrix that belong to each head, (heads, d, C)."""
        return layer.weight.view(self.num_heads, -1, layer.in_features)
