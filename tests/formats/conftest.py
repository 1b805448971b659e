from __future__ import annotations

import pytest
from annotated_cases import CASES, SMALL

from samwidget.formats.annotated import Annotated


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Annotated:
    """Objects of each awkward kind."""
    return CASES[request.param]()


@pytest.fixture(params=SMALL)
def small_case(request: pytest.FixtureRequest) -> Annotated:
    """The same on images of at most 100,000 pixels."""
    return CASES[request.param]()
