"""Which models that answer text there are by name, and how a folder of one comes onto this machine.

They are Hugging Face's folders. What holds for the weights of Segment Anything models holds for
them: fetched once into the same cache, every file checked by size and SHA-256, put there by hand
where there is no network. The revisions are fixed, so that what is checked does not change.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from samwidget.values.errors import quoted
from samwidget.weights.download import cache_path, fetch, trouble_with
from samwidget.weights.records import CheckpointError, Record

HUGGING_FACE = "https://huggingface.co"


class _File(NamedTuple):
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class DetectorRecord:
    """One model that can be opened by name, to find things by text.

    Attributes
    ----------
    name
        Of its folder in the cache, too.
    aliases
        Other names that people know it by; upper and lower case are the same.
    repository, revision
        Where its owner publishes it on Hugging Face.
    licence
        Of the weights, as an SPDX identifier.
    files
        What is needed of it, the largest last.
    """

    name: str
    aliases: tuple[str, ...]
    repository: str
    revision: str
    licence: str
    files: tuple[_File, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def records(self) -> tuple[Record, ...]:
        """One for each file, as the download takes it."""
        base = f"{HUGGING_FACE}/{self.repository}/resolve/{self.revision}"
        return tuple(
            Record(
                self.name,
                (),
                f"{self.name}/{file.name}",
                self.licence,
                f"{base}/{file.name}",
                file.size_bytes,
                file.sha256,
            )
            for file in self.files
        )


_BERT_FILES = (
    _File("preprocessor_config.json", 457,
          "8454179ba95e2ad22947835aad7b45862a601fc0055ab88bf1ee70892d3aea60"),
    _File("special_tokens_map.json", 125,
          "b6d346be366a7d1d48332dbc9fdf3bf8960b5d879522b7799ddba59e76237ee3"),
    _File("tokenizer_config.json", 1_237,
          "d40ab645b68211910b9170d22433d43186a6ec8ee6fd10ba170524b25bf4fb56"),
    _File("tokenizer.json", 711_396,
          "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
    _File("vocab.txt", 231_508,
          "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
)  # fmt: skip
"""What the two Grounding DINOs have in common."""

DETECTOR_RECORDS = (
    DetectorRecord(
        "owlv2",
        ("owlv2-base-patch16-ensemble", "google/owlv2-base-patch16-ensemble"),
        "google/owlv2-base-patch16-ensemble",
        "cfd3195ba4ea9592eec887ded089f4c08eff231d",
        "Apache-2.0",
        (
            _File("config.json", 414,
                  "ba9df8c25a4b8461887dd0a93d9252c9cd84697fe8d49a9d8794ce409af9acb2"),
            _File("preprocessor_config.json", 425,
                  "cf3e396635b797ee1a464e1b2836e98748f8edac19e89aaa2c93b55ac15b0064"),
            _File("added_tokens.json", 67,
                  "e5dc0da35d20111e8ff3fdfc03682beca23d5f94ed74331bce81786b2636a24f"),
            _File("special_tokens_map.json", 121,
                  "d6e2b9cf664efbad2d22998b8d3da986abcbeed3e0825ad33605c9401f9cf73e"),
            _File("tokenizer_config.json", 1_100,
                  "b55cda6198e152ded427c8a9b3faf1cccf27a7fa080697a62f6ff143f511f44f"),
            _File("merges.txt", 524_619,
                  "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a"),
            _File("vocab.json", 1_059_962,
                  "e089ad92ba36837a0d31433e555c8f45fe601ab5c221d4f607ded32d9f7a4349"),
            _File("model.safetensors", 619_918_824,
                  "e1e130b9e404cf91a75ad45644c1da9d7fa5284085eecc864266a6923efb99e7"),
        ),
    ),
    DetectorRecord(
        "grounding-dino",
        ("grounding-dino-tiny", "IDEA-Research/grounding-dino-tiny"),
        "IDEA-Research/grounding-dino-tiny",
        "a2bb814dd30d776dcf7e30523b00659f4f141c71",
        "Apache-2.0",
        (
            _File("config.json", 1_644,
                  "eec82c5ab66e16df12a9a212e68ac011779927c2536cf9078658e35d85f0c67a"),
            *_BERT_FILES,
            _File("model.safetensors", 689_359_096,
                  "1a2412ef99bd74bcd3c2a246fa1e48581f8889a1300c9051974741314fc042f3"),
        ),
    ),
    DetectorRecord(
        "grounding-dino-base",
        ("IDEA-Research/grounding-dino-base",),
        "IDEA-Research/grounding-dino-base",
        "12bdfa3120f3e7ec7b434d90674b3396eccf88eb",
        "Apache-2.0",
        (
            _File("config.json", 1_737,
                  "eda416dae6f49419ff831b1c190ec430a060b19aae688dbaf2425a075b650608"),
            *_BERT_FILES,
            _File("model.safetensors", 933_400_872,
                  "5548f844c928c4b6f411fa8cbcc2bfa8dbbba437cb1d513975519f93c2a9ed21"),
        ),
    ),
    DetectorRecord(
        "clip",
        ("clip-vit-base-patch32", "openai/clip-vit-base-patch32"),
        "openai/clip-vit-base-patch32",
        "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
        "MIT",
        (
            _File("config.json", 4_186,
                  "b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770"),
            _File("preprocessor_config.json", 316,
                  "910e70b3956ac9879ebc90b22fb3bc8a75b6a0677814500101a4c072bd7857bd"),
            _File("special_tokens_map.json", 389,
                  "f8c0d6c39aee3f8431078ef6646567b0aba7f2246e9c54b8b99d55c22b707cbf"),
            _File("tokenizer_config.json", 592,
                  "34b7336e4bee12e0a9730eaf5189f582ef3c3eea5027f65730e5717256755aad"),
            _File("tokenizer.json", 2_224_041,
                  "b556ac8c99757ffb677208af34bc8c6721572114111a6e0aaf5fa69ff0b8d842"),
            _File("merges.txt", 524_657,
                  "f526393189112391ce6f9795d4695f704121ce452c3aad1f5335cc41337eba85"),
            _File("vocab.json", 862_328,
                  "5047b556ce86ccaf6aa22b3ffccfc52d391ea4accdab9c2f2407da5b742d4363"),
            _File("pytorch_model.bin", 605_247_071,
                  "a63082132ba4f97a80bea76823f544493bffa8082296d62d71581a4feff1576f"),
        ),
    ),
)  # fmt: skip
"""Every model for text that can be opened by name: detectors, and CLIP, which ranks masks."""


def find_detector_record(name: str) -> DetectorRecord | None:
    """Find a model for text by any of its names; None for a name that is none's."""
    return _BY_NAME.get(name.strip().lower())


def detector_folder(record: DetectorRecord) -> Path:
    """Tell where a model's files lie once they are fetched, and are looked for when put by hand."""
    return cache_path(record.records[0]).parent


def locate_detector(
    name_or_path: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None
) -> Path:
    """Find the folder of a model for text; download it when it is nowhere here.

    Looked for are samwidget's cache and Hugging Face's.

    Parameters
    ----------
    name_or_path
        A name such as ``"owlv2"``, see :data:`DETECTOR_RECORDS`, a folder of Hugging Face's, or the
        name of a repository there that is in Hugging Face's cache.
    progress
        Told the fraction of a download that is done, 0 to 1; else a progress bar is shown.

    Raises
    ------
    CheckpointError
        When there is no such model, or a file of it cannot be had.
    """
    text = os.fspath(name_or_path)
    path = Path(text).expanduser()
    record = find_detector_record(text) if isinstance(name_or_path, str) else None
    # A folder that happens to be called "clip" is not meant by the plain name.
    if record is None or len(path.parts) > 1:
        if os.path.isdir(path):  # noqa: PTH112  (which is False for what can be no path)
            return path
        if os.path.exists(path):  # noqa: PTH110
            raise CheckpointError(
                f"{path} is a file; a model for text is a folder, as Hugging Face has them"
            )
    if record is not None:
        return _folder_of(record, progress)
    held = _in_hugging_faces_cache(text, None) if text.count("/") == 1 else None
    if held is not None:
        return held
    known = ", ".join(repr(one.name) for one in DETECTOR_RECORDS)
    raise CheckpointError(
        f"there is no model for text and no folder {quoted(text)}. Models for text: {known}; or "
        "the path of a folder with an OWLv2, a Grounding DINO or a CLIP"
    )


def _folder_of(record: DetectorRecord, progress: Callable[[float], None] | None) -> Path:
    folder = detector_folder(record)
    parts = record.records
    if not all(cache_path(part).is_file() for part in parts):
        held = _in_hugging_faces_cache(record.repository, record)
        if held is not None:
            return held
    done = 0
    for part in parts:
        size = part.size_bytes or 0

        def told(fraction: float, done: int = done, size: int = size) -> None:
            if progress is not None:
                progress((done + fraction * size) / record.size_bytes)

        try:
            fetch(part, progress=None if progress is None else told)
        except CheckpointError as error:
            names = ", ".join(file.name for file in record.files)
            raise CheckpointError(
                f"{error} {record.name!r} needs all of {names} from {HUGGING_FACE}/"
                f"{record.repository}/tree/{record.revision} in that folder."
            ) from error.__cause__
        done += size
    return folder


def _in_hugging_faces_cache(repository: str, record: DetectorRecord | None) -> Path | None:
    """Give the folder of what was fetched by other programs, if it is whole; asks no network."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    for revision in (None,) if record is None else (record.revision, None):
        try:
            found = snapshot_download(repository, revision=revision, local_files_only=True)
        except (HFValidationError, LocalEntryNotFoundError):
            continue
        folder = Path(found)
        if record is None:
            return folder if (folder / "config.json").is_file() else None
        wanted = zip((folder / file.name for file in record.files), record.records, strict=True)
        if all(path.is_file() and trouble_with(path, part) is None for path, part in wanted):
            return folder
    return None


_BY_NAME = {
    alias.lower(): record for record in DETECTOR_RECORDS for alias in (record.name, *record.aliases)
}
