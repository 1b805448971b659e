"""Folders of models that answer text, small enough to be made in a test; transformers writes them.

Their weights are random, their tokenizers know letters and a few words, and all the rest is real.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    BertTokenizer,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessorPil,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2ImageProcessorPil,
    OwlViTConfig,
    OwlViTForObjectDetection,
    OwlViTImageProcessorPil,
    SwinConfig,
)
from transformers.utils import logging

SIZE = 64
"""Side of what the models see, in pixels."""


def clip_tokenizer(folder: Path, length: int) -> CLIPTokenizer:
    """Make one that reads every letter as a token of its own."""
    letters = [chr(code) for code in range(33, 127)]
    words = ["<pad>", *letters, *(f"{letter}</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    files = folder / "made"
    files.mkdir(parents=True)
    vocabulary, merges = files / "vocab.json", files / "merges.txt"
    vocabulary.write_text(json.dumps({word: i for i, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(
        vocab=str(vocabulary), merges=str(merges), pad_token="<pad>", model_max_length=length
    )


def text_part(tokenizer: Any, length: int) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "projection_dim": 32,
    }


VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": SIZE,
    "patch_size": 16,
    "projection_dim": 32,
}


def owl(folder: Path, *, version: int = 2) -> Path:
    """Write an OWLv2 or an OWL-ViT, whose boxes are about a grid of 4 x 4 cells."""
    torch.manual_seed(0)
    kinds = {
        1: (OwlViTConfig, OwlViTForObjectDetection, OwlViTImageProcessorPil),
        2: (Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessorPil),
    }
    config_class, model_class, processor_class = kinds[version]
    tokenizer = clip_tokenizer(folder, 16)
    config = config_class(
        text_config=text_part(tokenizer, 16), vision_config=VISION, projection_dim=32
    )
    model = model_class(config)
    spread(model, 0.3)
    return saved(folder, model, tokenizer, processor_class(size={"height": SIZE, "width": SIZE}))


def clip(folder: Path) -> Path:
    """Write a CLIP."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder, 77)
    config = CLIPConfig(
        text_config=text_part(tokenizer, 77), vision_config=VISION, projection_dim=32
    )
    model = CLIPModel(config)
    spread(model, 0.3)
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE}
    )
    return saved(folder, model, tokenizer, processor)


WORDS = ["a", "cup", "wheel", "table", "red", "the", "coffee"]


def grounding_dino(folder: Path) -> Path:
    """Write a Grounding DINO; the ids of its separators are those of BERT, which it knows by heart.

    Its tokenizer knows :data:`WORDS`.
    """
    torch.manual_seed(0)
    words = {f"[unused{i}]": i for i in range(1040)}
    known = {
        0: "[PAD]",
        100: "[UNK]",
        101: "[CLS]",
        102: "[SEP]",
        103: "[MASK]",
        1012: ".",
        1029: "?",
    }
    known |= {200 + i: word for i, word in enumerate(WORDS)}
    names = {number: name for name, number in words.items()} | known
    files = folder / "made"
    files.mkdir(parents=True)
    vocabulary = files / "vocab.txt"
    vocabulary.write_text("\n".join(names[i] for i in range(len(names))) + "\n")
    tokenizer = BertTokenizer(vocab=str(vocabulary))
    config = GroundingDinoConfig(
        backbone_config=SwinConfig(
            image_size=SIZE,
            patch_size=4,
            embed_dim=16,
            depths=[1, 1, 1, 1],
            num_heads=[2, 2, 2, 2],
            window_size=4,
            out_indices=[2, 3, 4],
        ),
        text_config={
            "model_type": "bert",
            "vocab_size": len(names),
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
        },
        num_queries=20,
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
    )
    model = GroundingDinoForObjectDetection(config)
    spread(model, 0.1)
    processor = GroundingDinoImageProcessorPil(size={"shortest_edge": SIZE, "longest_edge": 96})
    return saved(folder, model, tokenizer, processor)


def spread(model: torch.nn.Module, std: float) -> None:
    """Make weights so large that what goes in shows in what comes out."""
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=std)


def saved(folder: Path, model: Any, tokenizer: Any, image_processor: Any) -> Path:
    logging.disable_progress_bar()
    try:
        for part in (model, tokenizer, image_processor):
            part.save_pretrained(folder)
    finally:
        logging.enable_progress_bar()
    return folder
