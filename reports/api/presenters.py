"""Rows as the plain values that the schemas declare."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Page

from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.catalogue import Indicator
from indicators.models import Publication
from indicators.rules import displayed
from indicators.selectors.figures import Figure
from indicators.selectors.judging import LEVEL_NAMES, Judgement
from reports.api.selectors import FigureRow


def page_of(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    paginator = page.paginator
    return {
        "total": paginator.count,
        "page": page.number,
        "pages": paginator.num_pages if paginator.count else 0,
        "per_page": paginator.per_page,
        "items": items,
    }


def region(place: Region) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "level": LEVEL_NAMES[Region.Level(place.level)],
        "parent": place.parent.code if place.parent else None,
    }


def indicator(one: Indicator) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "english": one.english,
        "topic": one.topic.label,
        "kind": str(one.kind),
        "formula": one.formula,
        "numerator": one.numerator_text,
        "denominator": one.denominator_text,
        "parts": one.parts,
        "unit": one.unit,
        "direction": one.operator,
        "base": one.base,
        "rule_version": one.version,
        "since": one.since,
        "sources": [
            {"document": s.document, "number": s.number, "clause": s.clause, "read": s.read}
            for s in one.sources
        ],
    }


def row(shown: FigureRow) -> dict[str, Any]:
    facts = shown.facts
    return {
        "region": region(facts.region),
        "month": f"{facts.month:%Y-%m}",
        "reference_date": shown.reference_date,
        "computed_at": facts.computed_at,
        "origin": "returns",
        "coverage": coverage(shown),
        "figures": [figure(one) for one in shown.figures],
    }


def coverage(shown: FigureRow) -> dict[str, int]:
    facts = shown.facts
    return {"expected": facts.expected, "filed": facts.filed, "accepted": facts.accepted}


def figure(one: Figure) -> dict[str, Any]:
    rule = one.indicator
    value = one.value
    return {
        "indicator": rule.code,
        "name": rule.name,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "numerator_heads": one.numerator_heads,
        "denominator_heads": one.denominator_heads,
        "value": None if value is None else f"{value:f}",
        "displayed": None if value is None else f"{displayed(value, rule.kind):,}{rule.suffix}",
        "unit": rule.unit,
        "gap_unit": rule.gap_unit,
        "reason": one.reason,
        "base": one.base,
        "provisional": one.provisional,
        "verdict": one.verdict,
        "verdicts": [verdict(rule, judgement) for judgement in one.verdicts],
        "rule_version": rule.version,
        "source": rule.source,
    }


def verdict(rule: Indicator, judgement: Judgement) -> dict[str, Any]:
    target, gap = judgement.target, judgement.gap
    return {
        "verdict": str(judgement.verdict),
        "word": verdict_status(judgement.verdict).word,
        "operator": target.operator,
        "target": f"{target.value.normalize():f}",
        "by_date": target.by_date,
        "document": judgement.title,
        "document_number": judgement.document_number,
        "clause": judgement.clause,
        "gap": None if gap is None else f"{Decimal(rule.in_units(gap)):f}",
    }


# Of what is kept frozen, whatever names a kindergarten or leads to a return.
NOT_FOR_MACHINES = frozenset({"missing", "returns"})


def publication(one: Publication) -> dict[str, Any]:
    corrected_by = getattr(one, "corrected_by", None)
    return {
        "number": one.number,
        "kind": one.kind,
        "kind_name": one.get_kind_display(),
        "region": region(one.region),
        "month": f"{one.month:%Y-%m}",
        "revision": one.revision,
        "corrects": one.corrects.number if one.corrects else None,
        "corrected_by": corrected_by.number if corrected_by else None,
        "reason": one.reason,
        "provisional": one.provisional,
        "published_at": one.published_at,
        "digest": one.digest,
    }


def published_figures(one: Publication) -> dict[str, Any]:
    content = {name: value for name, value in one.body.items() if name not in NOT_FOR_MACHINES}
    return {**publication(one), "content": content}


def parts(own: FigureRow, below: list[FigureRow]) -> dict[str, Any]:
    (whole,) = own.figures
    rule = whole.indicator
    of_returns = rule.denominator_of_returns
    shown = [_part(one) for one in below]
    numerators = [one.figures[0].numerator or 0 for one in below]
    denominators = [one.figures[0].denominator or 0 for one in below]
    return {
        "region": region(own.facts.region),
        "month": f"{own.facts.month:%Y-%m}",
        "indicator": rule.code,
        "formula": rule.formula,
        "numerator": whole.numerator,
        "denominator": whole.denominator,
        "computed_at": own.facts.computed_at,
        "numerator_adds_up": (
            None if rule.of_averages else sum(numerators) == (whole.numerator or 0)
        ),
        "denominator_adds_up": (
            sum(denominators) == (whole.denominator or 0)
            if of_returns and not rule.of_averages
            else None
        ),
        "parts": shown,
    }


def _part(below: FigureRow) -> dict[str, Any]:
    (one,) = below.figures
    return {
        "region": region(below.facts.region),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "coverage": coverage(below),
        "withheld": one.indicator.of_averages,
    }
