"""A figure read back from a publication's bytes, in the form in which every page takes figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.models import Policy, Publication, Target
from indicators.publications.rules import figure_in, place_in
from indicators.rules import Verdict
from indicators.selectors.figures import Figure
from indicators.selectors.judging import Judgement, leading
from indicators.selectors.progress import OwedReturn
from kindergartens.models import Kindergarten


def figure_as_published(
    publication: Publication, region: Region, indicator: Indicator
) -> Figure:  # fmt: skip
    """KeyError where the publication has no such figure. Names, formula and unit are those of the
    month's rule.
    """
    body, indicator = publication.body, indicator.on(publication.month)
    place, found = place_in(body, region.code), figure_in(body, region.code, indicator.code)
    if place is None or found is None:
        raise KeyError(indicator.code)
    verdicts = [_judgement(indicator, one) for one in found["targets"]]
    coverage = place["coverage"]
    return Figure(
        indicator=indicator,
        region=region,
        month=publication.month,
        numerator=found["numerator"],
        denominator=found["denominator"],
        value=None if found["value"] is None else Decimal(found["value"]),
        verdicts=verdicts,
        leading=leading(verdicts),
        expected=coverage["expected"],
        filed=coverage["filed"],
        accepted=coverage["accepted"],
        provisional=indicator.of_returns and coverage["accepted"] < coverage["expected"],
        base=body["indicators"][indicator.code]["base"],
        computed_at=_moment(body["computed_at"]),
        reference_date=_day(body["reference_date"]),
        reason=found["reason"],
        numerator_heads=found["numerator_heads"],
        denominator_heads=found["denominator_heads"],
    )


def _judgement(indicator: Indicator, said: dict[str, Any]) -> Judgement:
    """The target as it was then: read, never saved."""
    target = Target(
        policy=Policy(title=said["document"], document_number=said["document_number"]),
        indicator=indicator.code,
        operator=said["operator"],
        value=Decimal(said["target"]),
        by_date=_day(said["by_date"]),
        clause=said["clause"],
    )
    return Judgement(
        target=target,
        title=said["document"],
        document_number=said["document_number"],
        clause=said["clause"],
        verdict=Verdict(said["verdict"]),
        gap=said["gap"],
        surplus=said["surplus"],
        close=said["close"],
    )


def people_as_published(
    publication: Publication, region: Region
) -> tuple[int | None, dt.date | None]:
    """How many were registered in the region, and the day of the count."""
    place = place_in(publication.body, region.code)
    said = place["population"] if place else {"registered": None, "date": None}
    return said["registered"], _day(said["date"])


def missing_as_published(publication: Publication, region: Region) -> list[OwedReturn]:
    """Who was missing in the region when it was published."""
    said = publication.body["missing"]
    towns = {
        town.code: town
        for town in Region.objects.within(region).filter(code__in={row["town"] for row in said})
    }
    kindergartens = {
        one.code: one
        for one in Kindergarten.objects.unscoped(REGION_CHECKED).filter(
            code__in={row["code"] for row in said if row["town"] in towns}
        )
    }
    return [
        OwedReturn(
            kindergarten_id=kindergartens[row["code"]].pk,
            name=row["name"],
            is_example=kindergartens[row["code"]].is_example,
            ownership=row["ownership"],
            town_id=towns[row["town"]].pk,
            town_name=towns[row["town"]].name,
            child_id=_below(region, towns[row["town"]]),
            filing_id=None,
            state=row["state"],
            version=0,
            first_submitted_at=None,
            due_at=None,
            last_month=_day(row["last_month"]),
            last_children=row["last_children"],
        )
        for row in said
        if row["town"] in towns and row["code"] in kindergartens
    ]


def _below(region: Region, town: Region) -> int:
    """The region right below in which a town lies; the town itself within a county or a town."""
    above = {Region.Level.PROVINCE: town.city_id, Region.Level.CITY: town.county_id}
    return above.get(Region.Level(region.level)) or town.pk


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
