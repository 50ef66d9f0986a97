"""阿勒泰地区, December 2020: 322 kindergartens, 28,959 children, 8 private ones with 1,251.

These totals and the 10 kindergartens with 2,739 children in the streets of 阿勒泰市 are printed in
阿行办发〔2021〕2号, as is the public share of 95.68 %. How they spread over seven counties and their
towns, the population and every single kindergarten but 阿勒泰市第六幼儿园 are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from config.demo.parts import apportion, partition, spread_units
from config.demo.plan import CountyPlan, KindergartenPlan, Names, Ownership, sponsor_of

KINDERGARTENS = 322
CHILDREN = 28959
PRIVATE_KINDERGARTENS = 8
PRIVATE_CHILDREN = 1251
URBAN_KINDERGARTENS = 10
URBAN_CHILDREN = 2739
URBAN_PRIVATE = 2
URBAN_COUNTY = "654301"
NAMED_URBAN = "阿勒泰市第六幼儿园"

# Public kindergartens outside the streets; inclusive and other private ones in the county's seat.
COUNTIES = {
    "654301": (46, 0, 0),
    "654321": (39, 1, 0),
    "654322": (50, 1, 1),
    "654323": (43, 0, 1),
    "654324": (51, 1, 0),
    "654325": (41, 0, 1),
    "654326": (36, 0, 0),
}


@dataclass(frozen=True)
class Place:
    code: str
    name: str

    @property
    def is_street(self) -> bool:
        return self.code[6:9] < "100"


def plans(rng: random.Random, towns: dict[str, list[Place]]) -> list[CountyPlan]:
    """`towns` lists the towns and streets of each county code, the seat first."""
    private = partition(rng, PRIVATE_CHILDREN, PRIVATE_KINDERGARTENS, 0.2)
    urban_private = [private.pop() for _ in range(URBAN_PRIVATE)]
    urban_public = partition(
        rng, URBAN_CHILDREN - sum(urban_private), URBAN_KINDERGARTENS - URBAN_PRIVATE, 0.2
    )
    rural_children = CHILDREN - URBAN_CHILDREN - sum(private)
    by_county = apportion(
        rural_children, [public * rng.uniform(0.95, 1.05) for public, *_ in COUNTIES.values()]
    )
    made = []
    for (code, counts), children in zip(COUNTIES.items(), by_county, strict=True):
        public, inclusive, other = counts
        names = Names(rng)
        kindergartens = []
        places = towns[code]
        if code == URBAN_COUNTY:
            streets = [place for place in places if place.is_street]
            kindergartens += _urban(names, streets, urban_public, urban_private)
            places = [place for place in places if not place.is_street]
        kindergartens += _rural(rng, names, places, public, children)
        kindergartens += [
            _kindergarten(names, places[0], ownership, private.pop())
            for ownership, count in (
                (Ownership.INCLUSIVE_PRIVATE, inclusive),
                (Ownership.NON_INCLUSIVE_PRIVATE, other),
            )
            for _ in range(count)
        ]
        made.append(CountyPlan(code, kindergartens, _population(rng, code, kindergartens)))
    return made


def _kindergarten(
    names: Names, place: Place, ownership: Ownership, children: int
) -> KindergartenPlan:
    return KindergartenPlan(
        names.next_for(place.name), place.code, ownership, sponsor_of(ownership), children
    )


def _urban(
    names: Names, streets: list[Place], public: list[int], private: list[int]
) -> list[KindergartenPlan]:
    sizes = [(Ownership.PUBLIC, size) for size in sorted(public, reverse=True)]
    sizes += [(Ownership.INCLUSIVE_PRIVATE, size) for size in private]
    made = []
    for at, (ownership, children) in enumerate(sizes):
        street = streets[at % len(streets)]
        if at == 0:
            made.append(
                KindergartenPlan(
                    NAMED_URBAN,
                    street.code,
                    ownership,
                    sponsor_of(ownership),
                    children,
                    is_example=False,
                )
            )
        else:
            made.append(_kindergarten(names, street, ownership, children))
    return made


def _rural(
    rng: random.Random, names: Names, places: list[Place], public: int, children: int
) -> list[KindergartenPlan]:
    """The seat has the most and the largest; villages have few children each."""
    weights = [2.5] + [rng.uniform(0.7, 1.3) for _ in places[1:]]
    counts = spread_units(rng, public, weights)
    homes = [place for place, count in zip(places, counts, strict=True) for _ in range(count)]
    sizes = apportion(
        children,
        [rng.uniform(1.2, 2.4) if home == places[0] else rng.uniform(0.4, 1.4) for home in homes],
    )
    return [
        _kindergarten(names, home, Ownership.PUBLIC, size)
        for home, size in zip(homes, sizes, strict=True)
    ]


def _population(
    rng: random.Random, code: str, kindergartens: list[KindergartenPlan]
) -> dict[str, int]:
    population: dict[str, int] = {}
    for kindergarten in kindergartens:
        population[kindergarten.town] = population.get(kindergarten.town, 0) + kindergarten.children
    for town, children in population.items():
        population[town] = round(children / rng.uniform(0.94, 1.01))
    return population | {code: sum(population.values())}
