"""The command as a whole: help, usage, statuses, signals, and that it is quick to start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_stand_in import StandIn, names_in
from PIL import Image

import samwidget
from samwidget.cli import main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "predict",
    "everything",
    "proposals",
    "edges",
    "models",
    "download",
    "info",
    "cache",
    "demo",
)
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def plain(text: str) -> str:
    """Take away colours, which some CI services ask for."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_help_names_every_command(capsys: Captured) -> None:
    for arguments in (["--help"], ["-h"]):
        assert main(arguments) == 0
        shown = capsys.readouterr()
        help_text = plain(shown.out)
        assert all(f" {name} " in help_text for name in COMMANDS)
        assert "Exit status: 0 all done; 1 some" in " ".join(help_text.split())
        assert shown.err == ""
    assert main([]) == 2
    assert "Usage: samwidget" in plain(capsys.readouterr().out)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str, capsys: Captured) -> None:
    assert main([command, "--help"]) == 0
    shown = plain(capsys.readouterr().out)
    assert f"Usage: samwidget {command}" in shown
    assert "…" not in shown  # no option is too long for a terminal
    if command in COMMANDS[:4]:
        assert f" samwidget {command} photo.jpg" in shown
        assert "--out" in shown
        assert "130 interrupted" in " ".join(shown.split())


def test_version(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"samwidget {samwidget.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "No such command 'nosuch'. See samwidget --help"),
        (["--nosuch"], "No such option: --nosuch. See samwidget --help"),
        (["predict"], "Missing argument 'IMG'. See samwidget predict --help"),
        (["predict", "a.png"], "say what to segment with --point, --box or --text"),
        (["predict", "a.png", "--point", "1"], "Invalid value for '--point': expected X,Y in"),
        (["predict", "a.png", "--box", "1,2,3"], "Invalid value for '--box': expected X1,Y1,X2,Y2"),
        (["predict", "a.png", "--point"], "Option '--point' requires an argument"),
        (["predict", "a.png", "--text", " "], "'--text': it is empty; say what to look for"),
        (["predict", "a.png", "--text", "a", "--box", "1,2,3,4"], "leave out --point, --box"),
        (["predict", "a.png", "--point", "1,2", "--detector", "x"], "'--detector': it is for"),
        (
            ["predict", "a.png", "--point", "1,2", "--point", "3,4", "--box", "1,2,3,4"],
            "there are 2 times --point and 1 times --box",
        ),
        (["everything", "a.png", "--points-per-side", "0"], "of at least 1, got '0'"),
        (["everything", "a.png", "--box-nms-thresh", "2"], "from 0 to 1, got '2'"),
        (["everything", "a.png", "--preset", "slow"], "'slow' is not one of 'fast', 'balanced'"),
        (["everything", "a.png", "-o", "x.xyz"], "'--out': the ending of 'x.xyz' names no format"),
        (["everything", "a.png", "-f", "gif"], "'--format': expected one of overlay, mask, labels"),
        (["everything", "a.png", "-f", "mask"], "it says how to write; say where with --out"),
        (["everything", "a.png", "none.png", "-o", "x.png"], "there are 2 images"),
        (["everything", "a.png", "--precision", "half"], "'half' is not one of 'auto', 'float32'"),
        (["proposals", "a.png", "-n", "1.5"], "expected a whole number of at least 1, got '1.5'"),
        (["edges", "a.png"], "Missing option '--out' / '-o'"),
        (["download"], "Missing argument 'NAME'"),
        (["info", "a", "b"], "unexpected extra argument"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_does_nothing(
    stand_in: StandIn,
    photo: Callable[[str], Path],
    capsys: Captured,
    arguments: list[str],
    message: str,
) -> None:
    photo("a.png")
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("samwidget: ")
    assert message in line
    assert " --help" in line
    assert stand_in.opened_with == ()
    assert names_in(".") == ["a.png"]


def run(*arguments: str, code: str | None = None, **how: str) -> subprocess.CompletedProcess[str]:
    start = ["-m", "samwidget"] if code is None else ["-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **how}
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["predict", "--help"],
        ["models"],
        ["download", "nano"],
        ["predict", "none.png", "--point", "1,1", "-o", "x.png"],
        ["edges", "none.png"],
    ],
    ids=" ".join,
)
def test_torch_is_loaded_only_when_a_model_runs(place: Path, arguments: list[str]) -> None:
    code = (
        "import sys; from samwidget.cli import main; main(sys.argv[1:]); "
        "sys.exit(sum(name in sys.modules for name in ('torch', 'transformers')))"
    )
    done = run(*arguments, code=code)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_has_had_enough_is_no_trouble() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, "-m", "samwidget", "models", "--json"],
        stdout=writes,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, "")


def test_output_that_the_terminal_cannot_show(place: Path) -> None:
    done = run("predict", "kein-bild-ä.png", "--point", "1,1", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert done.stderr.startswith("samwidget: kein-bild-\\xe4.png: there is no such file")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "kill"]
)
def test_a_signal_leaves_no_half_of_anything(
    place: Path, number: signal.Signals, status: int
) -> None:
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(name)
    grid = ["--points-per-side", "512", "--progress", "-o", "out"]
    with subprocess.Popen(
        [sys.executable, "-m", "samwidget", "everything", "a.png", "b.png", *grid],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        # Who runs these tests in the background has Ctrl-C ignored, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        said = b""
        while b"%|" not in said:  # the bar is there, so the model is open and at work
            said += process.stderr.read(1)
        process.send_signal(number)
        said += process.stderr.read()
    assert process.returncode == status, said.decode()
    assert b"Traceback" not in said
    assert names_in(".") == ["a.png", "b.png"]
    if number == signal.SIGINT:
        assert b"samwidget: interrupted, with 0 of 2 images done" in said
