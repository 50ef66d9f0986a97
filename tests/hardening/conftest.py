from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.access.routes import World
from tests.small_county import NOW, SmallCounty


@pytest.fixture
def world(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Every role in one county and a second county beside; nobody listens to the bell."""
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield World(small)
