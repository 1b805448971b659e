"""Paths as people write them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from samwidget.values.errors import quoted

_NO_PATH_IS_LONGER = 32_767
"""Characters, on any system; most have other limits, too, which they are asked for."""


def expanded(path: str | os.PathLike[str], what: str = "a path") -> Path:
    """Turn what a person gives as a path into one; ``~`` is the home folder.

    Parameters
    ----------
    path
        Text or anything with ``__fspath__``. A ``~`` that stands for nobody's folder stays.
    what
        What is expected, for the messages.

    Raises
    ------
    TypeError
        When it is no path at all.
    ValueError
        When no file can be called so, since it is empty, too long or holds a NUL character.

    Examples
    --------
    >>> expanded("~/cat.jpg") == Path.home() / "cat.jpg"
    True
    """
    try:
        text = os.fsdecode(path)
    except Exception as error:  # an object's own __fspath__ may refuse in any way
        raise TypeError(f"expected {what}, got {quoted(path)}") from error
    if not text.strip():
        raise ValueError(f"expected {what}, got an empty text")
    reason = why_impossible(text)
    if reason is not None:
        raise ValueError(f"expected {what}, got {quoted(text)}, which {reason}")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody is called so, or nobody has a home
        return Path(text)


def why_impossible(text: str) -> str | None:
    """Say why no file can be called so, as the end of "which ..."; None when one can."""
    too_long = "is too long for a path"
    if len(text) > _NO_PATH_IS_LONGER:
        return too_long
    try:
        os.lstat(text)
    except OSError as error:
        return too_long if error.errno == errno.ENAMETOOLONG else None
    except ValueError:  # also a lone surrogate that the file system cannot have
        return "holds a character that no path can have"
    return None


def reason_of(error: OSError) -> str:
    """Say why the system refused, without the name of the file, which may be long.

    Examples
    --------
    >>> reason_of(FileNotFoundError(errno.ENOENT, "No such file or directory", "cat.jpg"))
    'No such file or directory'
    """
    return error.strerror or str(error) or type(error).__name__


def explained(error: OSError, failed: str, hint: str = "") -> OSError:
    """Give the same error, which says what failed, why, and what to do.

    Examples
    --------
    >>> explained(OSError(errno.ENOSPC, "No space left on device"), "the page could not be made")
    OSError(28, 'the page could not be made: No space left on device')
    """
    return type(error)(error.errno, f"{failed}: {reason_of(error)}{hint}")
