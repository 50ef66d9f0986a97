from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.canary.world import Planted, planted_world


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: Any) -> Iterator[Planted]:
    """One planted world for all tests of a module; it is undone at the end."""
    with django_db_blocker.unblock(), planted_world() as world:
        yield world
