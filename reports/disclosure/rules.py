"""What of a kindergarten's staff is published, and what would tell of one person (公示). Plain Python.

Source: 学前教育法 Art 72 (qualification and number of teachers and other staff are published); what
identifies a natural person stays out (个人信息保护法 Art 6, 51).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A qualification of fewer people than this is a statement about one of them whom everybody knows.
FEWEST = 3


@dataclass(frozen=True)
class Shares:
    """People by level. `rest` counts those whose level is too rare to be named, or not recorded."""

    named: list[tuple[str, int]]
    rest: int


def published_shares(counts: Mapping[str, int], levels: Sequence[str]) -> Shares | None:
    """Levels in their order with the people in each; None where there are too few people at all.

    Levels with fewer than `FEWEST` people are counted in the rest, and the smallest named one after
    another as long as the rest itself is so few.
    """
    named = {level: counts[level] for level in levels if counts.get(level, 0) >= FEWEST}
    rest = sum(counts.values()) - sum(named.values())
    while named and 0 < rest < FEWEST:
        rest += named.pop(min(named, key=lambda level: named[level]))
    if not named:
        return None
    return Shares([(level, named[level]) for level in levels if level in named], rest)


def published_certified(people: int, certified: int | None) -> int | None:
    """How many hold the certificate of their post; None where none is asked, or they are too few.

    Too few who hold it and too few who do not are the same: eleven of twelve says who the twelfth is.
    Nobody without it, and nobody with it, is said.
    """
    if certified is None or people < FEWEST:
        return None
    few = any(0 < part < FEWEST for part in (certified, people - certified))
    return None if few else certified
