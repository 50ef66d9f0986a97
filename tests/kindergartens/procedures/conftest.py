from __future__ import annotations

import pytest

from tests.kindergartens.procedures.scene import Scene
from tests.small_county import SmallCounty


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)
