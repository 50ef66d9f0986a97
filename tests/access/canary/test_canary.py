"""What each person receives is searched for marks planted in everyone's rows (security F1, AC-03)."""

from __future__ import annotations

import pytest

from tests.access.canary import asking
from tests.access.canary.asking import Leaks, askers, sweep
from tests.access.canary.world import Planted

# Within the planted world's transaction: each test is undone by itself.
pytestmark = pytest.mark.django_db

# Never fewer; raise it when rows are added to the table.
AT_LEAST = {"plain": 5_000, "query": 2_000, "body": 2_000}


def test_nobody_receives_what_is_not_theirs(planted: Planted) -> None:
    leaks = sweep(planted, askers(planted), asking.plain(planted), Leaks())
    print(f"canary, plain: {leaks.asked} cases, {dict(leaks.statuses)}, {len(leaks.seen)} marks")
    assert not leaks.broken, leaks.told()
    assert not leaks.found, leaks.told()
    assert leaks.asked >= AT_LEAST["plain"]
    # The pages were really there to be searched.
    assert leaks.statuses[200] > 500
    assert len(leaks.seen) > 100
