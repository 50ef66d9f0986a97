"""A town's own table: its counted kindergartens, the same on the page and in the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Region, User
from indicators.models import KindergartenFacts
from kindergartens.models import KindergartenStatus
from reports.dashboards import selectors

Ownership = KindergartenStatus.Ownership


@dataclass(frozen=True)
class TownLine:
    """One counted kindergarten. `code` is None, `readable` False where the person may not look."""

    facts: KindergartenFacts
    nature: str
    code: str | None
    readable: bool


def nature(facts: KindergartenFacts) -> str:
    """办园性质 as registered; where the kindergarten is counted otherwise, that too."""
    ownership = Ownership(facts.ownership)
    if facts.counts_public != (ownership is Ownership.PUBLIC):
        return f"{ownership.label}（{'计入' if facts.counts_public else '不计入'}公办）"
    if facts.counts_inclusive != (ownership is not Ownership.NON_INCLUSIVE_PRIVATE):
        return f"{ownership.label}（{'计入' if facts.counts_inclusive else '不计入'}普惠）"
    return str(ownership.label)


def town_lines(user: User, town: Region, month: dt.date) -> list[TownLine]:
    """The kindergartens whose returns are counted, with links only to what the person may read.

    One that has moved away since is another town's to look after; its return stays here.
    """
    counted = selectors.kindergartens_of_town(town, month)
    codes = selectors.kindergarten_codes(user, [row.kindergarten_id for row in counted])
    readable = selectors.readable_filings(user, [row.filing_version.filing_id for row in counted])
    return [
        TownLine(
            facts=row,
            nature=nature(row),
            code=codes.get(row.kindergarten_id),
            readable=row.filing_version.filing_id in readable,
        )
        for row in counted
    ]
