"""Real servers on loopback, with settings, kernels and caches of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# The kernel of the other major version lies in a folder of its own; `make test` installs it.
IPYKERNEL6 = Path(sys.prefix) / "ipykernel6"

MARIMO_SETTINGS = """
[runtime]
auto_instantiate = true
[save]
autosave = "off"
"""


@contextlib.contextmanager
def jupyter(home: Path) -> Iterator[tuple[str, Path]]:
    """Serve JupyterLab and Notebook 7, all files below ``home``; gives address and folder."""
    root = home / "root"
    shutil.copytree(ROOT / "examples", root)
    data = home / "data"
    write_kernel(data, "python3", {})
    if IPYKERNEL6.is_dir():
        paths = [str(IPYKERNEL6), *filter(None, [os.environ.get("PYTHONPATH")])]
        write_kernel(data, "ipykernel6", {"PYTHONPATH": os.pathsep.join(paths)})
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
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={root}",
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password="),
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    environment = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    url = f"http://127.0.0.1:{port}"
    with serving(command, environment, f"{url}/api/status", home):
        yield url, root


@contextlib.contextmanager
def marimo(home: Path) -> Iterator[tuple[str, Path]]:
    """Serve marimo's editor, all files below ``home``; gives address and folder."""
    root = home / "root"
    root.mkdir()
    settings = home / "config" / "marimo"
    settings.mkdir(parents=True)
    (settings / "marimo.toml").write_text(MARIMO_SETTINGS)
    port = free_port()
    command = [
        *(sys.executable, "-m", "marimo", "edit", "--headless", "--no-token"),
        *("--skip-update-check", "--port", str(port), str(root)),
    ]
    environment = {
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    url = f"http://127.0.0.1:{port}"
    with serving(command, environment, f"{url}/health", home):
        yield url, root


@contextlib.contextmanager
def serving(
    command: Sequence[str], environment: dict[str, str], health: str, home: Path
) -> Iterator[None]:
    """Run a server until the end of the context; none of its processes outlives it."""
    environment = {**os.environ, **environment, "SAMWIDGET_CACHE": str(home / "cache")}
    log = home / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        wait_for(health, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_kernel(data: Path, name: str, env: dict[str, str]) -> None:
    folder = data / "kernels" / name
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "python", "env": env}
    (folder / "kernel.json").write_text(json.dumps(spec))
