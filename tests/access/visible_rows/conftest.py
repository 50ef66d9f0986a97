"""The two counties, made anew for each test."""

from __future__ import annotations

import pytest

from tests.access.visible_rows.scene import Scene
from tests.small_county import SmallCounty


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)
