"""A real JupyterLab with Chromium to measure in, and what its kernel and its page tell."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from chromium import CHROMIUM_FLAGS, find_chromium  # noqa: E402
from hosts.lab import Lab  # noqa: E402
from hosts.servers import jupyter  # noqa: E402
from view import View  # noqa: E402

__all__ = ["ROOT", "Lab", "View", "heard", "measured_ms", "memory_mb", "open_lab", "rest", "watch"]

# Notes of each request how long the kernel needs: from the message to the last byte that is handed
# over before the reply, and how many bytes that were.
WATCH = """
import json, time

class Watch:
    def __init__(self, widget):
        self.notes, self.since, self.sent = [], {}, 0
        connection = widget._connection
        receive, send = connection.receive, connection._send

        def receiving(content, buffers):
            address = content["client"], content["seq"]
            self.since[address] = content["request"]["kind"], time.perf_counter(), self.sent
            receive(content, buffers)

        def sending(content, buffers):
            send(content, buffers)
            self.sent += len(json.dumps(content)) + sum(map(len, buffers))
            kind, since, sent = self.since.pop(
                (content.get("client"), content.get("seq")), (None, 0.0, 0)
            )
            if kind is not None:
                ms = (time.perf_counter() - since) * 1e3
                self.notes.append((kind, ms, self.sent - sent, content["kind"]))

        connection.receive, connection._send = receiving, sending

watch = Watch(widget)
"""


@contextlib.contextmanager
def open_lab() -> Iterator[Lab]:
    """Start server and browser, end both."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium on the PATH")
    with (
        tempfile.TemporaryDirectory() as home,
        jupyter(Path(home)) as (url, root),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        lab = Lab(page, url, root)
        yield lab
        lab.shut_down()
        browser.close()


def watch(lab: Lab) -> None:
    """Have the kernel note what each request to ``widget`` takes from here on."""
    lab.run(WATCH)


def heard(lab: Lab, kind: str) -> list[tuple[float, int]]:
    """Give milliseconds and bytes of each answered request of a kind, and forget all."""
    notes = json.loads(lab.run("print(json.dumps(watch.notes)); watch.notes.clear()"))
    return [(ms, size) for its, ms, size, end in notes if its == kind and end != "cancelled"]


def measured_ms(page: Page, name: str) -> list[float]:
    """Read the durations that the front end has noted under a name, and forget them."""
    script = """name => {
        const found = performance.getEntriesByName(name, "measure");
        performance.clearMeasures(name);
        return found.map(({ duration }) => duration);
    }"""
    return list(page.evaluate(script, name))


def rest(page: Page, ms: float = 400) -> None:
    """Let everything that is under way come to its end."""
    page.wait_for_timeout(ms)


def memory_mb(page: Page, devtools: CDPSession) -> float:
    """Give what all processes of the browser hold, each shared page counted once. Linux only."""
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
        rest(page)
    assert page.context.browser is not None
    session = page.context.browser.new_browser_cdp_session()
    found: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    kilobytes = 0
    for process in found:
        rollup = Path(f"/proc/{process['id']}/smaps_rollup").read_text()
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        kilobytes += int(line.split()[1])
    return kilobytes * 1024 / 1e6
