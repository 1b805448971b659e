"""A folder of transformers' to a model that answers text, on a device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from samwidget.values.errors import quoted, text_of
from samwidget.weights.records import CheckpointError

_CLASSES = {
    "owlv2": ("Owlv2ForObjectDetection", "Owlv2ImageProcessorPil"),
    "owlvit": ("OwlViTForObjectDetection", "OwlViTImageProcessorPil"),
    "grounding-dino": ("GroundingDinoForObjectDetection", "GroundingDinoImageProcessorPil"),
    "clip": ("CLIPModel", "CLIPImageProcessorPil"),
}
"""Of transformers, by the kind that a folder's config.json tells."""

_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt")


class Parts(NamedTuple):
    """What a folder of transformers' holds.

    Attributes
    ----------
    kind
        One of ``"owlv2"``, ``"owlvit"``, ``"grounding-dino"`` and ``"clip"``.
    model, image_processor, tokenizer
        Of transformers.
    device
        Where the model is.
    """

    kind: str
    model: Any
    image_processor: Any
    tokenizer: Any
    device: torch.device

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute in float32 without gradients, whatever the caller has entered."""
        with torch.inference_mode(), torch.autocast(self.device.type, enabled=False):
            yield


def need_transformers() -> Any:
    """Import transformers.

    Raises
    ------
    ImportError
        When it is not there, or is too old; the text says what to install.
    """
    try:
        import transformers
    except ImportError as error:
        raise ImportError(
            "finding things by text needs transformers: pip install 'samwidget[text]'"
        ) from error
    if not hasattr(transformers, "Owlv2ImageProcessorPil"):
        raise ImportError(
            f"finding things by text needs a newer transformers than {transformers.__version__}: "
            "pip install --upgrade 'samwidget[text]'"
        )
    return transformers


def open_parts(folder: Path, device: torch.device) -> Parts:
    """Open what a folder holds; no code from it is run, and no network asked.

    Raises
    ------
    ImportError
        When transformers is not there.
    CheckpointError
        When the folder holds something else, or a part of it is missing or broken.
    """
    transformers = need_transformers()
    kind = _kind_of(folder)
    model_class, processor_class = (getattr(transformers, name) for name in _CLASSES[kind])
    here: dict[str, Any] = {"local_files_only": True}
    with _quiet(transformers):
        model, loaded = _part(
            "the weights",
            folder,
            lambda: model_class.from_pretrained(
                folder, dtype=torch.float32, output_loading_info=True, **here
            ),
        )
        lacking = sorted(map(str, (*loaded["missing_keys"], *loaded["mismatched_keys"])))
        if lacking:
            raise CheckpointError(
                f"{folder}: the weights lack {len(lacking)} of the model's tensors, such as "
                f"{lacking[0]}; they belong to another model, fetch the folder again"
            )
        processor = _part(
            "preprocessor_config.json",
            folder,
            lambda: processor_class.from_pretrained(folder, **here),
        )
        tokenizer = _part(
            "the tokenizer", folder, lambda: _tokenizer_of(folder, transformers, here)
        )
        most = model.config.text_config.vocab_size
        if len(tokenizer) > most:
            raise CheckpointError(
                f"{folder}: the tokenizer knows {len(tokenizer)} tokens and the model {most}; one "
                "of them belongs to another model, fetch the folder again"
            )
    return Parts(kind, model.eval().to(device), processor, tokenizer, device)


def _kind_of(folder: Path) -> str:
    file = folder / "config.json"
    try:
        kind = json.loads(file.read_text(encoding="utf-8"))["model_type"]
    except FileNotFoundError:
        present = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise CheckpointError(
            f"the folder {folder} holds no config.json, but {present}; expected a folder of "
            "transformers'"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{file} does not tell what model it is: {text_of(error)[:100]}"
        ) from error
    if kind not in _CLASSES:
        raise CheckpointError(
            f"{folder} holds a model of the kind {quoted(kind)}; things are found by text with "
            f"{', '.join(_CLASSES)}"
        )
    return str(kind)


def _tokenizer_of(folder: Path, transformers: Any, here: dict[str, Any]) -> Any:
    # transformers makes one that knows no words where there is no file.
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        raise CheckpointError(f"there is neither {' nor '.join(_VOCABULARIES)}")
    return transformers.AutoTokenizer.from_pretrained(folder, **here)


def _part(what: str, folder: Path, read: Any) -> Any:
    try:
        return read()
    except MemoryError:
        raise
    except Exception as error:  # of whatever kind: the parsers trust what they read
        reason = text_of(error).splitlines()[0][:200]
        raise CheckpointError(
            f"{folder}: {what} cannot be read ({reason}); fetch the folder again"
        ) from error


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Show no bar for the half second in which weights are read."""
    logging = transformers.utils.logging
    if not logging.is_progress_bar_enabled():
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
