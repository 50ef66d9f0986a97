"""What the pages of procedures show: lists, what is owed, who still counts how many children."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.models import Membership, User
from kindergartens.calendar.published import working_calendar
from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    Placement,
    Procedure,
    ProcedureEvent,
)
from kindergartens.procedures import rules
from kindergartens.procedures.kinds import all_kinds, kind_in

STOPPING = ("merger", "suspension", "closure")
OF_ALL = "kindergartens a person has chosen among those they see; only whether they run is said"


def detailed(rows: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """With whom and what a list shows, and `step_began_at`: when the clock of the step began."""
    last = ProcedureEvent.objects.filter(procedure=OuterRef("pk")).order_by("-at", "-pk")
    return rows.select_related(
        "county", "kindergarten__organisation__region", "asked_as__user", "asked_as__organisation"
    ).annotate(step_began_at=Subquery(last.values("at")[:1]))


def waiting_for(user: User) -> QuerySet[Procedure]:
    """Open procedures whose next step is the person's, the nearest deadline first.

    To check for officers, to decide for whom the kind names, to complete for who asked.
    """
    kinds = all_kinds()
    mine = Q(pk__in=[])
    if user.can(Permission.REVIEW_PROCEDURES):
        mine |= Q(state=Procedure.State.ASKED)
    if user.can(Permission.DECIDE_PROCEDURES) and user.acting is not None:
        leads = user.acting.role == RoleCode.BUREAU_LEADER
        fitting = [c for c, k in kinds.items() if k.decides == "second" or leads]
        mine |= Q(state=Procedure.State.CHECKED, kind__in=fitting)
    if user.can(Permission.ASK_PROCEDURES):
        mine |= Q(state=Procedure.State.RETURNED)
    mine &= ~Q(asked_as__user=user) | Q(state=Procedure.State.RETURNED)
    rows = Procedure.objects.visible_to(user).filter(mine)
    return rows.order_by(F("due_on").asc(nulls_last=True), "asked_at")


def children_last_counted(kindergarten: Kindergarten) -> int | None:
    """All children of the last accepted return, nursery too; None before the first."""
    version = (
        FilingVersion.objects.unscoped("of a kindergarten in hand")
        .filter(filing__kindergarten=kindergarten, version=F("filing__accepted_version"))
        .order_by("-filing__month")
        .first()
    )
    if version is None:
        return None
    total = version.classes.aggregate(n=Sum(F("boys") + F("girls")))["n"]
    return int(total or 0)


def _still_to_happen() -> Exists:
    """Of an approved procedure: its row of the status is there, so nobody took the change back."""
    return Exists(
        KindergartenStatus.objects.unscoped("whether a decided change still stands")
        .filter(
            kindergarten=OuterRef("kindergarten"),
            valid_from=OuterRef("effective_on"),
        )
        .exclude(operating_state=KindergartenStatus.OperatingState.OPERATING)
    )


def children_coming(kindergarten: Kindergarten) -> int:
    """Children whom decided closures of others place here, and no accepted return holds yet."""
    counted = (
        MonthlyFiling.objects.unscoped("of a kindergarten in hand")
        .filter(kindergarten=kindergarten, accepted_version__isnull=False)
        .aggregate(last=Max("period__reference_date"))["last"]
    )
    decided = Procedure.objects.unscoped(
        "what closures elsewhere decided for a kindergarten in hand"
    ).filter(
        _still_to_happen(),
        state=Procedure.State.APPROVED,
        placements__receiver=kindergarten,
    )
    if counted is not None:
        decided = decided.filter(effective_on__gt=counted)
    return int(
        Placement.objects.unscoped("children placed with a kindergarten in hand")
        .filter(receiver=kindergarten, procedure__in=decided.values("pk"))
        .aggregate(n=Sum("children"))["n"]
        or 0
    )


def counted_by_kindergarten(keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Children and classes (nursery too) of the last accepted return of each, where there is one."""
    # Read first: inside another query Django drops the order that DISTINCT ON goes by.
    newest = list(
        FilingVersion.objects.unscoped("of kindergartens in hand")
        .filter(filing__kindergarten__in=keys, version=F("filing__accepted_version"))
        .order_by("filing__kindergarten_id", "-filing__month")
        .distinct("filing__kindergarten_id")
        .values_list("pk", flat=True)
    )
    found: dict[int, tuple[int, int]] = {}
    rows = ClassCount.objects.unscoped("of kindergartens in hand").filter(filing_version__in=newest)
    for key, boys, girls in rows.values_list(
        "filing_version__filing__kindergarten", "boys", "girls"
    ):
        children, classes = found.get(key, (0, 0))
        found[key] = children + boys + girls, classes + 1
    return found


def not_receiving(keys: Sequence[int], *, day: dt.date | None) -> list[str]:
    """Names of those that do not run on a day (None: from now on), or stop later or are about to.

    One that is to stop after the day would only hand the children on again.
    """
    running = KindergartenStatus.objects.filter(
        kindergarten=OuterRef("pk"), operating_state=KindergartenStatus.OperatingState.OPERATING
    ).filter(Q(valid_to__isnull=True) | (Q(valid_to__gt=day) if day else Q(pk__in=[])))
    if day is not None:
        running = running.filter(valid_from__lte=day)
    stopping = Procedure.objects.filter(
        kindergarten=OuterRef("pk"), kind__in=STOPPING, state__in=Procedure.OPEN
    )
    stops = KindergartenStatus.objects.filter(kindergarten=OuterRef("pk")).exclude(
        operating_state=KindergartenStatus.OperatingState.OPERATING
    )
    stops = stops.filter(valid_from__gt=day) if day else stops.filter(valid_to__isnull=True)
    rows = Kindergarten.objects.unscoped(OF_ALL).filter(pk__in=keys)
    return list(
        rows.filter(~Exists(running) | Exists(stopping) | Exists(stops))
        .order_by("name")
        .values_list("name", flat=True)
    )


def mergers_under_way() -> dict[int, int]:
    """Who merges into whom, asked for or decided and not refused or taken back.

    A decided one whose change of the status was taken back is no merger any more.
    """
    rows = (
        Procedure.objects.unscoped("a ring of mergers is one whoever asked for its parts")
        .filter(Q(state__in=Procedure.OPEN) | Q(_still_to_happen(), state="approved"))
        .filter(kind="merger")
        .values_list("kindergarten", "details")
    )
    return {own: details["receiver"] for own, details in rows if details.get("receiver")}


# ---- what is owed without anybody having asked -----------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """What the law wants of a kindergarten and is not there: which kind, since or until when."""

    kindergarten: Kindergarten
    kind: str
    what: str
    due_on: dt.date
    is_overdue: bool
    # Computed over a year whose holidays nobody has published yet.
    provisional: bool = False


def audits_owed(user: User, *, today: dt.date) -> list[Owed]:
    """Private kindergartens that ran last year and have not handed in its audit (Law Art 70).

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
        kindergarten=OuterRef("pk"), kind="annual_audit", details__year=year
    ).exclude(state__in=[Procedure.State.REFUSED, Procedure.State.WITHDRAWN])
    rows = (
        Kindergarten.objects.visible_to(user)
        .filter(Exists(ran), Exists(is_there), ~Exists(handed_in))
        .select_related("organisation__region__county")
        .order_by("organisation__region__code", "code")
    )
    owed = []
    for kindergarten in rows:
        kind = kind_in("annual_audit", kindergarten.organisation.region.code)
        due = rules.audit_due(year, kind.yearly)
        owed.append(Owed(kindergarten, "annual_audit", f"{year}年度审计报告", due, due < today))
    return owed


def directors_owed(user: User, *, today: dt.date) -> list[Owed]:
    """Kindergartens whose director changed within the year without a filing (Law Art 38)."""
    posts = (
        Membership.objects.unscoped("only those of kindergartens one sees are listed below")
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
        posts.filter(Exists(earlier), organisation__kindergarten__isnull=False).values_list(
            "organisation", "valid_from"
        )
    )
    if not began:
        return []
    rows = Kindergarten.objects.visible_to(user).filter(organisation__in=began)
    filed: dict[int, list[dt.date | None]] = {}
    for key, day in (
        Procedure.objects.visible_to(user)
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
        owed.append(Owed(kindergarten, "director_change", "园长变更备案", due, due < today))
    return owed


LICENCE_ENDS_WITHIN = dt.timedelta(days=120)


def licences_ending(user: User, *, today: dt.date) -> list[Owed]:
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
        Kindergarten.objects.visible_to(user)
        .filter(Exists(running), ~Exists(asked), licence_until__lte=today + LICENCE_ENDS_WITHIN)
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
        unknown = rules.provisional_years(due, ends, working_calendar())
        owed.append(
            Owed(
                kindergarten, "licence_renewal", what, due, due < today,
                # Of a day that is over nothing comes any more that could move it.
                provisional=bool(unknown and before.working_days and due >= today),
            )
        )  # fmt: skip
    return owed


RECOGNITION_ENDS_WITHIN = dt.timedelta(days=90)


def recognitions_ending(user: User, *, today: dt.date) -> QuerySet[Any]:
    """Status rows in force whose recognition runs out soon or has, the nearest first."""
    return (
        KindergartenStatus.objects.visible_to(user)
        .on(today)
        .filter(
            ownership=KindergartenStatus.Ownership.INCLUSIVE_PRIVATE,
            recognised_until__lte=today + RECOGNITION_ENDS_WITHIN,
        )
        .select_related("kindergarten", "town")
        .order_by("recognised_until", "kindergarten__code")
    )
