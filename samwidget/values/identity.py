"""What images and models are told apart by, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from samwidget.values.mapped import release


@dataclass(frozen=True)
class ModelIdentity:
    """The model that masks were made by; two that are equal make equal masks on one machine.

    Attributes
    ----------
    name
        For the person.
    fingerprint
        Of the weights' contents, see :func:`samwidget.predict.embeddings.fingerprint`.
    precision
        ``"float32"`` or ``"bfloat16"``.
    rounds_embeddings
        Whether embeddings are kept, and rounded for that.

    Examples
    --------
    >>> exact, rough = (ModelIdentity("nano", "5f", p) for p in ("float32", "bfloat16"))
    >>> exact.is_other_weights(rough), exact == rough
    (False, False)
    """

    name: str
    fingerprint: str
    precision: str
    rounds_embeddings: bool = False

    def is_other_weights(self, other: ModelIdentity) -> bool:
        """Whether the weights differ; names, precision and rounding may."""
        return self.fingerprint != other.fingerprint


def image_hash(image: NDArray[np.uint8]) -> str:
    """Hash an image's size and pixels: hexadecimal XXH3 of 128 bits, 2 ms for 12 megapixels."""
    digest = xxhash.xxh3_128(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    release(image)
    return digest.hexdigest()


def list_hash(origins: Sequence[str]) -> str:
    """Hash where the images of a list come from, in their order: hexadecimal XXH3 of 128 bits."""
    return xxhash.xxh3_128("\0".join(origins).encode("utf-8", "surrogateescape")).hexdigest()
