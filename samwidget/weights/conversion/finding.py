"""Find the weights of one model in whatever a training script has put around them.

Nothing but the names of a model's own parts is looked for (``image_encoder`` and so on): what comes
before them, be it a key of a dict, a module that holds the model or a prefix of DDP's, is wrapping.
Weights under another wrapping are another candidate. Which one is taken:

1. one that has all parts goes before one that lacks some;
2. of averaged weights (EMA, SWA) and raw ones the averaged, as timm and ultralytics do: they are
   what the training was after;
3. usual wrappings (``model``, ``state_dict``, ``net`` ...) go before others;
4. if there are still two that differ, none is: the error names them.

Parts that are wrapped differently, each of them once, are put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from samwidget.values.errors import quoted
from samwidget.weights.conversion.state import State, described, some
from samwidget.weights.pickled import inside
from samwidget.weights.records import CheckpointError

_PARTS = {
    "image_encoder": "image_encoder",
    "vision_encoder": "image_encoder",
    "prompt_encoder": "prompt_encoder",
    "sam_prompt_encoder": "prompt_encoder",
    "mask_decoder": "mask_decoder",
    "sam_mask_decoder": "mask_decoder",
}
"""How the parts of a model are called, and which ones they are."""

_BESIDE_PARTS = {
    *("no_mem_embed", "no_memory_embedding", "shared_image_embedding", "no_obj_ptr"),
    *("no_object_pointer", "no_obj_embed_spatial", "occlusion_spatial_embedding_parameter"),
    *("pixel_mean", "pixel_std"),
}
"""What models hold beside their parts, as far as it says something."""

_WITHIN = {
    *("module", "_orig_mod", "_forward_module"),
    *("_fsdp_wrapped_module", "_checkpoint_wrapped_module"),
    *("_parameters", "_buffers", "_modules"),
}
"""What wrapping one part puts into its names: DDP, compilers, FSDP; a module that was pickled."""

_USUAL = {
    *_WITHIN,
    *("model", "state_dict", "model_state", "model_state_dict", "model_dict", "weights", "params"),
    *("net", "network", "sam", "sam_model", "sam2", "sam2_model", "base_model", "segmentor"),
}

_AVERAGED = re.compile(r"(?:^|[^a-z])(?:ema|swa|shadow|averaged)(?:[^a-z]|$)|EMA|SWA")
_NO_WEIGHTS = re.compile(
    r"(?:^|[._])(?:optim(?:izers?)?(?:_states?)?(?:_dict)?|grads?|gradients?"
    r"|exp_avg(?:_sq)?|momentum(?:_buffer)?)(?:[.]|$)",
    re.IGNORECASE,
)
_LORA = re.compile(
    r"(?:^|[._])(?:lora|loha|lokr|ia3|dora|adalora)(?:[._]|$)|linear_[ab]_[qkv]\b|^w_[ab]_\d+$",
    re.IGNORECASE,
)
_REFUSED = {
    # Where one name begins like this, the weights are refused for a reason.
    "image_encoder.features.": "an EdgeSAM, whose licence forbids commercial use",
    "prompt_encoder.bbox_top_left_embeddings.": "an EfficientSAM, which knows neither background "
    "points nor masks as prompts",
}
_ADAPTER = re.compile(r"adapter", re.IGNORECASE)

_MAX_DEPTH = 64

MAX_REPEATED_BYTES = 2**24
"""A small file may hold tensors without end that are views of one number."""

Path = tuple[str, ...]


class _Candidate(NamedTuple):
    """What lies under one wrapping, the names within their parts."""

    wrapping: Path
    state: State
    others: dict[str, object]

    @property
    def parts(self) -> set[str]:
        return {_PARTS[part] for name in self.state if (part := name.split(".")[0]) in _PARTS}

    @property
    def rank(self) -> tuple[bool, bool]:
        joined = ".".join(self.wrapping)
        return _AVERAGED.search(joined) is not None, _USUAL.issuperset(self.wrapping)

    @property
    def where(self) -> str:
        return quoted(".".join(self.wrapping), 60) if self.wrapping else "no name at all"


def find_state(loaded: object) -> State:
    """Take a model's names and tensors out of what a file holds.

    Parameters
    ----------
    loaded
        Mappings and sequences, nested in any way, with tensors and anything else in them.

    Returns
    -------
    state
        Names from a part on, such as ``image_encoder.pos_embed``.

    Raises
    ------
    CheckpointError
        When there is no model, only a part of one, or several.
    """
    leaves = list(_leaves(loaded))
    names = [".".join(path) for path, value in leaves if path and isinstance(value, Tensor)]
    if not names:
        _refuse_without_tensors(loaded, leaves)
    lora = next((name for name in names if _LORA.search(name)), None)
    if lora is not None:
        raise CheckpointError(
            f"holds a LoRA adapter ({quoted(lora)}), which changes a model and is none: merge it "
            "into its base model first (peft: merge_and_unload()), and save that one's "
            "state_dict()"
        )
    candidates = _candidates(leaves)
    if not any(one.parts for one in candidates):
        raise CheckpointError(
            f"holds no Segment Anything model that is known; its {len(names)} names begin with "
            + some(names)
        )
    for start, reason in _REFUSED.items():
        if any(name.startswith(start) for one in candidates for name in one.state):
            raise CheckpointError(f"holds {reason}; it is not supported")
    chosen = _chosen(candidates)
    _check_values(chosen)
    return chosen.state


def _leaves(loaded: object) -> Iterator[tuple[Path, object]]:
    """Give what is no container with the way to it, in the file's order."""
    seen: set[int] = set()
    waiting: list[tuple[Path, object]] = [((), loaded)]
    while waiting:
        path, given = waiting.pop()
        value = inside(given)
        if not isinstance(value, Mapping | list | tuple) or isinstance(value, torch.Size):
            yield path, value
            continue
        if id(given) in seen or len(path) > _MAX_DEPTH:
            continue  # shared, or within itself
        seen.add(id(given))
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        below = [((*path, *_split(key)), one) for key, one in items]
        waiting += reversed(below)


def _split(key: object) -> list[str]:
    if isinstance(key, bytes):
        key = key.decode("utf-8", errors="replace")
    return key.split(".") if isinstance(key, str) else [str(key)[:100]]


def _candidates(leaves: Iterable[tuple[Path, object]]) -> list[_Candidate]:
    """Sort by the wrapping what belongs to a model."""
    found: dict[Path, _Candidate] = {}
    for path, value in leaves:
        known = (i for i, part in enumerate(path) if part in _PARTS or part in _BESIDE_PARTS)
        at = next(known, None)
        if at is None:
            continue
        wrapping = path[:at]
        if _NO_WEIGHTS.search(".".join(wrapping)):
            continue
        one = found.setdefault(wrapping, _Candidate(wrapping, {}, {}))
        name = ".".join(part for part in path[at:] if part not in _WITHIN)
        if isinstance(value, Tensor):
            first = one.state.setdefault(name, value)
            if first is not value and not _are_equal({name: first}, {name: value}):
                raise CheckpointError(f"holds {quoted(name)} twice, with other values each time")
        elif path[at] in _PARTS:
            one.others[name] = value
    return list(found.values())


def _chosen(candidates: list[_Candidate]) -> _Candidate:
    needed = set(_PARTS.values())
    whole = [one for one in candidates if one.parts == needed]
    if whole:
        return _best(whole, "models")
    by_part = {
        part: _best([one for one in candidates if part in one.parts], f"weights of its {part}")
        for part in sorted(needed)
        if any(part in one.parts for one in candidates)
    }
    missing = sorted(needed - set(by_part))
    if missing:
        raise CheckpointError(
            f"holds a part of a Segment Anything model, {' and '.join(by_part)}, but lacks "
            f"{' and '.join(missing)}: load it into the whole model it was trained with "
            "(load_state_dict(..., strict=False)), and save that one's state_dict()"
        )
    merged = _Candidate((), {}, {})
    for one in [one for one in candidates if not one.parts] + list(by_part.values()):
        merged.state.update(one.state)
        merged.others.update(one.others)
    return merged


def _best(candidates: list[_Candidate], of_what: str) -> _Candidate:
    best = max(one.rank for one in candidates)
    first, *more = (one for one in candidates if one.rank == best)
    for other in more:
        if not _are_equal(first.state, other.state):
            raise CheckpointError(
                f"holds several {of_what}, under {first.where} and under {other.where}; save the "
                "state_dict() of one alone"
            )
    return first


def _are_equal(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(
        tensor.shape == other[name].shape
        and tensor.dtype == other[name].dtype
        and (tensor is other[name] or (not tensor.is_meta and torch.equal(tensor, other[name])))
        for name, tensor in one.items()
    )


def _check_values(chosen: _Candidate) -> None:
    for name, value in chosen.others.items():
        if value is not None:
            raise CheckpointError(
                f"holds {described(value)} under the name {quoted(name)}, where a tensor was "
                "expected"
            )
    for name, tensor in chosen.state.items():
        wrong = _unlike_weights(tensor)
        if wrong is not None:
            raise CheckpointError(f"holds {wrong} under the name {quoted(name)}")
    adapter = next((name for name in chosen.state if _ADAPTER.search(name)), None)
    if adapter is not None:
        raise CheckpointError(
            f"holds a model with adapters between its layers ({quoted(adapter)}), an architecture "
            "of its own; it is not supported"
        )


def _unlike_weights(tensor: Tensor) -> str | None:
    if tensor.is_quantized or tensor.layout != torch.strided or tensor.is_complex():
        return f"a tensor that is no plain one ({tensor.dtype}, {tensor.layout})"
    needed, there = tensor.numel() * tensor.element_size(), tensor.untyped_storage().nbytes()
    if not tensor.is_meta and needed > max(there, MAX_REPEATED_BYTES):
        return f"a tensor of {needed:,} bytes that repeats {there:,} bytes over and over"
    return None


def _refuse_without_tensors(loaded: object, leaves: list[tuple[Path, object]]) -> None:
    named = [".".join(path) for path, _ in leaves if path]
    if not named or not isinstance(loaded, Mapping):
        raise CheckpointError(f"holds {described(loaded)} instead of names and tensors")
    raise CheckpointError(f"holds no tensors, but {some(named)}")
