"""石景山区: nine streets; the counts are invented to stand near the district's targets."""

from __future__ import annotations

import random

from config.demo.plan import (
    CountyPlan,
    KindergartenPlan,
    Names,
    Outcome,
    Ownership,
    sponsor_of,
)

CODE = "110107"
KINDERGARTENS = [
    (Ownership.PUBLIC, Outcome.ACCEPTED, 19),
    (Ownership.PUBLIC, Outcome.SUBMITTED, 1),
    (Ownership.INCLUSIVE_PRIVATE, Outcome.ACCEPTED, 11),
    (Ownership.INCLUSIVE_PRIVATE, Outcome.SUBMITTED, 1),
    (Ownership.NON_INCLUSIVE_PRIVATE, Outcome.ACCEPTED, 3),
    (Ownership.NON_INCLUSIVE_PRIVATE, Outcome.ABSENT, 1),
]


def plan(rng: random.Random, towns: dict[str, str]) -> CountyPlan:
    """`towns` gives each street's code by its name."""
    places = list(towns.items())
    names = Names(rng)
    kindergartens: list[KindergartenPlan] = []
    for ownership, outcome, count in KINDERGARTENS:
        for _ in range(count):
            name, code = places[len(kindergartens) % len(places)]
            kindergartens.append(
                KindergartenPlan(
                    names.next_for(name),
                    code,
                    ownership,
                    sponsor_of(ownership),
                    rng.randint(200, 390),
                    outcome=outcome,
                )
            )
    population: dict[str, int] = {}
    for kindergarten in kindergartens:
        population[kindergarten.town] = population.get(kindergarten.town, 0) + kindergarten.children
    population = {
        code: round(children / rng.uniform(0.92, 1.01)) for code, children in population.items()
    }
    return CountyPlan(CODE, kindergartens, population | {CODE: sum(population.values())})
