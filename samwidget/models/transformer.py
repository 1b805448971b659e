"""The mask decoder's transformer: prompts read the image, and the image reads the prompts."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from samwidget.models.layers import MlpBlock


class TwoWayTransformer(nn.Module):
    """Two layers in both directions, then the prompt tokens read the image once more."""

    def __init__(self, dim: int = 256, depth: int = 2, num_heads: int = 8, mlp: int = 2048) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TwoWayBlock(dim, num_heads, mlp) for _ in range(depth))
        self.final_attn_token_to_image = Attention(dim, dim // 2, num_heads)
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
        read = self.final_attn_token_to_image(queries + tokens, image + image_positions, image)
        return self.norm_final_attn(queries + read), image


class TwoWayBlock(nn.Module):
    """Tokens read each other and the image, pass an MLP, then the image reads the tokens."""

    def __init__(self, dim: int, num_heads: int, mlp: int) -> None:
        super().__init__()
        self.self_attn = Attention(dim, dim, num_heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = Attention(dim, dim // 2, num_heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MlpBlock(dim, mlp, nn.ReLU)
        self.norm3 = nn.LayerNorm(dim)
        self.cross_attn_image_to_token = Attention(dim, dim // 2, num_heads)
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
        read = self.cross_attn_token_to_image(queries + token_positions, placed_image, image)
        queries = self.norm2(queries + read)
        queries = self.norm3(queries + self.mlp(queries))
        read = self.cross_attn_image_to_token(placed_image, queries + token_positions, queries)
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
        q = self._heads(self.q_proj(queries))  # (Bq, heads, N, d)
        k = self._heads(self.k_proj(keys))
        v = self._heads(self.v_proj(values))  # (Bk, heads, M, d)
        batch = max(len(q), len(k))
        q, k, v = (x.expand(batch, -1, -1, -1) for x in (q, k, v))
        read = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.out_proj(read.transpose(1, 2).flatten(2))
        return out

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.num_heads, -1).transpose(1, 2)
