"""学前教育普及普惠基本情况一览表 (domain facts §3.5 item 3): one row a region, on a turned sheet.

`collect` reads the figures once into plain values, which are kept with the document; `html` writes
the sheet from those values alone, so that a reprint never shows other numbers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string

from accounts.access.scope import REGION_CHECKED
from accounts.formatting import MISSING, count
from accounts.models import Region
from fees.models import FeeCeiling
from indicators.models import RegionFacts
from reports.documents.heading import heading
from reports.documents.tracing import code_of, explanation_path

TITLE = "学前教育普及普惠基本情况一览表"
SCOPES = (FeeCeiling.Scope.PUBLIC, FeeCeiling.Scope.INCLUSIVE_A, FeeCeiling.Scope.INCLUSIVE_B)
# Columns that open to the explanation of a rate: the population under, the children over the line.
TRACED = {"resident_population_3_5": "gross_enrolment_rate", "enrolled": "gross_enrolment_rate"}
COLUMNS = (
    "resident_population_3_5",
    "streets",
    "townships",
    "kindergartens",
    "education_kindergartens",
    "other_public_kindergartens",
    "inclusive_private_kindergartens",
    "non_inclusive_private_kindergartens",
    "enrolled",
    "public_children",
    "inclusive_private_children",
    "non_inclusive_private_children",
    "staff",
    "principals",
    "full_time_teachers",
    "childcare_workers",
    "other_staff",
)


def title(region_name: str, month: dt.date) -> str:
    return f"{region_name}{month.year}年{month.month}月{TITLE}"


def collect(region: Region, month: dt.date, day: dt.date) -> dict[str, Any]:
    """The sheet's values for a region and what lies directly below it; `day` dates the ceilings."""
    counted = RegionFacts.objects.unscoped(REGION_CHECKED).filter(month=month)
    below = Region.objects.filter(parent=region).filter(
        Q(is_active=True) | Q(pk__in=counted.values("region"))
    )
    regions = [region, *below.order_by("code")]
    facts = {row.region_id: row for row in counted.filter(region__in=regions)}
    divisions = _divisions(regions)
    ceilings = _ceilings(regions, day)
    rows = [
        _row(number, one, facts.get(one.pk), divisions, ceilings, month)
        for number, one in enumerate(regions)
    ]
    return {"rows": rows, "zones": divisions[region.pk]["zones"]}


def html(snapshot: dict[str, Any]) -> str:
    """The sheet as HTML, from a snapshot alone."""
    head = heading(snapshot)
    context = {
        "heading": head,
        "child_label": head["child_label"],
        "rows": [_presented(row, head["origin"]) for row in snapshot["rows"]],
        "zones": snapshot["zones"],
    }
    return render_to_string("reports/documents/papers/overview_table.html", context)


def _row(
    number: int,
    region: Region,
    facts: RegionFacts | None,
    divisions: dict[int, Counter[str]],
    ceilings: dict[int, dict[str, str]],
    month: dt.date,
) -> dict[str, Any]:
    return {
        "number": number,
        "code": region.code,
        "name": "合计" if number == 0 else region.name,
        "provisional": facts is not None and facts.accepted < facts.expected,
        "explanation": explanation_path(region, "gross_enrolment_rate", month),
        "counts": _counts(facts)
        | {
            "streets": divisions[region.pk]["streets"],
            "townships": divisions[region.pk]["townships"],
        },
        "ceilings": ceilings[region.pk],
    }


def _counts(facts: RegionFacts | None) -> dict[str, int | None]:
    """Counts of one region; None where nothing has been counted yet, which is not zero."""
    if facts is None:
        return dict.fromkeys(COLUMNS)
    population = {"resident_population_3_5": facts.resident_population_3_5}
    if facts.expected and not facts.kindergartens:
        return dict.fromkeys(COLUMNS) | population
    return population | {
        "kindergartens": facts.kindergartens,
        "education_kindergartens": facts.education_kindergartens,
        "other_public_kindergartens": facts.public_kindergartens - facts.education_kindergartens,
        "inclusive_private_kindergartens": facts.inclusive_kindergartens
        - facts.public_kindergartens,
        "non_inclusive_private_kindergartens": facts.kindergartens - facts.inclusive_kindergartens,
        "enrolled": facts.enrolled_children,
        "public_children": facts.public_children,
        "inclusive_private_children": facts.inclusive_children - facts.public_children,
        "non_inclusive_private_children": facts.enrolled_children - facts.inclusive_children,
        "staff": facts.staff,
        "principals": facts.principals,
        "full_time_teachers": facts.full_time_teachers,
        "childcare_workers": facts.childcare_workers,
        "other_staff": facts.health_staff + facts.other_staff,
    }


def _divisions(regions: list[Region]) -> dict[int, Counter[str]]:
    """How many streets, townships and zones each region has, itself included if it is one."""
    found: dict[int, Counter[str]] = {region.pk: Counter() for region in regions}
    towns = Region.objects.active().within(regions[0]).filter(level=Region.Level.TOWN)
    for town in towns:
        if town.is_township:
            kind = "townships"
        else:
            kind = "streets" if "001" <= town.code[6:9] <= "099" else "zones"
        for holder in {town.pk, town.county_id, town.city_id, town.province_id}:
            if holder in found:
                found[holder][kind] += 1
    return found


def _ceilings(regions: list[Region], day: dt.date) -> dict[int, dict[str, str]]:
    """Ceilings in force per region: its own, else those of the nearest region it lies in."""
    lines: dict[int, list[int | None]] = {
        region.pk: [region.pk, region.county_id, region.city_id, region.province_id]
        for region in regions
    }
    wanted = {pk for line in lines.values() for pk in line if pk}
    set_by: dict[tuple[int | None, str], str] = {}
    in_force = FeeCeiling.objects.in_force(day).filter(region__in=wanted).order_by("valid_from")
    for ceiling in in_force:
        set_by[ceiling.region_id, ceiling.scope] = str(ceiling.yuan_per_month)
    return {
        pk: {
            scope: next((set_by[holder, scope] for holder in line if (holder, scope) in set_by), "")
            for scope in SCOPES
        }
        for pk, line in lines.items()
    }


def _presented(row: dict[str, Any], origin: str) -> dict[str, Any]:
    cells = []
    for column in COLUMNS:
        number = row["counts"][column]
        traced = column in TRACED and number is not None
        cells.append(
            {
                "text": count(number),
                "trace": code_of(row["number"], 0) if traced else "",
                "href": origin + row["explanation"],
            }
        )
    for scope in SCOPES:
        yuan = row["ceilings"][scope]
        cells.append({"text": yuan.removesuffix(".00") or MISSING})
    return {
        "name": row["name"],
        "is_total": row["number"] == 0,
        "provisional": row["provisional"],
        "cells": cells,
    }
