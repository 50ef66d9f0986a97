"""Every figure the portal computes. docs/indicators.md explains each, and is tested against this."""

from __future__ import annotations

from indicators.catalogue import building, conditions, rates, reporting, safety, staff, support
from indicators.catalogue.definition import Direction, Indicator, Kind, Source, Topic

INDICATORS: dict[str, Indicator] = {
    indicator.code: indicator
    for part in (rates, conditions, staff, support, safety, building, reporting)
    for indicator in part.FIGURES
}

THREE_RATES: tuple[str, ...] = (
    "gross_enrolment_rate",
    "inclusive_enrolment_share",
    "public_enrolment_share",
)

__all__ = ["INDICATORS", "THREE_RATES", "Direction", "Indicator", "Kind", "Source", "Topic"]
