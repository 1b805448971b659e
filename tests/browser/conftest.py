"""A real JupyterLab with real kernels, driven through Debian's or any other Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# The kernel of the other major version lies in a folder of its own; `make test` installs it.
IPYKERNEL6 = Path(sys.prefix) / "ipykernel6"
REQUIRED = bool(os.environ.get("SAMWIDGET_TEST_ALL"))


def missing(what: str) -> None:
    """Skip for lack of something, unless everything was asked for."""
    if REQUIRED:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if CHROMIUM is None:
        missing("no Chromium on the PATH: run `make test`, which installs it where it may")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Start JupyterLab on loopback; gives its address and the folder that it serves."""
    home = tmp_path_factory.mktemp("jupyter")
    root = home / "root"
    shutil.copytree(ROOT / "examples", root)
    data = home / "data"
    write_kernel(data, "python3", {})
    if IPYKERNEL6.is_dir():
        write_kernel(data, "ipykernel6", {"PYTHONPATH": str(IPYKERNEL6)})
    settings = home / "config" / "labconfig"
    settings.mkdir(parents=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    }
    (settings / "default_setting_overrides.json").write_text(json.dumps(overrides))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={root}",
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password="),
        "--LabApp.expose_app_in_browser=True",
        "--LabServerApp.extra_labextensions_path=[]",
    ]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "SAMWIDGET_CACHE": str(home / "cache"),
    }
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(url + "/api/status", process, home / "server.log")
            yield url, root
        finally:
            process.terminate()
            process.wait(timeout=20)


def write_kernel(data: Path, name: str, env: dict[str, str]) -> None:
    folder = data / "kernels" / name
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "python", "env": env}
    (folder / "kernel.json").write_text(json.dumps(spec))


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


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
