"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

# Tests neither read nor fill the folder of kept embeddings, but for those that name one.
os.environ["SAMWIDGET_EMBEDDINGS"] = "off"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright leaves an event loop running in the main thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def text_models(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Folders of tiny models that answer text: ``owlv2``, ``owlvit``, ``grounding_dino``, ``clip``.

    Not to be written into.
    """
    import tiny_detectors

    folder: Path = tmp_path_factory.mktemp("text_models")
    return SimpleNamespace(
        owlv2=tiny_detectors.owl(folder / "owlv2"),
        owlvit=tiny_detectors.owl(folder / "owlvit", version=1),
        grounding_dino=tiny_detectors.grounding_dino(folder / "grounding_dino"),
        clip=tiny_detectors.clip(folder / "clip"),
    )
