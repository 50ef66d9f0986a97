"""What a publication's bytes are, what may be published, and what two of them differ in. Plain Python.

Schema 1 (canonical JSON: keys sorted, no spaces, UTF-8; whole numbers as numbers, values unrounded
as text, times in ISO 8601 and UTC; no floats):

    schema, number, kind, kind_name, revision, corrects, reason, frozen_at, prepared_by, published_by
    region {code, name, level}, month, school_year, reference_date, computed_at
    coverage {expected, filed, accepted}, provisional, incomplete_reason
    missing [{code, name, ownership, town, state, last_month, last_children}]
    population {resident, registered, date, sources}
    indicators {code: {name, unit, suffix, kind, formula, base, source, version, parts}}
    figures [{indicator, numerator, denominator, numerator_heads, denominator_heads, value, shown,
              verdict, reason, targets [{operator, target, by_date, document, document_number,
              clause, verdict, gap, surplus, close}]}]
    regions [{code, name, coverage {...}, population {resident, registered, date},
              figures [...]}]   those right below
    returns [...]   ids of the versions of returns that add up to it
    changes [...]   of a correction: what differs from the one before
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

SCHEMA = 1

# Numbers of what is published begin with these.
PREFIXES = {"monthly": "YDTB", "annual": "NDGB", "self_assessment": "ZP"}
# A bulletin says where a month stands and may say that it is 暂计. What a year or an evaluation is
# judged by is asked to be whole: where it is not, the publication itself says why.
MAY_BE_PROVISIONAL = frozenset({"monthly"})

Body = Mapping[str, Any]


def canonical(value: Any) -> bytes:
    """The one spelling of a value. TypeError for a float, which has no exact spelling."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError(f"a float has no place in what is published: {value!r}")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def read_back(value: Any) -> dict[str, Any]:
    """The value as it reads when its canonical bytes are read again."""
    found: dict[str, Any] = json.loads(canonical(value))
    return found


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def problem_of_missing(
    kind: str, missing: int, *, agreed: bool, incomplete_reason: str
) -> tuple[str, str] | None:
    """Field and text of what stands against publishing while returns are missing; None without."""
    if not missing:
        return None
    if kind in MAY_BE_PROVISIONAL:
        if agreed:
            return None
        return "agreed", f"还有{missing:,}所没有计入。要现在公布的，请勾选按暂计公布；否则等报齐。"
    if incomplete_reason:
        return None
    return "incomplete_reason", f"还有{missing:,}所没有计入。请等报齐，或写明为什么不等。"


@dataclass(frozen=True)
class Difference:
    """One number or verdict that is not the same in two bodies; None where one does not have it."""

    region: str
    place: str
    indicator: str  # empty for coverage
    part: str
    before: int | str | None
    after: int | str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


# What a body says of the figures besides when they were computed, as people name it.
SECTIONS = {
    "schema": "数据格式",
    "region": "地区",
    "reference_date": "统计时点",
    "coverage": "应报和计入园数",
    "provisional": "是否暂计",
    "missing": "没有计入的园",
    "population": "人口",
    "indicators": "指标口径",
    "figures": "本级指标和目标",
    "regions": "下级地区的指标",
    "returns": "计入的月报",
}


def changed_sections(before: Body, after: Body) -> list[str]:
    """What of the figures is not word for word the same in two bodies, in words."""
    return [words for name, words in SECTIONS.items() if before[name] != after[name]]


COUNTS = ("numerator", "denominator", "numerator_heads", "denominator_heads")
COVERAGE = ("expected", "accepted")


def differences(before: Body, after: Body) -> list[Difference]:
    """Every count and verdict that differs, the region's own first, then by code. Values follow from
    counts, and are told where no counts are.
    """
    first, second = dict(_told(before)), dict(_told(after))
    names = {place["code"]: place["name"] for body in (before, after) for place in _places(body)}
    return [
        Difference(key[0], names[key[0]], key[1], key[2], first.get(key), second.get(key))
        for key in dict.fromkeys([*second, *first])
        if first.get(key) != second.get(key)
    ]


def _places(body: Body) -> Iterator[Mapping[str, Any]]:
    own = {name: body[name] for name in ("coverage", "population", "figures")}
    yield body["region"] | own
    yield from body["regions"]


def _told(body: Body) -> Iterator[tuple[tuple[str, str, str], int | str | None]]:
    for place in _places(body):
        for part in COVERAGE:
            yield (place["code"], "", part), place["coverage"][part]
        for figure in place["figures"]:
            # A ratio of pay whose sums are not told is told by its value alone.
            value = ("shown",) if figure["numerator"] is None else ()
            for part in (*COUNTS, *value, "verdict"):
                yield (place["code"], figure["indicator"], part), figure[part]


def figure_in(body: Body, region: str, indicator: str) -> Mapping[str, Any] | None:
    """A region's figure as it was published; None where the body does not have it."""
    place = place_in(body, region)
    figures = place["figures"] if place else []
    return next((one for one in figures if one["indicator"] == indicator), None)


def place_in(body: Body, region: str) -> Mapping[str, Any] | None:
    return next((place for place in _places(body) if place["code"] == region), None)


def broken(content: bytes, *, digest: str, said: Mapping[str, Any]) -> str:
    """What does not fit between kept bytes, their digest and their row; empty when all does."""
    if digest_of(content) != digest:
        return "内容与校验值不一致"
    try:
        body = json.loads(content)
    except ValueError:
        return "内容读不出来"
    for name, value in read_back(said).items():
        found = body.get(name)
        if found != value:
            return f"内容里的{name}是{found}，记录里是{value}"
    return "" if canonical(body) == content else "内容不是规范写法"
