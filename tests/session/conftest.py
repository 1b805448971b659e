from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench import WAIT_S, Bench

from samwidget.session import finding


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.model.may_encode.set()
    bench.model.may_decode.set()
    bench.session.close()
    bench.session._thread.join(WAIT_S)


@pytest.fixture
def at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "REPORT_INTERVAL_S", 0.0)
    monkeypatch.setattr(finding, "SHARE", 1e9)
