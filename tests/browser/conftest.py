"""Fixtures for the browser tests: one server a run, one page and fresh kernels a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from playwright.sync_api import Page, expect
from server import CHROMIUM_FLAGS, IPYKERNEL6, find_chromium, jupyterlab

expect.set_options(timeout=30_000)  # a busy machine is no failure
REQUIRED = bool(os.environ.get("SAMWIDGET_TEST_ALL"))


def missing(what: str) -> None:
    """Skip for lack of something, unless everything was asked for."""
    if REQUIRED:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = find_chromium()
    if chromium is None:
        missing("no Chromium on the PATH: run `make test`, which installs it where it may")
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with jupyterlab(tmp_path_factory.mktemp("jupyter")) as address_and_root:
        yield address_and_root


@pytest.fixture(params=["python3", "ipykernel6"])
def kernel(request: pytest.FixtureRequest) -> str:
    """Name a kernel: the newest ipykernel, and 6.31, whose handlers run in other threads."""
    if request.param == "ipykernel6" and not IPYKERNEL6.is_dir():
        missing(f"no ipykernel 6.31 in {IPYKERNEL6}: run `make test`, which installs it")
    return str(request.param)


@pytest.fixture
def lab(server: tuple[str, Path], page: Page) -> Iterator[Lab]:
    url, root = server
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 1280, "height": 1000})
    lab = Lab(page, url, root)
    yield lab
    lab.shut_down()
