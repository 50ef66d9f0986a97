"""What is known of a kindergarten's approved posts and of its pay, of one and of a list of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from kindergartens.models import Kindergarten, KindergartenStatus
from staffing.establishment.rules import Paid, Posts, together
from staffing.models import Appointment, PayRecord, PostQuota

# The figures take the newest year of so many before the statistical date's.
YEARS_BACK = 2
SUBSTITUTES = Q(post="full_time_teacher") & ~Q(establishment="established")


@dataclass(frozen=True)
class PaidYear:
    """One year of one kindergarten."""

    year: int
    established: Paid
    other: Paid
    rows: dict[tuple[str, str], Paid]


def years_of(user: User, kindergarten: Kindergarten) -> list[PaidYear]:
    """Recorded years, the newest first. One query."""
    rows = PayRecord.objects.visible_to(user).filter(kindergarten=kindergarten).order_by("pk")
    by_year: dict[int, dict[tuple[str, str], Paid]] = defaultdict(dict)
    for row in rows:
        by_year[row.year][row.kind, row.title] = Paid(row.heads, row.yuan)
    return [_year(year, by_year[year]) for year in sorted(by_year, reverse=True)]


def _year(year: int, rows: dict[tuple[str, str], Paid]) -> PaidYear:
    return PaidYear(
        year,
        together(paid for (kind, _), paid in rows.items() if kind == PayRecord.Kind.ESTABLISHED),
        together(paid for (kind, _), paid in rows.items() if kind != PayRecord.Kind.ESTABLISHED),
        rows,
    )


def posts_of(kindergartens: Collection[int], day: dt.date) -> dict[int, Posts]:
    """By kindergarten, of those in hand: quota in force, people on the roster that day. Two queries.

    Where nobody stands on the roster, nobody knows who holds the posts.
    """
    in_hand = "of the kindergartens in hand"
    quotas = dict(
        PostQuota.objects.unscoped(in_hand)
        .in_force(day)
        .filter(kindergarten__in=kindergartens)
        .values_list("kindergarten", "posts")
    )
    held = {
        row["kindergarten"]: row
        for row in Appointment.objects.unscoped(in_hand)
        .held_on(day)
        .filter(kindergarten__in=kindergartens)
        .order_by()
        .values("kindergarten")
        .annotate(
            established=Count("person", distinct=True, filter=Q(establishment="established")),
            substitutes=Count("person", distinct=True, filter=SUBSTITUTES),
        )
    }
    found = {}
    for pk in kindergartens:
        row = held.get(pk)
        found[pk] = Posts(
            quotas.get(pk),
            row["established"] if row else None,
            row["substitutes"] if row else None,
        )
    return found


def newest_pay(kindergartens: Iterable[int], year: int) -> dict[int, PaidYear]:
    """By kindergarten the newest recorded of the years before `year`. One query."""
    rows = (
        PayRecord.objects.unscoped("of the kindergartens in hand")
        .filter(kindergarten__in=kindergartens, year__lt=year, year__gte=year - YEARS_BACK)
        .order_by("year")
        .values("kindergarten", "year", "kind")
        .annotate(heads=Sum("heads"), yuan=Sum("yuan"))
    )
    by_place: dict[int, dict[int, dict[tuple[str, str], Paid]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in rows:
        year_of = by_place[row["kindergarten"]][row["year"]]
        year_of[row["kind"], ""] = Paid(row["heads"], row["yuan"])
    return {pk: _year(max(years), years[max(years)]) for pk, years in by_place.items()}


def public_kindergartens(user: User, day: dt.date) -> QuerySet[Kindergarten]:
    """Public ones that run on the day, by place."""
    public = KindergartenStatus.objects.on(day).filter(
        counts_public=True, operating_state="operating"
    )
    return (
        Kindergarten.objects.visible_to(user)
        .filter(pk__in=public.values("kindergarten"))
        .select_related("organisation__region__county")
        .order_by("organisation__region__code", "code")
    )


def is_public(kindergarten: Kindergarten, day: dt.date) -> bool:
    return kindergarten.statuses.on(day).filter(counts_public=True).exists()
