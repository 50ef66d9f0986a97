"""Plants a mark in every text of every row, found by introspection, and knows whose each is.

A mark is one word (`zq0001aq`) that stands nowhere else. Where a text cannot hold one, the field is
listed in LEFT_ALONE with the reason; a new text field is planted by itself. Numbers that are told
apart by their size (five digits) are marks too: head-counts of kindergartens and sums of regions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import AccessRecord, Job, Membership, Organisation, Region, User
from indicators.models import KindergartenFacts, RegionFacts
from kindergartens.models import ClassCount, Kindergarten, MonthlyFiling

APPS = ("config", "reports", "inspections", "indicators", "staffing", "fees", "safety",
        "kindergartens", "accounts")  # fmt: skip

# Public to everyone, so nothing in them is anybody's secret.
PUBLIC = {
    "accounts.Region": "the official list of places",
    "indicators.Policy": "published documents",
    "indicators.Target": "clauses of published documents",
    "fees.FeeCeiling": "published ceilings",
    "kindergartens.Population": "published statistics",
    "config.DemoPart": "progress of the demo data",
}

# Texts that cannot hold a mark.
LEFT_ALONE = {
    "accounts.User.username": "what people sign in with; shown to nobody else",
    "accounts.User.password": "a hash; searched for as such",
    "accounts.Job.kind": "a name in the code",
    "accounts.AccessRecord.request_id": "sixteen characters that the portal itself makes",
    "accounts.AccessRecord.object_kind": "a name in the code",
    "accounts.AccessRecord.object_id": "a key",
    "kindergartens.Kindergarten.code": "the address of the page; sought in every tenant",
    "indicators.KindergartenFacts.ownership": "a code repeated from the status",
    "indicators.KindergartenFacts.sponsor_type": "likewise",
    "reports.PrintedDocument.sha256": "a digest",
}

# How a mark goes into a JSON value so that pages which read it still work.
JSON: dict[str, Callable[[Any, Callable[[], str]], Any]] = {
    "accounts.Job.arguments": lambda value, mark: value | {"mark": mark()},
    "reports.PrintedDocument.figures": lambda value, mark: value | {"mark": mark()},
    "kindergartens.MonthlyFiling.draft": lambda value, mark: (
        value
        and value
        | {
            "remarks": mark(),
            "classes": [row | {"name": mark(), "note": mark()} for row in value["classes"]],
        }
    ),
    "kindergartens.FilingEvent.field_reasons": lambda value, mark: {key: mark() for key in value},
}

MARK = re.compile(r"zq[0-9a-z]{5}q")
NUMBER = re.compile(r"(?<![\w.,-])(\d{2},\d{3}|\d{5})(?![\w,-])")


@dataclass(frozen=True)
class Owner:
    """Whose a mark is: a row of a model, at a place, perhaps of one kindergarten or person."""

    model: str
    place: int | None = None  # the region's key
    kindergarten: int | None = None  # the organisation's key
    office: int | None = None  # the organisation's key, of people and offices
    post: int | None = None  # the membership's key, of what is one person's alone
    person: int | None = None


@dataclass
class Marks:
    """Every mark with its owners; a number may have several."""

    words: dict[str, Owner] = field(default_factory=dict)
    numbers: dict[int, set[Owner]] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)  # field → rows

    def next(self, owner: Owner) -> str:
        word = f"zq{_base36(len(self.words)):>05}q"
        self.words[word] = owner
        return word

    def number(self, value: int, owner: Owner) -> None:
        if 10_000 <= value <= 99_999:
            self.numbers.setdefault(value, set()).add(owner)

    def in_text(self, text: str) -> dict[str, set[Owner]]:
        """The marks in a text, each with its owners."""
        lowered = text.lower()
        found = {word: {self.words[word]} for word in MARK.findall(lowered) if word in self.words}
        for digits in NUMBER.findall(text):
            value = int(digits.replace(",", ""))
            if value in self.numbers:
                found[digits] = self.numbers[value]
        return found


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number or not text:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def text_fields(model: type[models.Model]) -> list[models.Field]:
    """Stored texts that a person or the portal words, not codes out of a list, nor keys."""
    texts = (models.CharField, models.TextField, models.JSONField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, texts) and not field.choices and not field.primary_key
    ]


def plant() -> Marks:
    marks = Marks()
    with connection.cursor() as cursor:
        # Rows as submitted are never changed, says a trigger; here they must be.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in own_models():
            if model._meta.label not in PUBLIC:
                for row in list(model._base_manager.all()):
                    _plant_row(marks, model, row, cursor)
        cursor.execute("SET LOCAL session_replication_role = origin")
    _register_numbers(marks)
    return marks


def _plant_row(marks: Marks, model: type[models.Model], row: models.Model, cursor: Any) -> None:
    owner = owner_of(row)
    values: dict[str, Any] = {}
    for one in text_fields(model):
        label = f"{model._meta.label}.{one.name}"
        if label in LEFT_ALONE:
            continue
        if isinstance(one, models.JSONField):
            values[one.column] = json.dumps(
                JSON[label](getattr(row, one.attname), lambda: marks.next(owner))
            )
        else:
            values[one.column] = marks.next(owner)
        marks.planted[label] = marks.planted.get(label, 0) + 1
    if values:
        columns = ", ".join(f'"{column}" = %s' for column in values)
        key = model._meta.pk.column
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{key}" = %s',  # noqa: S608
            [*values.values(), row.pk],
        )


def _register_numbers(marks: Marks) -> None:
    for row in ClassCount.objects.select_related("filing_version__filing"):
        marks.number(row.children, owner_of(row))
    for facts in KindergartenFacts.objects.all():
        marks.number(facts.enrolled_children, owner_of(facts))
    for sums in RegionFacts.objects.all():
        for name in ("enrolled_children", "public_children", "pending_enrolled_children"):
            marks.number(getattr(sums, name), owner_of(sums))


# ---- whose a row is -----------------------------------------------------------------------------


def owner_of(row: models.Model) -> Owner:
    """By the shortest way from the row to a return, a kindergarten, a post, an office or a place.

    Fails for a row that leads nowhere: then say in PUBLIC why it is nobody's.
    """
    label = row._meta.label
    seen: list[models.Model] = [row]
    level = [row]
    while level:
        for one in level:
            found = _owner_at(label, one)
            if found is not None:
                return found
        level = [target for one in level for target in _targets(one) if target not in seen]
        seen += level
    raise AssertionError(f"{label} {row.pk}: whose is it? See tests/access/canary/planting.py")


def _targets(row: models.Model) -> list[models.Model]:
    """What the row points at: what it is about comes before who did it."""
    fields = [f for f in row._meta.concrete_fields if f.is_relation]
    about_first = sorted(fields, key=lambda f: f.related_model in (User, Membership, Job))
    found = (getattr(row, f.name) for f in about_first)
    return [target for target in found if target is not None]


def _owner_at(label: str, row: models.Model) -> Owner | None:
    if isinstance(row, MonthlyFiling):
        return Owner(label, row.town_id, row.kindergarten.organisation_id)
    if isinstance(row, KindergartenFacts):
        return Owner(label, row.town_id, row.kindergarten.organisation_id)
    if isinstance(row, Kindergarten):
        return Owner(label, row.organisation.region_id, row.organisation_id)
    if isinstance(row, Job):
        return Owner(label, row.county_id, post=row.requested_as_id)
    if isinstance(row, AccessRecord):
        return Owner(label, person=row.user_id)
    if isinstance(row, Membership):
        return _of_office(label, row.organisation, row.user_id)
    if isinstance(row, User):
        post = row.memberships.select_related("organisation").first()
        return _of_office(label, post.organisation, row.pk) if post else Owner(label, person=row.pk)
    if isinstance(row, Organisation):
        return _of_office(label, row, None)
    if isinstance(row, Region):
        return Owner(label, row.pk)
    return None


def _of_office(label: str, organisation: Organisation, person: int | None) -> Owner:
    own = organisation.pk if organisation.kind == Organisation.Kind.KINDERGARTEN else None
    return Owner(label, organisation.region_id, own, organisation.pk, person=person)
