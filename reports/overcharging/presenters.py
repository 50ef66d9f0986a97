"""What was charged too much, as lines of the page and sums of places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.models import Region
from fees.overcharging.rules import Total, total
from fees.overcharging.selectors import Overcharge
from reports.overcharging import words


@dataclass(frozen=True)
class Line:
    """`kindergarten_code` and `version` lead to the schedule and the return, where they may be read."""

    found: Overcharge
    kindergarten: str
    kindergarten_code: str
    filing: int
    version: int
    why: str
    basis: str
    # Of what was given back before a correction: what was owed then.
    moved: str


def line(found: Overcharge) -> Line:
    version = found.charge.filing_version
    kindergarten = version.filing.kindergarten
    return Line(
        found=found,
        kindergarten=kindergarten.name,
        kindergarten_code=kindergarten.code,
        filing=version.filing_id,
        version=version.version,
        why=words.why(found),
        basis=words.basis(found),
        moved=words.moved(found),
    )


@dataclass(frozen=True)
class Place:
    region: Region
    total: Total


def places(found: Iterable[Overcharge], level: Region.Level) -> list[Place]:
    """By the regions of a level, the largest sum first; places without any are left out."""
    rows: dict[int, list[Overcharge]] = {}
    regions: dict[int, Region] = {}
    for one in found:
        region = _of_level(one.town, level)
        regions[region.pk] = region
        rows.setdefault(region.pk, []).append(one)
    made = [Place(regions[pk], sums(of_place)) for pk, of_place in rows.items()]
    return sorted(made, key=lambda place: (-place.total.refund, place.region.code))


def sums(found: Iterable[Overcharge]) -> Total:
    return total((one.kindergarten_id, one.excess, one.repaid) for one in found)


def _of_level(town: Region, level: Region.Level) -> Region:
    above: Mapping[Region.Level, Region | None] = {
        Region.Level.CITY: town.city,
        Region.Level.COUNTY: town.county,
    }
    return above.get(level) or town
