"""小区配套幼儿园一览表 (domain facts §3.5 item 4): one row an estate, on a turned sheet.

`collect` reads everything once into plain values that are kept with the document; whole numbers
only, and what nobody has registered is a dash. The telephone is left for the office to write in:
kept papers hold no person's number.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string

from accounts.access.roles import RoleCode
from accounts.access.scope import REGION_CHECKED
from accounts.formatting import MISSING, count
from accounts.models import Membership, Region
from indicators.models import KindergartenFacts
from kindergartens.models import EstateOperator, EstateProject
from kindergartens.projects.selectors import EstateNorms, EstateRow, estate_row, estate_sums
from reports.documents.heading import heading

TITLE = "小区配套幼儿园一览表"
# 办园性质 as the official form numbers it; another use has none.
NATURES = {"public": "1", "inclusive_private": "2", "non_inclusive_private": "3"}
NUMBERS = ("post_quota", "established_staff", "floor_area_m2", "classes", "children", "fee")


def title(region_name: str, month: dt.date) -> str:
    return f"{region_name}{month.year}年{month.month}月{TITLE}"


def collect(region: Region, month: dt.date, day: dt.date) -> dict[str, Any]:
    """Estates of a county or city on a day, with the children of the month's accepted returns."""
    within = Region.objects.within(region).values("pk")
    estates = list(
        EstateProject.objects.unscoped(REGION_CHECKED)
        .filter(county__in=within)
        .select_related("county", "town", "kindergarten")
        .prefetch_related("steps", "problems", "operators")
        .order_by("county__code", "town__code", "name")
    )
    norms = EstateNorms(day)
    rows = [estate_row(estate, norms, day) for estate in estates]
    facts = {
        row.kindergarten_id: row
        for row in KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .current()
        .filter(
            month=month, kindergarten__in=[e.kindergarten_id for e in estates if e.kindergarten]
        )
    }
    directors = _directors([e.kindergarten.organisation_id for e in estates if e.kindergarten], day)
    sums = estate_sums(rows)
    return {
        "rows": [_row(number, row, facts, directors) for number, row in enumerate(rows, start=1)],
        "required": sums.required,
        "have": sums.have,
        "public": sums.public,
        "inclusive_private": sums.inclusive_private,
        "unknown_children": sum(
            1 for e in estates if e.kindergarten_id and e.kindergarten_id not in facts
        ),
    }


def html(snapshot: dict[str, Any]) -> str:
    """The sheet as HTML, from a snapshot alone."""
    rows = [
        row | {"cells": [count(row["numbers"][name]) for name in NUMBERS]}
        for row in snapshot["rows"]
    ]
    context = {
        "heading": heading(snapshot),
        "rows": rows,
        **{name: snapshot[name] for name in ("required", "have", "public", "inclusive_private")},
        "unknown_children": snapshot["unknown_children"],
    }
    return render_to_string("reports/documents/papers/estate_table.html", context)


def _directors(organisations: list[int], day: dt.date) -> dict[int, str]:
    posts = (
        Membership.objects.unscoped("who runs the kindergartens of a list already in hand")
        .own()
        .in_force(day)
        .filter(Q(organisation__in=organisations), role=RoleCode.DIRECTOR)
        .select_related("user")
    )
    return {post.organisation_id: post.user.full_name for post in posts}


def _row(
    number: int,
    row: EstateRow,
    facts: dict[int, KindergartenFacts],
    directors: dict[int, str],
) -> dict[str, Any]:
    estate, kindergarten = row.estate, row.estate.kindergarten
    own = facts.get(kindergarten.pk) if kindergarten else None
    operator: EstateOperator | None = row.operator
    return {
        "number": number,
        "estate": estate.name,
        "address": estate.address or MISSING,
        "kindergarten": (kindergarten.name if kindergarten else estate.kindergarten_name)
        or MISSING,
        "nature": NATURES.get(operator.run_as, MISSING) if operator else MISSING,
        "opened_in": str(estate.opened_in or MISSING),
        "numbers": {
            "post_quota": estate.post_quota,
            "established_staff": estate.established_staff,
            "floor_area_m2": estate.floor_area_m2,
            "classes": own.classes if own else None,
            "children": own.enrolled_children if own else None,
            "fee": estate.care_fee_yuan,
        },
        "director": directors.get(kindergarten.organisation_id, "") if kindergarten else "",
    }
