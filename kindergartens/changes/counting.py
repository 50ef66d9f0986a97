"""The rules of counting.toml: which sums a type of institution enters, where and from when."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from kindergartens.changes.rules import Counting, InstitutionType

FILE = Path(__file__).with_name("counting.toml")


@dataclass(frozen=True)
class CountingRule:
    """One rule; `region` is the beginning of the codes it holds for, "" for the nation."""

    type: str
    counting: Counting
    source: str
    region: str = ""
    valid_from: dt.date = dt.date.min


@cache
def all_rules() -> tuple[CountingRule, ...]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["rule"]
    return tuple(
        CountingRule(
            type=InstitutionType(row["type"]),
            counting=Counting(
                enrolment=row.get("enrolment", True),
                public=row.get("public"),
                inclusive=row.get("inclusive"),
                staff=row.get("staff", True),
            ),
            source=row["source"],
            region=row.get("region", ""),
            valid_from=row.get("from", dt.date.min),
        )
        for row in rows
    )


@lru_cache(4096)
def counting_of(
    institution_type: str,
    *,
    region_code: str,
    day: dt.date,
    rules: tuple[CountingRule, ...] | None = None,
) -> Counting:
    """The rule for a type of institution in a place on a day: the nearest, then the newest.

    A type without a rule counts as an independent kindergarten does.
    """
    fitting = [
        rule
        for rule in (all_rules() if rules is None else rules)
        if rule.type == institution_type
        and region_code.startswith(rule.region)
        and rule.valid_from <= day
    ]
    best = max(fitting, key=lambda rule: (len(rule.region), rule.valid_from), default=None)
    return best.counting if best else Counting()
