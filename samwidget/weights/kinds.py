"""What a file is that is no weights of torch or safetensors, told from its contents."""

from __future__ import annotations

import string
import zipfile
from pathlib import Path

from samwidget.values.errors import quoted
from samwidget.weights.records import CheckpointError

HEAD_BYTES = 512
"""As much of a file's beginning the functions here want to see."""

MAX_HEADER_BYTES = 100_000_000
"""Of safetensors, as the library has it."""

TORCH_MAGIC = b"l\xfc\x9cF\xf9 j\xa8P\x19"
"""The number that every file of ``torch.save`` in the format before 1.6 begins with."""

_AGAIN = "fetch the file again"
_UNPACK = "unpack it, and give the file that is in it"
_NEED = "give the weights as torch.save(model.state_dict(), path) or as safetensors write them"

_MAGIC = (
    (0, b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (0, b"BZh", "compressed with bzip2", _UNPACK),
    (0, b"\xfd7zXZ", "compressed with xz", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "compressed with Zstandard", _UNPACK),
    (0, b"\x04\x22\x4d\x18", "compressed with LZ4", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"PK\x05\x06", "a zip archive with nothing in it", _AGAIN),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as Keras writes", _NEED),
    (0, b"GGUF", "a GGUF file, such as llama.cpp reads", _NEED),
    (0, b"\x93NUMPY", "a numpy array", _NEED),
    (4, b"TFL3", "a TensorFlow Lite model", _NEED),
    (4, b"ET1", "an ExecuTorch program", _NEED),
    (0, b"ftrt", "a TensorRT engine", _NEED),
    (0, b"ptrt", "a TensorRT engine", _NEED),
    (0, b"\x89PNG", "a picture (PNG)", _NEED),
    (0, b"\xff\xd8\xff", "a picture (JPEG)", _NEED),
    (0, b"%PDF", "a PDF", _NEED),
    (0, b"\x7fELF", "a program", _NEED),
    (0, b"MZ", "a program", _NEED),
)


def recognise_junk(head: bytes) -> str | None:
    """Recognise by its beginning what often comes in the place of weights.

    Returns
    -------
    str or None
        What it is, as the end of "it is ..."; None when nothing speaks against it.
    """
    if not head:
        return "an empty file"
    if head.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, a short note in the place of the file itself"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "a web page (HTML), such as a login or an error page"
    return None


def is_safetensors(head: bytes) -> bool:
    """Tell whether a file begins like one of safetensors: a length, then JSON."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MAX_HEADER_BYTES


def check_beginning(head: bytes) -> None:
    """Raise a CheckpointError that names what begins unlike any file of weights.

    The text lacks the file's name, which the caller knows.
    """
    junk = recognise_junk(head)
    if junk is not None:
        raise CheckpointError(f"is {junk}, instead of weights; {_AGAIN}")
    if is_safetensors(head) or head.startswith(b"PK\x03\x04"):
        return
    if head[:1] == b"\x80" and len(head) > 1 and head[1] <= 5:
        _check_pickle(head)
        return
    for offset, magic, what, advice in _MAGIC:
        if head[offset:].startswith(magic):
            raise CheckpointError(f"is {what}, not weights; {advice}")
    if not head.strip(b"\0"):
        raise CheckpointError(f"begins with nothing but zeros, as what was cut short; {_AGAIN}")
    if _is_protobuf(head):
        raise CheckpointError(f"is a model in a protobuf, such as ONNX or Core ML; {_NEED}")
    text = _text(head)
    if text is not None:
        raise CheckpointError(f"is a text, not weights; it begins with {quoted(text)}")
    raise CheckpointError(
        f"is no file of weights of torch or safetensors; it begins with {head[:16]!r}"
    )


def check_zip(path: Path) -> None:
    """Raise a CheckpointError that names a zip archive that torch did not make for weights."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            pickle = next((n for n in names if n.split("/", 1)[-1] == "data.pkl"), None)
            if any(name.split("/", 1)[-1] == "constants.pkl" for name in names):
                raise CheckpointError(
                    "is a TorchScript program (torch.jit.save): code, with the weights inside of "
                    "it. Give them alone: torch.save(torch.jit.load(path).state_dict(), new_path)"
                )
            if pickle is None:
                raise CheckpointError(_other_archive(names))
            with archive.open(pickle) as file:
                protocol = file.read(2)
    except CheckpointError:
        raise
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"is truncated: its end is missing; {_AGAIN}") from error
    except (OSError, NotImplementedError, RuntimeError) as error:  # encrypted, or packed otherwise
        raise CheckpointError(f"is a zip archive that cannot be read ({error})") from error
    _check_protocol(protocol)


def _other_archive(names: list[str]) -> str:
    plain = [name for name in names if not name.endswith("/") and "__MACOSX" not in name]
    if any("archive_format" in n or "serialized_exported_program" in n for n in plain):
        return f"is a program of torch.export, not weights; {_NEED}"
    if any(".data/extern_modules" in name for name in plain):
        return f"is a package of torch.package, code with weights in it; {_NEED}"
    if plain and all(name.endswith(".npy") for name in plain):
        return f"is an archive of numpy arrays (npz), not weights; {_NEED}"
    inside = ", ".join(quoted(name, 60) for name in plain[:3]) + (", ..." if plain[3:] else "")
    return f"is a zip archive with {inside or 'nothing'} in it, not weights; {_UNPACK}"


def _check_pickle(head: bytes) -> None:
    if TORCH_MAGIC not in head[:40]:
        raise CheckpointError(
            "is a plain pickle, not a file of torch.save. Reading it may run any code in it, so "
            "it is refused; have its maker write torch.save(model.state_dict(), path)"
        )
    _check_protocol(head[:2])


def _check_protocol(head: bytes) -> None:
    if head[:1] == b"\x80" and head[1] > 2:
        raise CheckpointError(
            f"was written with pickle_protocol={head[1]}, which torch cannot read safely; have "
            "its maker write torch.save(model.state_dict(), path), whose protocol is 2"
        )


def _is_protobuf(head: bytes) -> bool:
    """Tell whether it begins with a small number as field 1, and then another field."""
    return (
        len(head) > 2 and head[0] == 0x08 and head[1] < 0x40 and head[2] in b"\x12\x1a\x22\x2a\x3a"
    )


def _text(head: bytes) -> str | None:
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return None
    if all(sign in string.printable or (sign.isprintable() and sign.isalnum()) for sign in text):
        return text.strip()
    return None
