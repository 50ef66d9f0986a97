"""What the law wants of kindergartens without anybody having asked, and is not there (该报未报)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.roles import RoleCode
from accounts.models import Membership
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import unpublished_years
from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.models import Kindergarten, KindergartenStatus, Procedure
from kindergartens.procedures import rules
from kindergartens.procedures.kinds import kind_in
from kindergartens.procedures.selectors import RECOGNITION_ENDS_WITHIN

OF_THESE = "of kindergartens in hand"
# Those a list is asked for: whom a person sees, of a group where one is chosen.
Kindergartens = QuerySet[Kindergarten]


@dataclass(frozen=True)
class Seen:
    """A return that something owed was seen in, with what it says."""

    filing: int
    version: int
    says: str


@dataclass(frozen=True)
class Owed:
    """What the law wants of a kindergarten and is not there: which kind, until when, how late."""

    kindergarten: Kindergarten
    kind: str
    what: str
    due_on: dt.date
    days_over: int
    # Computed over a year whose holidays nobody has published yet.
    provisional: bool = False
    # The returns it was seen in, the earlier first; none where no return tells it.
    returns: tuple[Seen, ...] = ()

    @property
    def is_overdue(self) -> bool:
        return self.days_over > 0


def yearly_owed(code: str, of: Kindergartens, *, today: dt.date) -> list[Owed]:
    """Private kindergartens that ran last year and have not handed in what a kind wants of a year.

    The audit (Law Art 70) and the yearly check (实施条例 Art 47).

    Whatever changed since: one that is not private or closed today is left out, for it can hand
    none in.
    """
    year = today.year - 1
    private = KindergartenStatus.objects.filter(
        kindergarten=OuterRef("pk"), sponsor_type__in=PRIVATE_SPONSORS
    )
    ran = private.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=dt.date(year, 1, 1)),
        operating_state=KindergartenStatus.OperatingState.OPERATING,
        valid_from__lte=dt.date(year, 12, 31),
    )
    is_there = private.on(today).exclude(operating_state=KindergartenStatus.OperatingState.CLOSED)
    handed_in = Procedure.objects.filter(
        kindergarten=OuterRef("pk"), kind=code, details__year=year
    ).exclude(state__in=[Procedure.State.REFUSED, Procedure.State.WITHDRAWN])
    rows = (
        of.filter(Exists(ran), Exists(is_there), ~Exists(handed_in))
        .select_related("organisation__region__county")
        .order_by("organisation__region__code", "code")
    )
    owed = []
    for kindergarten in rows:
        kind = kind_in(code, kindergarten.organisation.region.code)
        due = rules.yearly_due(year, kind.yearly)
        what = f"{year}{kind.name}" if kind.name.startswith("年度") else f"{year}年度{kind.name}"
        owed.append(Owed(kindergarten, code, what, due, rules.days_over(due, today)))
    return owed


def directors_owed(of: Kindergartens, *, today: dt.date) -> list[Owed]:
    """Kindergartens whose director changed within the year without a filing (Law Art 38), by accounts.

    For those that keep no roster: staffing.owed asks.
    """
    posts = (
        Membership.objects.unscoped(OF_THESE)
        .own()
        .in_force(today)
        .filter(role=RoleCode.DIRECTOR, valid_from__gt=today - dt.timedelta(days=365))
    )
    earlier = Membership.objects.own().filter(
        role=RoleCode.DIRECTOR,
        organisation=OuterRef("organisation"),
        valid_from__lt=OuterRef("valid_from"),
    )
    began = dict(
        # Of several within the year the newest, which the last one of a key in a dict is.
        posts.filter(Exists(earlier), organisation__in=of.values("organisation"))
        .order_by("valid_from")
        .values_list("organisation", "valid_from")
    )
    if not began:
        return []
    rows = of.filter(organisation__in=began)
    filed: dict[int, list[dt.date | None]] = {}
    for key, day in (
        Procedure.objects.unscoped(OF_THESE)
        .filter(kind="director_change", kindergarten__in=rows)
        .exclude(state__in=[Procedure.State.REFUSED, Procedure.State.WITHDRAWN])
        .values_list("kindergarten", "occurred_on")
    ):
        filed.setdefault(key, []).append(day)
    owed = []
    for kindergarten in rows.select_related("organisation__region__county").order_by("code"):
        since = began[kindergarten.organisation_id]
        near = since - dt.timedelta(days=62)
        if any(day and day >= near for day in filed.get(kindergarten.pk, [])):
            continue
        kind = kind_in("director_change", kindergarten.organisation.region.code)
        report = kind.report
        due = rules.by(since, working_calendar(), **report.lengths) if report else since
        owed.append(
            Owed(kindergarten, "director_change", "园长变更备案", due, rules.days_over(due, today))
        )
    return owed


LICENCE_ENDS_WITHIN = dt.timedelta(days=120)


def licences_ending(of: Kindergartens, *, today: dt.date) -> list[Owed]:
    """Running kindergartens whose licence is to be renewed soon, without a renewal under way.

    `due_on` is until when it is to be asked for: so many days before the licence ends as the kind
    says.
    """
    running = KindergartenStatus.objects.on(today).filter(
        kindergarten=OuterRef("pk"), operating_state=KindergartenStatus.OperatingState.OPERATING
    )
    asked = Procedure.objects.filter(
        kindergarten=OuterRef("pk"), kind="licence_renewal", state__in=Procedure.OPEN
    )
    rows = (
        of.filter(Exists(running), ~Exists(asked), licence_until__lte=today + LICENCE_ENDS_WITHIN)
        .select_related("organisation__region__county")
        .order_by("licence_until", "code")
    )
    owed = []
    for kindergarten in rows:
        before = kind_in("licence_renewal", kindergarten.organisation.region.code).before
        ends = kindergarten.licence_until
        if ends is None or before is None:
            continue
        due = rules.before(ends, working_calendar(), **before.lengths)
        what = f"许可证{ends.year}年{ends.month}月{ends.day}日到期"
        unknown = unpublished_years(due, ends, working_calendar())
        owed.append(
            Owed(
                kindergarten, "licence_renewal", what, due, rules.days_over(due, today),
                # Of a day that is over nothing comes any more that could move it.
                provisional=bool(unknown and before.working_days and due >= today),
            )
        )  # fmt: skip
    return owed


def recognitions_ending(of: Kindergartens, *, today: dt.date) -> list[Owed]:
    """Inclusive private kindergartens whose recognition runs out soon or has, the nearest first."""
    rows = (
        KindergartenStatus.objects.unscoped(OF_THESE)
        .on(today)
        .filter(
            kindergarten__in=of.values("pk"),
            ownership=KindergartenStatus.Ownership.INCLUSIVE_PRIVATE,
            recognised_until__lte=today + RECOGNITION_ENDS_WITHIN,
        )
        .select_related("kindergarten__organisation__region")
        .order_by("recognised_until", "kindergarten__code")
    )
    return [
        Owed(row.kindergarten, "recognition", "普惠认定到期", day, rules.days_over(day, today))
        for row in rows
        if (day := row.recognised_until) is not None
    ]


@dataclass(frozen=True)
class Listed:
    """One of the lists: its name, what it says beside its number, and its rows.

    `rows` takes the kindergartens, and by keyword who asks (`by`) and `today`.
    """

    title: str
    rows: Callable[..., list[Owed]]
    note: str = ""


def _for_anybody(rows: Callable[..., list[Owed]]) -> Callable[..., list[Owed]]:
    """Of a list that reads only what is seen with the kindergarten itself, whoever asks."""
    return lambda of, *, by, today: rows(of, today=today)


# Those that the registry, the posts and the procedures tell by themselves.
LISTS: Mapping[str, Listed] = {
    "licences": Listed(
        "办学许可证快到期", _for_anybody(licences_ending),
        f"{LICENCE_ENDS_WITHIN.days}天内到期、还没有申请延续",
    ),
    "recognitions": Listed(
        "普惠认定快到期", _for_anybody(recognitions_ending),
        f"{RECOGNITION_ENDS_WITHIN.days}天内到期",
    ),
    "checks": Listed("民办园年度检查没有报", _for_anybody(partial(yearly_owed, "annual_check"))),
    "audits": Listed(
        "民办园年度审计报告没有交", _for_anybody(partial(yearly_owed, "annual_audit"))
    ),
}  # fmt: skip
