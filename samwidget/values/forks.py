"""What a forked process has to do without: all threads of the one it comes from but one.

What those threads had locked stays locked for ever, so locks are made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable


def in_child(renew: Callable[[], None]) -> None:
    """Have a function called in each process that is forked from this one; nothing elsewhere."""
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=renew)
