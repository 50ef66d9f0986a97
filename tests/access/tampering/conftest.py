"""A standing clock, and a return that waits."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
import time_machine

from tests.access.routes import World
from tests.access.tampering.scene import Scene
from tests.access.test_second_wall import Quiet
from tests.small_county import NOW, SmallCounty


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: 0)
    monkeypatch.setattr("accounts.jobs.runner.Heartbeat", Quiet)
    # The same moment in both runs, so that the same rows come out.
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(built_world: World, db: None) -> World:
    """Under the standing clock."""
    return copy.deepcopy(built_world)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)
