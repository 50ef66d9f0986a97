"""What the pages of procedures show: lists, who still counts how many children."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Concat

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.models import User
from kindergartens.changes.snapshots import dated
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    Placement,
    Procedure,
    ProcedureEvent,
    StatusChange,
)
from kindergartens.procedures import rules
from kindergartens.procedures.kinds import EFFECTS, all_kinds

STOPPING = ("merger", "suspension", "closure")
# So long before a recognition ends it may be renewed, and is listed as ending.
RECOGNITION_ENDS_WITHIN = dt.timedelta(days=90)
LABELS = {"address": "地址", "sponsor_name": "举办者"}
STILL_STANDS = "whether a decided change still stands"
OF_ALL = "kindergartens a person has chosen among those they see; only whether they run is said"


def detailed(rows: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """With whom and what a list shows, and `step_began_at`: when the clock of the step began."""
    # As written: the clocks of two machines need not agree.
    last = ProcedureEvent.objects.filter(procedure=OuterRef("pk")).order_by("-pk")
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
        KindergartenStatus.objects.unscoped(STILL_STANDS)
        .filter(
            kindergarten=OuterRef("kindergarten"),
            valid_from=OuterRef("effective_on"),
        )
        .exclude(operating_state=KindergartenStatus.OperatingState.OPERATING)
    )


def changes_status(procedure: Procedure, day: dt.date | None) -> bool:
    """Whether deciding for it makes another dated status from a day on.

    A move within the town, and one sponsor after another of the same type, are decided with the
    same papers and change the record alone (rules.RECORDED). Of the other kinds the kind says it:
    what is to be as it is already is refused.
    """
    if procedure.kind not in rules.RECORDED or day is None:
        return procedure.kind in EFFECTS
    there = procedure.kindergarten.statuses.on(day).first()
    if there is None:
        return True
    values = dated(there).values
    wanted = rules.effect_values(procedure.kind, procedure.details, document_number="")
    return any(values[name] != value for name, value in wanted.items())


@dataclass(frozen=True)
class ToRecord:
    """A decided value, and what the record says instead. `label` is the field's name."""

    procedure: Procedure
    label: str
    value: str
    recorded: str


def still_to_record(kindergarten: Kindergarten) -> list[ToRecord]:
    """What the latest decision of each kind wants of the record and it does not hold; one query.

    A change is decided before its day and the record has no days, so somebody writes it then. Not
    one whose change of the status was taken back since; one that changed none (changes_status) was
    not. A change of the same day for another reason is no word about it.
    """
    own = Concat(Value("（"), OuterRef("number"), Value("）"))
    taken_back = StatusChange.objects.unscoped(STILL_STANDS).filter(
        kindergarten=OuterRef("kindergarten"), reason__endswith=own, withdrawal__isnull=False
    )
    rows = (
        Procedure.objects.unscoped("of a kindergarten in hand")
        .filter(
            ~Exists(taken_back),
            kindergarten=kindergarten,
            kind__in=rules.RECORDED,
            state=Procedure.State.APPROVED,
        )
        .order_by("kind", "-ended_at", "-pk")
        .distinct("kind")
    )
    found = []
    for row in rows:
        row.kindergarten = kindergarten
        if wanted := to_record(row):
            _, field = rules.RECORDED[row.kind]
            found.append(ToRecord(row, LABELS[field], wanted, str(getattr(kindergarten, field))))
    return found


def to_record(procedure: Procedure) -> str:
    """What a procedure wants of the record and it does not say; "" where there is nothing."""
    fields = [field for _, field in rules.RECORDED.values()]
    recorded = {field: str(getattr(procedure.kindergarten, field)) for field in fields}
    return rules.to_record(procedure.kind, procedure.details, recorded)


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
