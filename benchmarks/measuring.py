"""Time calls side by side, memory in processes of their own, and put rows into a table."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import torch

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

Call = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One figure of ours, beside a peer's if there is one."""

    what: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    wanted: str = ""
    """What the ratio (or, without a peer, the figure) should be: at most, better at most."""

    @staticmethod
    def head() -> str:
        columns = ("", "samwidget", "compared with", "theirs", "ours / theirs", "goal")
        return "| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|"

    def __str__(self) -> str:
        shown = [self.what, f"{_figure(self.ours)} {self.unit}".strip(), self.peer]
        if self.theirs is None:
            shown += ["", ""]
        else:
            shown += [
                f"{_figure(self.theirs)} {self.unit}".strip(),
                f"{self.ours / self.theirs:.2f}",
            ]
        return "| " + " | ".join([*shown, self.wanted]) + " |"


def _figure(value: float) -> str:
    if value and abs(value) < 0.01:
        return f"{value:.0e}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interleaved(calls: Mapping[str, Call], repeats: int, warm_up: bool = True) -> dict[str, float]:
    """Give the median milliseconds of each call; a first round to warm up is not counted.

    Runs take turns, so that a change in the machine's load meets all of them.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(0 if warm_up else 1, repeats + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn:
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(own) for name, own in times.items()}


def gemm_gflops(tokens: int, c_in: int, c_out: int) -> float:
    """Fastest rate that torch's matrix product reaches, into a result that is there already."""
    a, b = torch.randn(tokens, c_in), torch.randn(c_in, c_out)
    out = torch.empty(tokens, c_out)
    ms = interleaved({"gemm": lambda: torch.mm(a, b, out=out)}, 20)["gemm"]
    return 2 * tokens * c_in * c_out / ms / 1e6


def in_a_process_of_its_own(script: Path, *arguments: str) -> list[float]:
    """Run a script that prints numbers.

    On Linux a process inherits its parent's peak of memory: call this before anything big is there.
    """
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def machine() -> str:
    name = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    features = ""
    if cpuinfo.exists():
        text = cpuinfo.read_text()
        for line in text.splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
        words = set(text.split())
        features = ", AVX-512 with bfloat16" if "avx512_bf16" in words else ""
        features += ", AMX" if "amx_bf16" in words else ""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{name or platform.machine()}{features}, {os.cpu_count()} CPUs, "
        f"{torch.get_num_threads()} threads, {platform.system()}{load}"
    )


def versions(packages: Iterable[str], aside: Path) -> str:
    """Give the versions of packages, installed or put aside in a folder."""
    found = []
    for package in packages:
        places = [*distributions(name=package), *distributions(name=package, path=[str(aside)])]
        found.append(f"{package} {places[0].version}" if places else f"no {package}")
    return ", ".join(found)


def put_between_markers(path: Path, text: str) -> None:
    """Replace what stands between the two marker lines of a Markdown file."""
    before, found, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise SystemExit(f"{path} has no lines {BEGIN} and {END} to write the table between")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
