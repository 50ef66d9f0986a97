"""The lines of a plan with what they come to, by post and together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from staffing.models import RecruitmentLine
from staffing.recruitment.rules import Line, Total, total


@dataclass(frozen=True)
class Row:
    line: RecruitmentLine
    counts: Line


def years(user: User) -> list[int]:
    """Years that have lines, the newest first."""
    rows = RecruitmentLine.objects.visible_to(user).standing().order_by("-year")
    return list(rows.values_list("year", flat=True).distinct())


def lines_of(user: User, year: int) -> Any:
    """Not read yet."""
    return (
        RecruitmentLine.objects.visible_to(user)
        .standing()
        .filter(year=year)
        .select_related("county", "town")
        .order_by("county__code", "pk")
    )


def row_of(line: RecruitmentLine) -> Row:
    return Row(line, Line(line.gap, line.planned, line.hired, line.yearly_cost_yuan))


def by_post(rows: Iterable[Row]) -> list[tuple[str, Total]]:
    """(post in words, its sums), in the order of the posts; those without lines are left out."""
    found = list(rows)
    sums = [
        (str(post.label), [row.counts for row in found if row.line.post == post])
        for post in RecruitmentLine.Post
    ]
    return [(label, total(counts)) for label, counts in sums if counts]
