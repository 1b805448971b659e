"""``python -m samwidget`` is the command ``samwidget``."""

from __future__ import annotations

from samwidget.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
