"""Positions drawn to scale on a sheet of our own: no tiles, no outside server. Plain Python.

A sheet holds so many dots; where there are more, those close together become one bin with a
number, which opens as a sheet of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

KM_PER_DEGREE = 111.32
MARGIN = 24
# Never so deep that a village fills the sheet: a single place is shown with 2 km around it.
LEAST_KM = 2.0
# Height of a sheet as a share of its width.
FLATTEST, STEEPEST = 0.5, 1.15
LETTER = 13


class Located(Protocol):
    @property
    def latitude(self) -> float: ...

    @property
    def longitude(self) -> float: ...

    @property
    def area(self) -> str: ...


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    place: Located


@dataclass(frozen=True)
class Bin:
    """So many places close together; `box` is south, west, north, east in degrees."""

    x: float
    y: float
    radius: float
    number: int
    box: tuple[float, float, float, float]

    @property
    def address(self) -> str:
        """The box as it stands in an address."""
        return ",".join(f"{degrees:.6f}" for degrees in self.box)


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Sheet:
    """`bar_km` kilometres are `bar` units long."""

    width: int
    height: int
    dots: Sequence[Dot]
    bins: Sequence[Bin]
    labels: Sequence[Label]
    bar: float
    bar_km: float

    @property
    def foot(self) -> int:
        """Where the bar of the scale stands."""
        return self.height - 10


def draw(places: Sequence[Located], *, width: int, most: int, cells: int) -> Sheet | None:
    """Lay places out on a sheet `width` units wide; None without places.

    Above `most` places, squares of width/cells with more than one place become bins.
    """
    if not places:
        return None
    scale = _Scale(places, width)
    if len(places) <= most:
        dots = [Dot(*scale.at(place), place) for place in places]
        bins: list[Bin] = []
    else:
        dots, bins = _binned(places, scale, (width - 2 * MARGIN) / cells)
    bar_km = _round_length((width - 2 * MARGIN) / 4 / scale.units_per_km)
    return Sheet(
        width,
        scale.height,
        dots,
        bins,
        _labels(places, scale, dots, bins),
        bar_km * scale.units_per_km,
        bar_km,
    )


class _Scale:
    """Degrees to units: north is up, and a kilometre is as long one way as the other."""

    def __init__(self, places: Sequence[Located], width: int) -> None:
        lats = [place.latitude for place in places]
        lons = [place.longitude for place in places]
        self.middle = ((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
        self.shrink = math.cos(math.radians(self.middle[0]))
        tall = max((max(lats) - min(lats)) * KM_PER_DEGREE, LEAST_KM)
        wide = max((max(lons) - min(lons)) * KM_PER_DEGREE * self.shrink, LEAST_KM)
        self.width = width
        room = width - 2 * MARGIN
        self.height = round(min(max(room * tall / wide, width * FLATTEST), width * STEEPEST))
        self.units_per_km = min(room / wide, (self.height - 2 * MARGIN) / tall)

    def at(self, place: Located) -> tuple[float, float]:
        return self.point(place.latitude, place.longitude)

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        east = (longitude - self.middle[1]) * KM_PER_DEGREE * self.shrink
        north = (latitude - self.middle[0]) * KM_PER_DEGREE
        x = self.width / 2 + east * self.units_per_km
        y = self.height / 2 - north * self.units_per_km
        return round(x, 1), round(y, 1)


def _binned(places: Sequence[Located], scale: _Scale, side: float) -> tuple[list[Dot], list[Bin]]:
    squares: dict[tuple[int, int], list[Located]] = defaultdict(list)
    for place in places:
        x, y = scale.at(place)
        squares[int(x // side), int(y // side)].append(place)
    dots, bins = [], []
    largest = max(map(len, squares.values()))
    for held in squares.values():
        if len(held) == 1:
            dots.append(Dot(*scale.at(held[0]), held[0]))
            continue
        spots = [scale.at(place) for place in held]
        x = sum(x for x, _ in spots) / len(spots)
        y = sum(y for _, y in spots) / len(spots)
        radius = side * (0.28 + 0.2 * math.sqrt(len(held) / largest))
        bins.append(Bin(round(x, 1), round(y, 1), round(radius, 1), len(held), _box(held)))
    return dots, bins


def _box(held: Sequence[Located]) -> tuple[float, float, float, float]:
    """Around the places, the last digit outwards: the north and east edges are not part of it."""
    step = 0.000001
    return (
        round(min(place.latitude for place in held), 6),
        round(min(place.longitude for place in held), 6),
        round(max(place.latitude for place in held) + step, 6),
        round(max(place.longitude for place in held) + step, 6),
    )


# left, top, right, bottom
Edges = tuple[float, float, float, float]
# Half of a mark's width, with a little air.
MARK = 8
# Where a name may stand beside the middle of its places: tried in this order, nearest first.
STEPS = (14, 24, 36, 50)
SIDES = ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))


def _labels(
    places: Sequence[Located], scale: _Scale, dots: Sequence[Dot], bins: Sequence[Bin]
) -> list[Label]:
    """One name near the middle of each area's places, on no mark, bin or other name.

    A name without such a spot is left out: the table beside the map has them all.
    """
    areas: dict[str, list[Located]] = defaultdict(list)
    for place in places:
        if place.area:
            areas[place.area].append(place)
    taken: list[Edges] = [(dot.x - MARK, dot.y - MARK, dot.x + MARK, dot.y + MARK) for dot in dots]
    taken += [
        (bin_.x - bin_.radius, bin_.y - bin_.radius, bin_.x + bin_.radius, bin_.y + bin_.radius)
        for bin_ in bins
    ]
    labels = []
    for text, held in sorted(areas.items(), key=lambda area: (-len(area[1]), area[0])):
        latitude = sum(place.latitude for place in held) / len(held)
        longitude = sum(place.longitude for place in held) / len(held)
        middle = scale.point(latitude, longitude)
        half = LETTER * len(text) / 2
        for x, y in _spots(middle, half):
            box = (x - half, y - LETTER, x + half, y + 4)
            inside = box[0] >= 2 and box[2] <= scale.width - 2 and box[1] >= 2
            if inside and box[3] <= scale.height and not any(_overlap(box, t) for t in taken):
                taken.append(box)
                labels.append(Label(round(x, 1), round(y, 1), text))
                break
    return labels


def _spots(middle: tuple[float, float], half: float) -> Iterator[tuple[float, float]]:
    """Baselines' middles to try for a name `half` its width wide on each side."""
    x, y = middle
    yield x, y + 4
    for step in STEPS:
        for right, down in SIDES:
            yield x + right * (half + step / 2), y + 4 + down * step


def _overlap(one: Edges, other: Edges) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _round_length(km: float) -> float:
    """The largest of 1, 2, 5, 10, … (or 0.5, 0.2, …) kilometres that is no longer."""
    power = 10.0 ** math.floor(math.log10(km)) if km > 0 else 1.0
    for step in (5, 2, 1):
        if step * power <= km:
            return step * power if power < 1 else int(step * power)
    return power
