"""Who came, left and moved between classes since last month, against the two head-counts.

Only where last month's return was accepted and is of the month before: see Known.flows. When a
school year begins, last month's classes are those that moved up. Nursery classes take part, since
children move from them into 小班.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.filings.checks.catalogue import Finding, answers, found_by
from reports.filings.checks.rows import ClassRow, Known, Review
from reports.filings.checks.words import FLOWS

# Where children of a graduated 大班 stay another year (留级): none of them goes back to 小班 or 中班.
OLDEST = ("large", "mixed")


@answers("class_flow")
def class_flow(row: ClassRow, known: Known) -> Iterator[Finding]:
    """上月 + 入园 + 转入 − 离园 − 转出 = 本月; a class that is new had none last month."""
    flows = {column: row.cells[column].value for column in FLOWS}
    known_flows: dict[str, Any] = {
        column: value for column, value in flows.items() if value is not None
    }
    if not known.flows or row.children is None or len(known_flows) < len(FLOWS):
        return
    before = 0 if row.last is None else row.last.children
    came = known_flows["entered"] + known_flows["moved_in"]
    due = before + came - known_flows["departed"] - known_flows["moved_out"]
    if due != row.children:
        yield found_by(
            "class_flow",
            row.name,
            name=row.name or "这个班",
            before=before,
            due=due,
            children=row.children,
            **known_flows,
        )


@answers("moves_equal", "moves_from_vanished", "moves_over_summer", "stayed_on")
def moves_between_classes(found: Review, known: Known) -> Iterator[Finding]:
    """As many moved in as out; children of a class that is gone may be more that moved in.

    A graduated class is gone too: children who stay another year moved in from it, no more than
    moved into the oldest classes. Such children are unusual and asked about; without that bound
    a new 小班 could be typed as moved in.
    """
    if not known.flows:
        return
    moved_in, moved_out = (
        [row.cells[column].value for row in found.classes] for column in ("moved_in", "moved_out")
    )
    arrived = [value for value in moved_in if value is not None]
    gone_out = [value for value in moved_out if value is not None]
    if len(arrived) < len(moved_in) or len(gone_out) < len(moved_out):
        return
    names = {row.name_in_last for row in found.classes}
    gone = sum(row.children for name, row in known.last.items() if name not in names)
    into_oldest = sum(
        row.cells["moved_in"].value or 0 for row in found.classes if row.grade in OLDEST
    )
    stayed = min(known.graduates, into_oldest)
    figures: dict[str, Any] = {"moved_in": sum(arrived), "moved_out": sum(gone_out)}
    difference = figures["moved_in"] - figures["moved_out"]
    if not 0 <= difference <= gone + stayed:
        if known.graduates:
            yield found_by(
                "moves_over_summer", gone=gone, stayed=stayed, most=gone + stayed, **figures
            )
        elif gone:
            yield found_by("moves_from_vanished", gone=gone, **figures)
        else:
            yield found_by("moves_equal", **figures)
    elif difference > gone:
        yield found_by("stayed_on", stayed=difference - gone)
