"""Whole months served, by table."""

from __future__ import annotations

import datetime as dt

import pytest

from staffing.secondments.rules import months_served

D = dt.date


@pytest.mark.parametrize(
    ("started", "ended", "today", "months"),
    [
        (D(2026, 9, 1), D(2026, 10, 1), D(2026, 11, 5), 1),
        (D(2026, 9, 1), D(2026, 9, 30), D(2026, 11, 5), 0),
        (D(2025, 9, 1), D(2026, 7, 1), D(2026, 11, 5), 10),
        # Going on: today is served as well.
        (D(2026, 9, 1), None, D(2026, 9, 30), 1),
        (D(2026, 9, 1), None, D(2026, 9, 29), 0),
        (D(2026, 9, 15), None, D(2026, 11, 5), 1),
        # Ends later than today: only what was served.
        (D(2026, 9, 1), D(2027, 7, 1), D(2026, 11, 5), 2),
        # No 31st in the month: its last day is enough.
        (D(2026, 1, 31), D(2026, 2, 28), D(2026, 11, 5), 1),
        (D(2026, 1, 31), D(2026, 2, 27), D(2026, 11, 5), 0),
        (D(2024, 2, 29), D(2025, 2, 28), D(2026, 11, 5), 12),
        # Yet to begin.
        (D(2026, 12, 1), None, D(2026, 11, 5), 0),
        (D(2026, 11, 5), None, D(2026, 11, 5), 0),
    ],
)
def test_months_served(started, ended, today, months):
    assert months_served(started, ended, today) == months
