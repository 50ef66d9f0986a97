"""Population of a county, and the entrants to come."""

from __future__ import annotations

import datetime as dt

from kindergartens.population.selectors import entered
from tests.access.routes.case import BUREAU, EXPORTERS, READERS, Case

DAY = {"day": "2026-09-01", "base": "resident"}
CASES = [
    Case("population", READERS, strangers=200),
    Case("population-forecast", READERS, strangers=200),
    Case("population-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("population-edit", BUREAU, lambda w: [w.town.code], data=lambda w: DAY),
    Case(
        "population-edit",
        BUREAU,
        lambda w: [w.town.code],
        method="post",
        data=lambda w: {
            **DAY, "age3": 90, "age4": 95, "age5": 98, "source": "示例统计局", "reason": "示例更正",
            "seen": entered(w.town, day=dt.date(2026, 9, 1), base="resident").stamp,
        },
        status=302,
    ),
]  # fmt: skip
