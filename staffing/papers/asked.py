"""What is asked of whoever holds a post: a kind of paper each, as rows of one shape; set-based.

A row: `person`, `kindergarten`, `kind`, `detail`, and `until`, the last day the paper is good;
null: there is none (staffing.papers.selectors tells them apart).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Case,
    CharField,
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

from accounts.models import User
from staffing.models import BackgroundQuery, Certificate, Contract, Establishment, HealthCheck
from staffing.models.recorded import one_year_after
from staffing.papers.kinds import KINDS
from staffing.roster.rules import KINDS_FOR, KINDS_THAT_MATTER, YEARS_COUNT_IN

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
