"""Reading what a publication freezes: figures of a region, of those below it, and who is missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS
from indicators.models import RegionFacts
from indicators.publications.rules import SCHEMA, read_back
from indicators.rules import displayed
from indicators.selectors.figures import Figure, child_figures, figures
from indicators.selectors.judging import Judgement
from indicators.selectors.progress import (
    CHILD_COLUMN,
    SCOPE_COLUMN,
    FilingProgress,
    OwedReturn,
    filing_progress,
)
from indicators.sums import SUMS, cast
from kindergartens.models import Kindergarten, Population
from kindergartens.rules import school_year

# The sums of the regions right below, with the very returns that they are of.
SUMS_BELOW = f"""
SELECT f.{{child}} AS region_id, array_agg(f.filing_version_id) AS returns,
    {", ".join(f"coalesce({sum_}, 0)::{cast(name)} AS {name}" for name, sum_ in SUMS.items())}
FROM indicators_kindergartenfacts f
WHERE f.month = %(month)s AND f.superseded_at IS NULL AND f.counts_enrolment
    AND f.{{scope}} = %(region)s
GROUP BY 1
"""  # noqa: S608 - built from column names, never from input


class FiguresBehind(Exception):
    """Figures do not match their returns: a recomputation is on the way."""


def collect(region: Region, month: dt.date) -> dict[str, Any]:
    """What would be published of a region and month, but for who publishes it, when and why.

    A constant number of queries. Raises FiguresBehind while figures and returns do not match.
    """
    own = figures(region, month, tuple(INDICATORS))
    below = child_figures(region, month, tuple(INDICATORS))
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month=month).first()
    progress = filing_progress(region, month)
    returns = _returns_that_match(region, month, facts, [row.facts for row in below], progress)
    codes = dict(
        Kindergarten.objects.unscoped(REGION_CHECKED)
        .filter(pk__in=[row.kindergarten_id for row in progress.rows])
        .values_list("pk", "code")
    )
    towns = dict(
        Region.objects.filter(pk__in={row.town_id for row in progress.rows}).values_list(
            "pk", "code"
        )
    )
    body = {
        "schema": SCHEMA,
        "region": {"code": region.code, "name": region.name, "level": int(region.level)},
        "month": f"{month:%Y-%m}",
        "school_year": school_year(month),
        "reference_date": own[0].reference_date,
        "computed_at": own[0].computed_at,
        "coverage": _coverage(facts),
        "provisional": own[0].provisional,
        "missing": [
            _missing(row, codes[row.kindergarten_id], towns[row.town_id])
            for row in sorted(progress.rows, key=lambda row: codes[row.kindergarten_id])
        ],
        "population": _population(facts) | {"sources": _sources(region, facts)},
        "indicators": {
            code: {
                "name": one.name,
                "unit": one.unit,
                "suffix": one.suffix,
                "kind": str(one.kind),
                "formula": one.formula,
                "base": one.base,
                "source": one.source,
                "version": one.version,
                "parts": one.parts,
            }
            for code, one in ((code, found.on(month)) for code, found in INDICATORS.items())
        },
        "figures": [_figure(one) for one in own],
        "returns": returns,
        "regions": [
            {
                "code": row.region.code,
                "name": row.region.name,
                "coverage": _coverage(row.facts),
                "population": _population(row.facts),
                "figures": [_figure(one) for one in row.figures],
            }
            for row in below
        ],
    }
    return read_back(body)


def _returns_that_match(
    region: Region, month: dt.date, facts: RegionFacts | None, below: list[RegionFacts],
    progress: FilingProgress,
) -> list[int]:  # fmt: skip
    """The versions that count now, where every sum is theirs, in the region and right below it."""
    sql = SUMS_BELOW.format(
        child=_column(CHILD_COLUMN[region.level]), scope=_column(SCOPE_COLUMN[region.level])
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"month": month, "region": region.pk})
        names = [column.name for column in cursor.description]
        found = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    kept = {row.region_id: row for row in below}
    total = {name: sum(row[name] for row in found.values()) for name in SUMS}
    told = {None: facts} | kept
    behind = [
        f"{pk or region.pk} {name}"
        for pk, sums in ({None: total} | {key: {} for key in kept} | found).items()
        for name in SUMS
        if getattr(told.get(pk), name, None) != sums.get(name, 0)
    ]
    # Who is missing is listed by name, so the list and the number must be of one moment.
    if facts is None or facts.expected - facts.accepted != len(progress.rows):
        behind.append(f"{region.pk} missing")
    if behind:
        raise FiguresBehind(behind[0])
    return sorted(version for row in found.values() for version in row["returns"])


def _column(name: str) -> str:
    return "town_id" if name == "id" else name


def _coverage(facts: RegionFacts | None) -> dict[str, int]:
    names = ("expected", "filed", "accepted")
    return {name: getattr(facts, name) if facts else 0 for name in names}


def _population(facts: RegionFacts | None) -> dict[str, Any]:
    return {
        "resident": facts and facts.resident_population_3_5,
        "registered": facts and facts.registered_population_3_5,
        "date": facts and facts.population_date,
    }


def _sources(region: Region, facts: RegionFacts | None) -> list[str]:
    """Who said how many people there are."""
    if facts is None or facts.population_date is None:
        return []
    rows = Population.objects.filter(
        Q(region=region.pk) | Q(region__parent=region.pk), reference_date=facts.population_date
    )
    return sorted(set(rows.order_by().values_list("source", flat=True).distinct()))


def _missing(row: OwedReturn, code: str, town: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": row.name,
        "ownership": row.ownership,
        "town": town,
        "state": row.state,
        "last_month": row.last_month,
        "last_children": row.last_children,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "indicator": figure.indicator.code,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "numerator_heads": figure.numerator_heads,
        "denominator_heads": figure.denominator_heads,
        "value": figure.value,
        "shown": _shown(figure),
        "verdict": figure.verdict,
        "reason": figure.reason,
        "targets": [_target(one) for one in figure.verdicts],
    }


def _shown(figure: Figure) -> str | None:
    """Rounded half-up to two places, as people read it: percent of shares."""
    return None if figure.value is None else f"{displayed(figure.value, figure.indicator.kind)}"


def _target(judged: Judgement) -> dict[str, Any]:
    return {
        "operator": judged.target.operator,
        "target": judged.target.value.normalize(),
        "by_date": judged.target.by_date,
        "document": judged.title,
        "document_number": judged.document_number,
        "clause": judged.clause,
        "verdict": str(judged.verdict),
        "gap": judged.gap,
        "surplus": judged.surplus,
        "close": judged.close,
    }
