"""What is published of one kindergarten's staff: sums over its roster, never a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from kindergartens.models import Kindergarten
from kindergartens.selectors import licensed_and_running
from reports.disclosure.rules import Shares, published_certified, published_shares
from staffing.models import Appointment, Education, Post, Title

PUBLISHED = "what the law has published: names of kindergartens and sums over their rosters"


@dataclass(frozen=True)
class PostLine:
    """People in one post. `certified` None where it is not published; `asks` whether the law asks."""

    label: str
    people: int
    certified: int | None
    asks: bool

    @property
    def share(self) -> Decimal | None:
        """持证 ÷ 人数."""
        return None if self.certified is None else Decimal(self.certified) / self.people


@dataclass(frozen=True)
class Published:
    kindergarten: Kindergarten
    people: int
    posts: list[PostLine]
    education: Shares | None
    titles: Shares | None


def published(code: str, today: dt.date) -> Published | None:
    """Of a kindergarten that is licensed and runs on the day; None for any other code.

    Four queries.
    """
    found = (
        Kindergarten.objects.unscoped(PUBLISHED)
        .filter(licensed_and_running(today), code=code)
        .select_related("organisation__region__county")
        .first()
    )
    if found is None:
        return None
    rows: Any = Appointment.objects.unscoped(PUBLISHED).held_on(today).with_certified(today)
    rows = rows.filter(kindergarten=found).order_by()
    counted = {
        row["post"]: row
        for row in rows.values("post").annotate(
            people=Count("person", distinct=True),
            asks=Count("person", distinct=True, filter=Q(certified__isnull=False)),
            certified=Count("person", distinct=True, filter=Q(certified=True)),
        )
    }
    people = list(rows.values_list("person", "person__education", "person__title").distinct())
    return Published(
        found,
        len(people),
        [_line(str(label), counted[post]) for post, label in Post.choices if post in counted],
        published_shares(
            _by([education for _, education, _ in people]), [level.value for level in Education]
        ),
        published_shares(_by([title for _, _, title in people]), [one.value for one in Title]),
    )


def _line(label: str, row: dict[str, int]) -> PostLine:
    asks = bool(row["asks"])
    return PostLine(
        label, row["people"],
        published_certified(row["people"], row["certified"] if asks else None), asks,
    )  # fmt: skip


def _by(levels: list[str]) -> dict[str, int]:
    return {level: levels.count(level) for level in set(levels)}
