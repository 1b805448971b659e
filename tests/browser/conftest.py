"""Fixtures for the browser tests: one server a run, one page and fresh kernels a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM_FLAGS, find_chromium
from hosts import servers
from hosts.host import PATIENCE_MS, Host
from hosts.lab import Lab
from hosts.marimo import Marimo
from hosts.notebook import Notebook
from playwright.sync_api import Page, expect

expect.set_options(timeout=PATIENCE_MS)
REQUIRED = bool(os.environ.get("SAMWIDGET_TEST_ALL"))

Server = tuple[str, Path]
"""Its address and the folder it serves."""


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
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.jupyter(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="session")
def marimo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.marimo(tmp_path_factory.mktemp("marimo")) as server:
        yield server


@pytest.fixture(params=["python3", "ipykernel6"])
def kernel(request: pytest.FixtureRequest) -> str:
    """Name a kernel: the newest ipykernel, and 6.31, whose handlers run in other threads."""
    if request.param == "ipykernel6" and not servers.IPYKERNEL6.is_dir():
        missing(f"no ipykernel 6.31 in {servers.IPYKERNEL6}: run `make test`, which installs it")
    return str(request.param)


@pytest.fixture
def lab(jupyter_server: Server, page: Page) -> Iterator[Lab]:
    lab = Lab(page, *jupyter_server)
    yield lab
    lab.shut_down()


@pytest.fixture(params=[Lab, Notebook, Marimo], ids=lambda kind: kind.name)
def host(request: pytest.FixtureRequest, page: Page) -> Iterator[Host]:
    """Give each notebook application that we say we run in."""
    server = "marimo_server" if request.param is Marimo else "jupyter_server"
    host: Host = request.param(page, *request.getfixturevalue(server))
    yield host
    host.shut_down()
