"""Open-vocabulary detectors of transformers: an image and phrases in, boxes out.

transformers is imported when one is opened, and asks nothing of any network: what it reads is a
folder on this machine. Of its image processors those that need Pillow alone are taken.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from samwidget.predict.opening_text import Parts
from samwidget.values.detection_shapes import split_detections
from samwidget.values.detections import Detections
from samwidget.values.errors import quoted
from samwidget.values.resizing import resized

MAX_SIDE = 2048
"""Larger photos are shrunk to this before OWL's image processor, which takes many times the memory
of the photo and brings it down to less than half of this in any case."""


class TextDetector(ABC):
    """Finds what phrases name.

    Attributes
    ----------
    threshold
        The lowest score that is worth a mask, as its makers have it.
    """

    threshold: float

    @abstractmethod
    def find(
        self, image: NDArray[np.uint8], phrases: Sequence[str], threshold: float
    ) -> Detections:
        """Find boxes.

        Parameters
        ----------
        image
            (H, W, 3) uint8 RGB.
        phrases
            Each a class.
        threshold
            Scores of at least this are given.

        Returns
        -------
        Detections
            With the phrases as class names, in no order; boxes may reach beyond the image.

        Raises
        ------
        ValueError
            When a phrase is longer than the model can read.
        """


class Owl(TextDetector):
    """OWLv2 and OWL-ViT: each phrase is embedded on its own and compared with each place.

    A box is of the phrase that is most like it; the score is the sigmoid of their likeness.
    """

    threshold = 0.1

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._length = parts.model.config.text_config.max_position_embeddings

    def find(
        self, image: NDArray[np.uint8], phrases: Sequence[str], threshold: float
    ) -> Detections:
        """Find boxes, see the base."""
        parts = self._parts
        for phrase in phrases:
            check_length(phrase, len(parts.tokenizer(phrase)["input_ids"]), self._length)
        text = parts.tokenizer(
            list(phrases), padding="max_length", max_length=self._length, return_tensors="pt"
        )
        pixels = parts.image_processor(images=shrunk(image, MAX_SIDE), return_tensors="pt")
        with parts.computing():
            output = parts.model(
                input_ids=text["input_ids"].to(parts.device),
                attention_mask=text["attention_mask"].to(parts.device),
                pixel_values=pixels["pixel_values"].to(parts.device),
            )
        (found,) = parts.image_processor.post_process_object_detection(
            output, threshold=-1.0, target_sizes=[image.shape[:2]]
        )
        return _above(found["boxes"], found["labels"], found["scores"], phrases, threshold)


class GroundingDino(TextDetector):
    """Grounding DINO: all phrases are one caption, ``"a cup. a wheel."``, of which it finds parts.

    A box is of the phrase that has the likest word; the score is that word's. (transformers gives
    words in the place of phrases, and takes the likest of all tokens, full stops included.)
    """

    threshold = 0.25

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._length = parts.model.config.max_text_len

    def find(
        self, image: NDArray[np.uint8], phrases: Sequence[str], threshold: float
    ) -> Detections:
        """Find boxes, see the base; phrases that make too long a caption become several."""
        pixels = self._parts.image_processor(images=image, return_tensors="pt")
        found = [
            self._find(image.shape[:2], pixels, some, threshold) for some in self._captions(phrases)
        ]
        return Detections(
            np.concatenate([one.boxes_xyxy for one in found]),
            tuple(name for one in found for name in one.class_names),
            tuple(score for one in found for score in one.scores),
        )

    def _captions(self, phrases: Sequence[str]) -> list[list[str]]:
        """Divide phrases into captions that are short enough."""
        captions: list[list[str]] = []
        for phrase in phrases:
            check_length(phrase, self._tokens([phrase]), self._length)
            if captions and self._tokens([*captions[-1], phrase]) <= self._length:
                captions[-1].append(phrase)
            else:
                captions.append([phrase])
        return captions

    def _tokens(self, phrases: Sequence[str]) -> int:
        return len(self._parts.tokenizer(_caption(phrases)[0])["input_ids"])

    def _find(
        self, size_hw: tuple[int, ...], pixels: Any, phrases: Sequence[str], threshold: float
    ) -> Detections:
        parts = self._parts
        caption, spans = _caption(phrases)
        text = parts.tokenizer(
            caption,
            return_offsets_mapping=True,
            return_token_type_ids=True,
            return_tensors="pt",
        )
        starts, ends = text.pop("offset_mapping")[0].T  # (T,) characters of each token
        with parts.computing():
            output = parts.model(**text.to(parts.device), **pixels.to(parts.device))
            likeness = output.logits[0].sigmoid().float().cpu()  # (queries, max_text_len)
            centres, sizes = output.pred_boxes[0].float().cpu().split(2, dim=-1)
        of_tokens = likeness[:, : len(starts)]
        columns = [
            of_tokens[:, (starts >= start) & (ends <= end) & (ends > starts)].amax(dim=1)
            for start, end in spans
        ]
        scores, labels = torch.stack(columns, dim=1).max(dim=1)
        side = torch.tensor(size_hw[::-1], dtype=torch.float32, device="cpu")
        boxes = torch.cat([centres - sizes / 2, centres + sizes / 2], dim=1) * side.repeat(2)
        return _above(boxes, labels, scores, phrases, threshold)


class Called(TextDetector):
    """A person's own function ``(image, phrases) -> boxes`` in any form that predict() takes."""

    threshold = 0.0

    def __init__(self, function: Callable[[NDArray[np.uint8], list[str]], Any]) -> None:
        self._function = function

    def find(
        self, image: NDArray[np.uint8], phrases: Sequence[str], threshold: float
    ) -> Detections:
        """Find boxes, see the base. A box without a class name is of the phrase if there is one.

        A box without a score counts as sure.
        """
        answer = self._function(image, list(phrases))
        found = split_detections(answer, [None])
        one = Detections.of(answer) if found is None else found[0]
        alone = phrases[0] if len(phrases) == 1 else ""
        scores = [1.0 if score is None else score for score in one.scores]
        kept = [i for i, score in enumerate(scores) if score >= threshold]
        return Detections(
            one.boxes_xyxy[kept],
            tuple(one.class_names[i] or alone for i in kept),
            tuple(scores[i] for i in kept),
        )


def check_length(phrase: str, tokens: int, most: int) -> None:
    """Refuse a phrase that has more tokens than a model can read."""
    if tokens > most:
        raise ValueError(
            f"text: {quoted(phrase)} is too long for this model, which reads {most} tokens of a "
            f"phrase; it has {tokens}. Say it in fewer words"
        )


def shrunk(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Give a picture of which no side is longer."""
    longer = max(image.shape[:2])
    if longer <= side:
        return image
    height, width = (max(1, round(one * side / longer)) for one in image.shape[:2])
    return np.asarray(resized(image, (width, height), Image.Resampling.BOX, reducing_gap=2))


def _caption(phrases: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join phrases as Grounding DINO wants it, with the characters of each.

    Full stops and question marks separate phrases there, so within one they become blanks.
    """
    caption, spans = "", []
    for phrase in phrases:
        plain = " ".join(phrase.lower().replace(".", " ").replace("?", " ").split())
        spans.append((len(caption), len(caption) + len(plain)))
        caption += f"{plain}. "
    return caption.rstrip(), spans


def _above(
    boxes: torch.Tensor,
    labels: torch.Tensor,
    scores: torch.Tensor,
    phrases: Sequence[str],
    threshold: float,
) -> Detections:
    kept = scores >= threshold
    return Detections(
        boxes[kept].float().cpu().numpy(),
        tuple(phrases[i] for i in labels[kept].tolist()),
        tuple(scores[kept].tolist()),
    )
