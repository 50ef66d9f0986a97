"""Public money of a region's kindergartens together, and of the places below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Region
from fees.funding.audits import AuditState
from fees.funding.rules import Total, total
from fees.funding.selectors import Entry
from fees.models import AidCount, FundingStandard


@dataclass(frozen=True)
class Sums:
    """Kindergartens together: of public money those that are meant, of audits the private ones.

    `aid_times` counts a child in each half-year it was aided. `aid_told` kindergartens filed some,
    `aid_whole` both halves of the year.
    """

    money: Total
    aid_times: int
    aid_yuan: int
    aid_told: int
    aid_whole: int
    kindergartens: int
    audited: int
    audits_received: int
    audits_overdue: int


def sums(entries: Iterable[Entry]) -> Sums:
    found = list(entries)
    aid = [one.aid for one in found if one.aid is not None]
    audits = [one.audit.state for one in found if one.audit is not None]
    return Sums(
        money=total(one.money for one in found),
        aid_times=sum(one.times for one in aid),
        aid_yuan=sum(one.yuan for one in aid),
        aid_told=len(aid),
        aid_whole=sum(one.halves == len(AidCount.Half.values) for one in aid),
        kindergartens=len(found),
        audited=len(audits),
        audits_received=audits.count(AuditState.RECEIVED),
        audits_overdue=audits.count(AuditState.OVERDUE),
    )


def by_scope(entries: Sequence[Entry]) -> list[tuple[str, Total]]:
    """Public kindergartens, then recognised private ones; a scope without any is left out."""
    of_scope = [
        (str(scope.label), total(one.money for one in entries if one.scope == scope))
        for scope in FundingStandard.Scope
    ]
    return [(label, sums) for label, sums in of_scope if sums.kindergartens]


@dataclass(frozen=True)
class Place:
    region: Region
    sums: Sums


def places(entries: Iterable[Entry], level: Region.Level) -> list[Place]:
    """By the regions of a level, in the order of their codes."""
    rows: dict[int, list[Entry]] = {}
    regions: dict[int, Region] = {}
    for one in entries:
        region = _of_level(one.town, level)
        regions[region.pk] = region
        rows.setdefault(region.pk, []).append(one)
    made = [Place(regions[pk], sums(of_place)) for pk, of_place in rows.items()]
    return sorted(made, key=lambda place: place.region.code)


def _of_level(town: Region, level: Region.Level) -> Region:
    above = {Region.Level.CITY: town.city, Region.Level.COUNTY: town.county}
    return above.get(level) or town
