"""What fills which form, for a county and a month: a constant number of queries."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from django.db.models import Count, Sum

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region, User
from indicators.catalogue import INDICATORS
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors import figures
from kindergartens.models import ClassCount, PublishedKindergarten
from kindergartens.projects.selectors import EstateNorms, estate_row, estate_sums, estates_in
from kindergartens.unlicensed.selectors import standing
from reports.documents import overview_table
from reports.reuse.rules import AGES, PARTS, Cell, spared, worksheet
from staffing.models import StaffCount

FILE = Path(__file__).with_name("self_evaluation.toml")
OF_RETURNS_FOUND = "of counted returns that were found for the person"
COLUMNS = ("boys", "girls", *AGES, *PARTS)


@dataclass(frozen=True)
class Worksheet:
    """One kindergarten's 基表 from the return that counts."""

    facts: KindergartenFacts
    cells: Sequence[Cell]

    @cached_property
    def spared(self) -> int:
        return spared(self.cells)

    def value(self, code: str) -> int | Decimal | None:
        return self._values.get(code)

    def asks(self, code: str) -> bool:
        return code in self._values

    @cached_property
    def _values(self) -> Mapping[str, int | Decimal | None]:
        return {cell.code: cell.value for cell in self.cells}


def worksheets(user: User, county: Region, month: dt.date) -> list[Worksheet]:
    """Of all counted kindergartens of a county's month in the person's area, by town and code."""
    return worksheets_of(
        list(
            KindergartenFacts.objects.visible_to(user)
            .current()
            .filter(county=county, month=month)
            .select_related("kindergarten", "town", "filing_version__filing")
            .order_by("town__code", "kindergarten__code")
        )
    )


def worksheets_of(facts: Sequence[KindergartenFacts]) -> list[Worksheet]:
    """The same for facts in hand. Two queries, however many they are."""
    versions = [row.filing_version_id for row in facts]
    grades: dict[int, dict[str, dict[str, int | None]]] = {}
    sums = (
        ClassCount.objects.unscoped(OF_RETURNS_FOUND)
        .filter(filing_version__in=versions)
        .order_by()
        .values("filing_version", "grade")
        .annotate(number=Count("pk"), **{f"{column}_sum": Sum(column) for column in COLUMNS})
    )
    for row in sums:
        grades.setdefault(row["filing_version"], {})[row["grade"]] = {
            "classes": row["number"],
            **{column: row[f"{column}_sum"] for column in COLUMNS},
        }
    staff: dict[int, dict[str, tuple[int, int | None]]] = {}
    for version, post, people, certified in (
        StaffCount.objects.unscoped(OF_RETURNS_FOUND)
        .filter(filing_version__in=versions)
        .values_list("filing_version", "post", "people", "certified")
    ):
        staff.setdefault(version, {})[post] = (people, certified)
    return [
        Worksheet(
            row,
            worksheet(grades.get(row.filing_version_id, {}), staff.get(row.filing_version_id, {})),
        )
        for row in facts
    ]


@dataclass(frozen=True)
class Coverage:
    """How many owe the month's return, and how many are accepted and counted."""

    expected: int
    accepted: int

    @property
    def missing(self) -> int:
        return self.expected - self.accepted


def coverage(place: Region, month: dt.date) -> Coverage:
    """Of a county or a town, as the dashboards say it."""
    row = (
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region=place, month=month)
        .values_list("expected", "accepted")
        .first()
    )
    return Coverage(*(row or (0, 0)))


def overview(county: Region, month: dt.date, day: dt.date) -> list[Cell]:
    """The county's own row of 基本情况一览表; the fee ceilings are those in force on the day."""
    own = overview_table.collect(county, month, day)["rows"][0]
    counts = [Cell(column, own["counts"][column]) for column in overview_table.COLUMNS]
    ceilings = [
        Cell(scope, Decimal(own["ceilings"][scope]) if own["ceilings"][scope] else None)
        for scope in overview_table.SCOPES
    ]
    return counts + ceilings


@dataclass(frozen=True)
class Item:
    """One of the 36 items; `asks` for a number or for papers alone (""), the rest see the file."""

    number: int
    group: str
    title: str
    asks: str = ""
    answer: str = ""
    evidence: str = ""


@cache
def items() -> tuple[Item, ...]:
    return tuple(Item(**row) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["item"])


@dataclass(frozen=True)
class Answer:
    """A number that an item asks for: as stored, and of what it was made (both for words)."""

    value: int | Decimal | None
    numerator: int | None = None
    denominator: int | None = None


def answers(user: User, county: Region, month: dt.date, day: dt.date) -> dict[int, Answer]:
    """By item what returns and registers answer; an item that nothing answers is missing."""
    codes = [item.answer for item in items() if item.answer in INDICATORS]
    found = {figure.indicator.code: figure for figure in figures(county, month, codes)}
    known: dict[str, Answer] = {
        code: Answer(one.value, one.numerator, one.denominator) for code, one in found.items()
    }
    facts = (
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region=county, month=month, accepted__gt=0)
        .first()
    )
    if facts is not None:
        known["gross"] = _share(facts.enrolled_children, facts.registered_population_3_5)
    open_places = standing(user, county, day)
    known["unlicensed"] = Answer(open_places.places)
    norms = EstateNorms(day)
    estates = estate_sums([estate_row(one, norms, day) for one in estates_in(user, county)])
    known["estates"] = _share(estates.public + estates.inclusive_private, estates.have)
    return {item.number: known[item.answer] for item in items() if item.answer in known}


def _share(part: int, whole: int | None) -> Answer:
    return Answer(Decimal(part) / whole if whole else None, part, whole)


def public_list_address(county: Region, day: dt.date) -> str:
    """Where the county's newest list of inclusive kindergartens is; "" where that does not say."""
    rows = PublishedKindergarten.objects.unscoped("where a county's list is published")
    newest = (
        rows.filter(county=county, kind=PublishedKindergarten.Kind.INCLUSIVE, published_on__lte=day)
        .order_by("-published_on", "-address")
        .first()
    )
    return newest.address if newest else ""


def evaluation_cells(found: Mapping[int, Answer]) -> list[Cell]:
    """Of all items that ask for a number."""
    return [
        Cell(str(item.number), found[item.number].value if item.number in found else None)
        for item in items()
        if item.asks
    ]


def worksheet_of(facts: KindergartenFacts | None) -> Worksheet | None:
    """Of the facts of one kindergarten; None before its first counted return."""
    return None if facts is None else worksheets_of([facts])[0]
