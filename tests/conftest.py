"""What holds for all tests."""

from __future__ import annotations

import os

import pytest

# Tests neither read nor fill the folder of kept embeddings, but for those that name one.
os.environ["SAMWIDGET_EMBEDDINGS"] = "off"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright leaves an event loop running in the main thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
