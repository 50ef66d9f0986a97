"""What the yearly checks of private kindergartens (年检) ended with: the latest, by year."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures.kinds import all_kinds

KIND = "annual_check"
NONE = "none"
OF_ONE = "of a kindergarten in hand"
OF_ROWS = "of rows of kindergartens that were asked for as somebody's"


def _newest(rows: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """The latest year first, and of a year what was concluded last: a second look counts."""
    ended = rows.filter(kind=KIND).exclude(conclusion="")
    return ended.order_by("-details__year", "-ended_at", "-pk")


def latest() -> QuerySet[Procedure]:
    """For a subquery over kindergartens: their checks with a conclusion, the latest first."""
    return _newest(Procedure.objects.unscoped(OF_ROWS).filter(kindergarten=OuterRef("pk")))


def concluded(value: str) -> Q:
    """Kindergartens whose latest check ended so; NONE: private ones without any conclusion."""
    checks = Procedure.objects.unscoped(OF_ROWS)
    if value == NONE:
        private = Q(current__sponsor_type__in=PRIVATE_SPONSORS)
        return private & ~Q(Exists(latest()))
    newest = _newest(checks.filter(kindergarten=OuterRef("kindergarten"))).values("pk")[:1]
    rows = checks.filter(kind=KIND, conclusion=value, pk=Subquery(newest))
    return Q(pk__in=rows.values("kindergarten"))


def of_year(kindergarten: Kindergarten, year: object) -> Procedure | None:
    """What the check of one year ended with last; None before the first end."""
    own = Procedure.objects.unscoped(OF_ONE).filter(kindergarten=kindergarten, details__year=year)
    return _newest(own).first()


@dataclass(frozen=True)
class Concluded:
    """`conclusion` in words."""

    year: int
    conclusion: str
    code: str
    procedure: Procedure


def last_of(kindergarten: Kindergarten) -> Concluded | None:
    """The latest conclusion of one kindergarten."""
    own = Procedure.objects.unscoped(OF_ONE).filter(kindergarten=kindergarten)
    found = _newest(own).first()
    if found is None:
        return None
    return Concluded(
        int(found.details["year"]), conclusion_name(found.conclusion), found.conclusion, found
    )


def conclusion_name(code: str) -> str:
    found = all_kinds()[KIND].conclusion(code)
    return found.name if found else code


def conclusion_choices() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in all_kinds()[KIND].conclusions]
