"""Whose papers are due, overdue or missing: of whoever holds a post today, set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from kindergartens.models import Kindergarten
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Contract,
    Establishment,
    HealthCheck,
    StaffMember,
)
from staffing.models.appointments import AppointmentQuerySet
from staffing.models.recorded import one_year_after
from staffing.papers.rules import REMINDED_WITHIN, Span, first_and_last, span_of
from staffing.roster.selectors import StaffFilter

Rows = QuerySet[Any, Any]
# A contract without an end, a certificate for good.
NO_END = Value(dt.date.max, output_field=DateField())
# What is not valid although it is dated is overdue from its own day on.
DAY_BEFORE = Func(F("checked_on"), template="(%(expressions)s - 1)", output_field=DateField())


def _of(posts: Rows, kind: str, until: Any, detail: Any = None) -> Rows:
    """One row a person and kindergarten: until when the paper is good; null: there is none."""
    return (
        posts.annotate(kind=Value(kind), detail=Value("") if detail is None else detail)
        .annotate(until=until)
        .values("person", "kindergarten", "kind", "detail", "until")
        .distinct()
    )


def _health(posts: Rows) -> Rows:
    """The newest check speaks: one that is not 合格 takes an earlier one's place."""
    good_until = Case(
        When(result=HealthCheck.Result.FIT, then=one_year_after("checked_on")),
        default=DAY_BEFORE,
        output_field=DateField(),
    )
    checks = HealthCheck.objects.standing().filter(person=OuterRef("person"))
    newest = checks.order_by("-checked_on", "-pk").annotate(until=good_until)
    other_than_fit = checks.order_by("-checked_on", "-pk").annotate(
        said=Case(When(result=HealthCheck.Result.FIT, then=Value("")), default="result")
    )
    return _of(
        posts, "health", Subquery(newest.values("until")[:1]),
        detail=Coalesce(Subquery(other_than_fit.values("said")[:1]), Value("")),
    )  # fmt: skip


def _background(posts: Rows) -> Rows:
    queries = BackgroundQuery.objects.standing().filter(
        appointment__person=OuterRef("person"), appointment__kindergarten=OuterRef("kindergarten")
    )
    newest = queries.order_by("-queried_on").annotate(until=one_year_after("queried_on"))
    return _of(posts, "background", Subquery(newest.values("until")[:1]))


def _contract(posts: Rows) -> Rows:
    """Whoever a company sends has the contract with the company, and is not asked for one."""
    contracts = Contract.objects.standing().filter(
        appointment__person=OuterRef("person"), appointment__kindergarten=OuterRef("kindergarten")
    )
    ends = contracts.annotate(until=Coalesce("valid_until", NO_END)).order_by("-until")
    own = posts.exclude(establishment=Establishment.PURCHASED)
    return _of(own, "contract", Subquery(ends.values("until")[:1]))


def _certificate(posts: Rows) -> Rows:
    """Of each kind of certificate the one that is good longest; whether one is asked is 持证."""
    return (
        posts.filter(person__certificates__withdrawn_at__isnull=True)
        .annotate(kind=Value("certificate"), detail=F("person__certificates__kind"))
        .values("person", "kindergarten", "kind", "detail")
        .annotate(
            for_good=BoolOr(Q(person__certificates__valid_until__isnull=True)),
            until=Max("person__certificates__valid_until"),
        )
        .filter(for_good=False)
        .values("person", "kindergarten", "kind", "detail", "until")
    )


REMINDED: Mapping[str, Callable[[Rows], Rows]] = {
    "health": _health, "background": _background, "contract": _contract,
    "certificate": _certificate,
}  # fmt: skip
REMINDED_LABELS: Mapping[str, str] = {
    "health": "健康检查", "background": "背景查询", "contract": "合同", "certificate": "证书",
}  # fmt: skip
SPAN_LABELS: Mapping[Span, str] = {
    Span.OVERDUE: "已过期", Span.WITHIN_7: "7天内到期", Span.WITHIN_30: "8至30天内到期",
    Span.WITHIN_60: "31至60天内到期", Span.MISSING: "缺",
}  # fmt: skip


@dataclass(frozen=True)
class DueFilter:
    """What the list was asked for. Unknown values are dropped, never an error."""

    kind: str = ""
    span: str = ""
    kindergarten: str = ""
    region: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> DueFilter:
        place = StaffFilter.from_query(query)
        kind, span = query.get("kind", ""), query.get("span", "")
        return cls(
            kind if kind in REMINDED else "",
            span if span in {one.value for one in SPAN_LABELS} else "",
            place.kindergarten,
            place.region,
        )

    @property
    def narrows(self) -> bool:
        return any(vars(self).values())


def posts_today(user: User, today: dt.date, asked: DueFilter | None = None) -> AppointmentQuerySet:
    posts: Any = Appointment.objects.visible_to(user).held_on(today).order_by()
    if asked is None:
        return posts
    if asked.kindergarten:
        posts = posts.filter(
            Q(kindergarten__name__icontains=asked.kindergarten)
            | Q(kindergarten__code=asked.kindergarten)
        )
    if asked.region:
        town = "kindergarten__organisation__region"
        posts = posts.filter(
            Q(**{f"{town}__code": asked.region}) | Q(**{f"{town}__county__code": asked.region})
        )
    return posts


def _in_span(span: Span, today: dt.date) -> Q:
    if span is Span.MISSING:
        return Q(until__isnull=True)
    return Q(until__range=first_and_last(span, today))


def _in_any_span(today: dt.date) -> Q:
    return Q(until__isnull=True) | Q(until__lte=today + REMINDED_WITHIN)


@dataclass(frozen=True)
class Due:
    """One paper of one person in one kindergarten. `until` None: there is none at all."""

    person: StaffMember
    kindergarten: Kindergarten
    kind: str
    # The kind of certificate; of a health check what it said, where that is not 合格.
    detail: str
    until: dt.date | None
    span: Span


def due(user: User, asked: DueFilter, today: dt.date) -> Rows:
    """Rows of `Due` without their objects (see `met`): by last day, what is missing at the end."""
    posts = posts_today(user, today, asked)
    lists = []
    for kind, rows in REMINDED.items():
        if asked.kind in {"", kind}:
            wanted = _in_span(Span(asked.span), today) if asked.span else _in_any_span(today)
            lists.append(rows(posts).filter(wanted))
    together = lists[0].union(*lists[1:], all=True) if len(lists) > 1 else lists[0]
    return together.order_by("until", "kindergarten", "person", "kind", "detail")


def met(user: User, rows: list[dict[str, Any]], today: dt.date) -> list[Due]:
    """A page of `due` with its people and kindergartens. Two queries."""
    people = StaffMember.objects.visible_to(user).in_bulk([row["person"] for row in rows])
    places = (
        Kindergarten.objects.visible_to(user)
        .select_related("organisation__region__county")
        .in_bulk([row["kindergarten"] for row in rows])
    )
    return [
        Due(
            people[row["person"]], places[row["kindergarten"]], row["kind"], row["detail"],
            row["until"], span_of(row["until"], today),
        )
        for row in rows
    ]  # fmt: skip


def due_counts(posts: AppointmentQuerySet, today: dt.date) -> dict[str, dict[Span, int]]:
    """By kind and span, how many papers of those who hold these posts. A query a kind."""
    return {
        kind: {
            Span(span): number
            for span, number in rows(posts)
            .filter(_in_any_span(today))
            .aggregate(
                **{
                    span.value: Count("person", filter=_in_span(span, today))
                    for span in SPAN_LABELS
                }
            )
            .items()
        }
        for kind, rows in REMINDED.items()
    }


def spans_in(
    user: User, today: dt.date, kindergarten: Kindergarten, kind: str
) -> dict[int, tuple[Span, dt.date | None]]:
    """Of one kindergarten by person: how a kind of paper stands, and until when it is good."""
    posts = posts_today(user, today).filter(kindergarten=kindergarten)
    return {
        row["person"]: (span_of(row["until"], today), row["until"]) for row in REMINDED[kind](posts)
    }


def spans_of(user: User, today: dt.date, person: StaffMember) -> dict[str, Span]:
    """Of one person by kind of paper: the worst of the kindergartens the person works in."""
    posts = posts_today(user, today).filter(person=person)
    worst = list(Span)
    found: dict[str, Span] = {}
    for kind in ("health", "background", "contract"):
        spans = [span_of(row["until"], today) for row in REMINDED[kind](posts)]
        if spans:
            found[kind] = min(spans, key=worst.index)
    return found
