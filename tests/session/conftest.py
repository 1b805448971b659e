from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench import WAIT_S, Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.model.may_encode.set()
    bench.model.may_decode.set()
    bench.session.close()
    bench.session._thread.join(WAIT_S)
