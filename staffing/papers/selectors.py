"""Whose papers are due, overdue or missing: of whoever holds a post, or soon will; set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    DateField,
    Exists,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.access.permissions import Permission
from accounts.models import User
from kindergartens.models import Kindergarten
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Post,
    StaffMember,
)
from staffing.models.appointments import AppointmentQuerySet
from staffing.models.recorded import OfAppointmentQuerySet
from staffing.papers.asked import REMINDED, Rows, reminded
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.rules import (
    REMINDED_WITHIN,
    WITHOUT_DAY,
    Span,
    first_and_last,
    span_of,
)
from staffing.roster.selectors import StaffFilter

REMINDED_LABELS: Mapping[str, str] = {
    "health": "健康检查", "background": "背景查询", "contract": "合同", "certificate": "证书",
}  # fmt: skip
SPAN_LABELS: Mapping[Span, str] = {
    Span.UNFIT: "不能在岗", Span.OVERDUE: "已过期", Span.WITHIN_7: "7天内到期",
    Span.WITHIN_30: "8至30天内到期", Span.WITHIN_60: "31至60天内到期", Span.MISSING: "缺",
    Span.UNFILED: "未备案",
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


def _left_on(today: dt.date) -> Any:
    """When the person was last without any post in the kindergarten; before every paper, if never.

    Whoever comes back is asked again what is asked before hiring, and signs anew.
    """
    there = (
        Appointment.objects.unscoped("earlier posts of those in hand, in the same kindergarten")
        .standing()
        .filter(person=OuterRef("person"), kindergarten=OuterRef("kindergarten"))
        .order_by("-ended_on")
    )
    goes_on = there.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=OuterRef("ended_on")),
        started_on__lte=OuterRef("ended_on"),
    )
    ends = there.filter(~Exists(goes_on.order_by()), ended_on__lte=today).values("ended_on")
    return Coalesce(Subquery(ends[:1]), Value(dt.date.min, output_field=DateField()))


def posts_asked(user: User, today: dt.date, asked: DueFilter | None = None) -> AppointmentQuerySet:
    """Posts whose holders papers are asked of: those of today, and those agreed ahead.

    A query and a health check come before the first day (学前教育法 Art 44, 45).
    """
    posts: Any = Appointment.objects.visible_to(user).not_over(today).order_by()
    posts = posts.annotate(left_on=_left_on(today))
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


# Where a row of the kind has a detail, how it stands, whatever its last day.
SPAN_BY_DETAIL: Mapping[str, Span] = {"health": Span.UNFIT, "contract": Span.UNFILED}


def _by_detail(kind: str) -> Q:
    return Q(kind=kind) & ~Q(detail="")


def _in_span(span: Span, today: dt.date) -> Q:
    """The same as `_span_of_row`, in the database."""
    told = Q()
    for kind, other in SPAN_BY_DETAIL.items():
        if other is span:
            return _by_detail(kind)
        told |= _by_detail(kind)
    if span in WITHOUT_DAY:
        return Q(until__isnull=True) & ~told
    return Q(until__range=first_and_last(span, today)) & ~told


def _span_of_row(row: Mapping[str, Any], today: dt.date) -> Span:
    told = SPAN_BY_DETAIL.get(row["kind"]) if row["detail"] else None
    return told or span_of(row["until"], today)


def _in_any_span(today: dt.date) -> Q:
    return Q(until__isnull=True) | Q(until__lte=today + REMINDED_WITHIN)


@dataclass(frozen=True)
class Due:
    """One paper of one person in one kindergarten. `until` None: there is none at all."""

    person: StaffMember
    kindergarten: Kindergarten
    kind: str
    # Kind and stage of a certificate; of a health check what it said, where that is not 合格; the
    # key of a contract that is to be filed.
    detail: str
    until: dt.date | None
    span: Span


def due(user: User, asked: DueFilter, today: dt.date) -> Rows:
    """Rows of `Due` without their objects (see `met`): by last day, what is missing at the end."""
    posts = posts_asked(user, today, asked)
    lists = []
    for kind, ways in reminded(user).items():
        if asked.kind in {"", kind}:
            wanted = _in_span(Span(asked.span), today) if asked.span else _in_any_span(today)
            lists += [rows(posts, today).filter(wanted) for rows in ways]
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
            row["until"], _span_of_row(row, today),
        )
        for row in rows
    ]  # fmt: skip


def due_counts(
    user: User, posts: AppointmentQuerySet, today: dt.date
) -> dict[str, dict[Span, int]]:
    """By kind and span, how many papers of those who hold these `posts_asked`. Six queries."""
    wanted = {
        span.value: Count("person", filter=_in_span(span, today)) for span in SPAN_LABELS
    }  # fmt: skip
    counts = {}
    for kind, ways in reminded(user).items():
        found = [
            rows(posts, today).filter(_in_any_span(today)).aggregate(**wanted) for rows in ways
        ]
        counts[kind] = {span: sum(one[span.value] for one in found) for span in SPAN_LABELS}
    return counts


def spans_in(
    user: User, today: dt.date, kindergarten: Kindergarten, kind: str
) -> dict[int, tuple[Span, dt.date | None]]:
    """Of one kindergarten by person: how a kind of paper stands, and until when it is good."""
    posts = posts_asked(user, today).filter(kindergarten=kindergarten)
    return {
        row["person"]: (_span_of_row(row, today), row["until"])
        for row in reminded(user)[kind][0](posts, today)
    }


def spans_of(user: User, today: dt.date, person: StaffMember) -> dict[str, Span]:
    """Of one person by kind of paper: the worst of the kindergartens the person works in."""
    posts = posts_asked(user, today).filter(person=person)
    worst = list(Span)
    found: dict[str, Span] = {}
    for kind in ("health", "background", "contract"):
        spans = [_span_of_row(row, today) for row in reminded(user)[kind][0](posts, today)]
        if spans:
            found[kind] = min(spans, key=worst.index)
    return found


# ---- of whom a query found something -----------------------------------------------------------


def queries_that_found(user: User) -> OfAppointmentQuerySet[BackgroundQuery]:
    """Standing ones in one's area; nothing for those who may not read of it.

    A later one that found nothing does not take them away: only who withdraws them does.
    """
    queries = BackgroundQuery.objects.visible_to(user).standing()
    if not KINDS["background"].may_read_result(user):
        return queries.none()
    return queries.filter(result=BackgroundQuery.Result.FOUND)


def found_people(user: User, kindergarten: Kindergarten) -> set[int]:
    """Keys of the people of whom a query of one kindergarten found something."""
    queries = queries_that_found(user).filter(appointment__kindergarten=kindergarten)
    return set(queries.order_by().values_list("appointment__person", flat=True))


def found_in_post(user: User, today: dt.date) -> Rows:
    """Posts not over of people of whom a query found something: they must go (学前教育法 Art 44).

    With `queried_on`, of the newest such query.
    """
    found = queries_that_found(user).filter(appointment__person=OuterRef("person"))
    posts: Rows = (
        Appointment.objects.visible_to(user)
        .not_over(today)
        .annotate(queried_on=Subquery(found.order_by("-queried_on").values("queried_on")[:1]))
        .filter(queried_on__isnull=False)
    )
    return posts.select_related("person", "kindergarten").order_by(
        "kindergarten__code", "person__name", "pk"
    )


# ---- what is the county's alone ----------------------------------------------------------------

THE_HEADS = "园长的背景查询和师德由区县教育局登记和撤销，请联系教育局。"


def left_to_county(kind: PaperKind, by: User, today: dt.date) -> set[int]:
    """People whose papers of this kind `by` does not record: whoever is 园长 there, or soon will be."""
    if not kind.heads_by_county or by.can(Permission.MANAGE_REGISTRY):
        return set()
    heads = Appointment.objects.visible_to(by).not_over(today).filter(post=Post.PRINCIPAL)
    return set(heads.order_by().values_list("person", flat=True))
