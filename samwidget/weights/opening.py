"""From a name or a path to a model: find the file, read it, build what it holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from samwidget.models.base import SegmentAnything
from samwidget.models.build import build_empty
from samwidget.models.modes import undisturbed
from samwidget.values.errors import shortened
from samwidget.values.paths import expanded
from samwidget.weights.conversion import check_finite, check_state, convert
from samwidget.weights.folders import files_of
from samwidget.weights.locating import Checkpoint, is_own, locate
from samwidget.weights.reading import read_shards, read_weights
from samwidget.weights.records import CheckpointError

__all__ = ["Checkpoint", "CheckpointError", "load_model", "locate", "open_model"]


def open_model(
    name_or_path: str | os.PathLike[str] = "nano",
    *,
    progress: Callable[[float], None] | None = None,
) -> SegmentAnything:
    """Open a model by name, or from a file or folder of weights.

    Parameters
    ----------
    name_or_path
        A name such as ``"nano"``, ``"vit_b"`` or ``"sam_b.pt"``, see
        :data:`samwidget.weights.records.RECORDS`; or the path
        of a ``.pth``, ``.pt``, ``.bin``, ``.ckpt`` or ``.safetensors`` file with the names of its
        owner's or of Hugging Face's files, in the wrapping of a training script if need be, see
        :mod:`samwidget.weights.conversion.finding`; or of a folder that holds one such file or the
        shards of one. Which model it is, is told from the contents.
    progress
        Told the fraction of a download that is done, 0 to 1; else a progress bar is shown.

    Returns
    -------
    SegmentAnything
        In eval mode, float32, on the CPU.

    Raises
    ------
    CheckpointError
        When there is no such model, or its weights cannot be fetched, read or used.

    Examples
    --------
    >>> open_model("nano").config.name  # doctest: +SKIP
    'nano'
    """
    return load_model(locate(name_or_path, progress=progress).path)


def load_model(path: str | os.PathLike[str]) -> SegmentAnything:
    """Build the model that a file of weights holds, see :func:`open_model`.

    Files of the package and of its cache are mapped: the weights stay a part of the file's pages.
    What a person names is copied, as it may be written anew while the model is open.
    """
    path = expanded(path)
    try:
        with undisturbed(torch.device("cpu")):
            return _load(path)
    except CheckpointError as error:
        raise CheckpointError(f"{shortened(path)} {error}") from error.__cause__


def _load(path: Path) -> SegmentAnything:
    files = files_of(path)
    own = len(files) == 1 and is_own(files[0])
    loaded = read_weights(files[0], mapped=own) if len(files) == 1 else read_shards(files)
    config, state = convert(loaded)
    del loaded
    model = build_empty(config)
    check_state(model.state_dict(), state)
    if not own:  # those are what they were when they were fetched
        check_finite(state)
    state = {key: _plain(tensor) for key, tensor in state.items()}
    model.load_state_dict(state, assign=True)
    left = [key for key, t in chain(model.named_parameters(), model.named_buffers()) if t.is_meta]
    assert not left, f"not part of the state and so never filled: {left}"
    return model.eval()


def _plain(tensor: Tensor) -> Tensor:
    """Give a tensor in float32 and in order: itself, where it is both."""
    tensor = tensor.detach()
    return (tensor.float() if tensor.is_floating_point() else tensor).contiguous()
