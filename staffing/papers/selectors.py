"""Whose papers are due, overdue or missing: of whoever holds a post, or soon will; set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
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
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.access.permissions import Permission
from accounts.models import User
from kindergartens.models import Kindergarten
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Certificate,
    Contract,
    Establishment,
    HealthCheck,
    Post,
    StaffMember,
)
from staffing.models.appointments import AppointmentQuerySet
from staffing.models.recorded import OfAppointmentQuerySet, one_year_after
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.rules import (
    REMINDED_WITHIN,
    WITHOUT_DAY,
    Span,
    first_and_last,
    span_of,
)
from staffing.roster.rules import KINDS_FOR, KINDS_THAT_MATTER, YEARS_COUNT_IN
from staffing.roster.selectors import StaffFilter

Rows = QuerySet[Any, Any]
# A contract without an end, a certificate for good.
NO_END = Value(dt.date.max, output_field=DateField())
NO_DAY = Cast(Value(None), DateField())
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


def _any_health(posts: Rows, today: dt.date) -> Rows:
    """For whoever is not told results: every check looks as if it had been passed."""
    checks = HealthCheck.objects.standing().filter(person=OuterRef("person"))
    newest = checks.order_by("-checked_on", "-pk").annotate(until=one_year_after("checked_on"))
    return _of(posts, "health", Subquery(newest.values("until")[:1]))


def _health(posts: Rows, today: dt.date) -> Rows:
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


def _background(posts: Rows, today: dt.date) -> Rows:
    queries = BackgroundQuery.objects.standing().filter(
        appointment__person=OuterRef("person"), appointment__kindergarten=OuterRef("kindergarten"),
        queried_on__gte=OuterRef("left_on"),
    )  # fmt: skip
    newest = queries.order_by("-queried_on").annotate(until=one_year_after("queried_on"))
    return _of(posts, "background", Subquery(newest.values("until")[:1]))


def _contracts() -> Rows:
    return (
        Contract.objects.standing()
        .filter(
            appointment__person=OuterRef("person"),
            appointment__kindergarten=OuterRef("kindergarten"),
            signed_on__gte=OuterRef("left_on"),
        )
        .annotate(until=Coalesce("valid_until", NO_END))
        .order_by("-until", "-pk")
    )


def _contract(posts: Rows, today: dt.date) -> Rows:
    """Whoever a company sends has the contract with the company, and is not asked for one."""
    ends = _contracts()
    own = posts.exclude(establishment=Establishment.PURCHASED)
    return _of(own, "contract", Subquery(ends.values("until")[:1]))


def _unfiled(posts: Rows, today: dt.date) -> Rows:
    """学前教育法 Art 43: contracts that are not over and not filed; `detail` is the contract's key.

    A 劳务协议 is neither 劳动合同 nor 聘用合同, which the clause names.
    """
    to_file = (
        _contracts()
        .filter(filed_on__isnull=True, until__gte=today)
        .exclude(kind=Contract.Kind.SERVICE)
        .annotate(key=Cast("pk", CharField()))
    )
    own = posts.exclude(establishment=Establishment.PURCHASED).filter(Exists(to_file.order_by()))
    return _of(own, "contract", NO_DAY, Subquery(to_file.values("key")[:1]))


def _certificate(posts: Rows, today: dt.date) -> Rows:
    """Of each kind and stage that matters to a post the certificate that is good longest."""
    certificate = "person__certificates"
    matters = Q()
    for post, kinds in KINDS_THAT_MATTER.items():
        matters |= Q(**{"post": post, f"{certificate}__kind__in": sorted(kinds)})
    return (
        posts.filter(matters, **{f"{certificate}__withdrawn_at__isnull": True})
        .annotate(
            kind=Value("certificate"),
            detail=Concat(f"{certificate}__kind", Value(" "), f"{certificate}__stage"),
        )
        .values("person", "kindergarten", "kind", "detail")
        .annotate(
            for_good=BoolOr(Q(person__certificates__valid_until__isnull=True)),
            until=Max("person__certificates__valid_until"),
        )
        .filter(for_good=False)
        .values("person", "kindergarten", "kind", "detail", "until")
    )


def _uncertified(posts: Rows, today: dt.date) -> Rows:
    """没有持证 in a post that asks for it, where no expired certificate says so already."""
    papers = Certificate.objects.unscoped("of the posts in hand").standing()
    renewed = papers.valid_on(today).filter(
        person=OuterRef("person"), kind=OuterRef("kind"), stage=OuterRef("stage")
    )
    expired = papers.filter(person=OuterRef("person"), valid_until__lt=today).filter(
        ~Exists(renewed.order_by())
    )
    said = Q(post__in=sorted(YEARS_COUNT_IN)) & Q(Exists(expired.filter(kind="teaching")))
    for post, kinds in KINDS_FOR.items():
        said |= Q(post=post) & Q(Exists(expired.filter(kind__in=sorted(kinds))))
    without: Any = posts
    without = without.with_certified(today).filter(certified=False).exclude(said)
    return _of(without, "certificate", NO_DAY)


Asked = Callable[[Rows, dt.date], Rows]
# By kind, what is asked of it; the first says of everybody how the paper stands.
REMINDED: Mapping[str, tuple[Asked, ...]] = {
    "health": (_health,), "background": (_background,), "contract": (_contract, _unfiled),
    "certificate": (_certificate, _uncertified),
}  # fmt: skip


def reminded(user: User) -> Mapping[str, tuple[Asked, ...]]:
    """How each kind is asked of: a result tells only those who may read it."""
    if KINDS["health"].may_read_result(user):
        return REMINDED
    return {**REMINDED, "health": (_any_health,)}


REMINDED_LABELS: Mapping[str, str] = {
    "health": "健康检查", "background": "背景查询", "contract": "合同", "certificate": "证书",
}  # fmt: skip
SPAN_LABELS: Mapping[Span, str] = {
    Span.UNFIT: "不能在岗", Span.OVERDUE: "已过期", Span.WITHIN_7: "7天内到期", Span.WITHIN_30: "8至30天内到期",
    Span.WITHIN_60: "31至60天内到期", Span.MISSING: "缺",
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
