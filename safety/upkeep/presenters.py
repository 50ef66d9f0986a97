"""Lines of the pages of what kindergartens keep up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.formatting import count, zhdate
from safety.upkeep import words
from safety.upkeep.kinds import KINDS
from safety.upkeep.rules import LACKS, MILD
from safety.upkeep.selectors import Place


@dataclass(frozen=True)
class PlaceLine:
    place: Place
    # Words, and whether it is a failure.
    lacks: Sequence[tuple[str, bool]]
    insured: str
    covered: str
    drill: str
    training: str
    kitchen: str


def place_line(place: Place) -> PlaceLine:
    return PlaceLine(
        place,
        [(LACKS[one], one not in MILD) for one in place.lacks],
        words.day_words(place.insured_until),
        words.covered_words(place),
        words.day_words(place.last_drill),
        words.day_words(place.last_training),
        words.kitchen_words(place),
    )


@dataclass(frozen=True)
class Row:
    """One row of a kind: its cells in the order of the heads."""

    row: Any
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Block:
    code: str
    label: str
    heads: Sequence[str]
    rows: Sequence[Row]


HEADS = {
    "drill": ("演练", "日期", "参加", "用时", "发现的问题"),
    "training": ("内容", "日期", "参加"),
    "policy": ("保险公司", "保单号", "有效期", "承保幼儿", "累计限额"),
    "kitchen": ("许可证编号", "发证日期", "有效期至", "明厨亮灶"),
}


def _cells(code: str, row: Any) -> tuple[str, ...]:
    if code == "drill":
        return (
            row.get_kind_display(), zhdate(row.held_on), f"{count(row.people)}人",
            f"{row.minutes}分钟", row.found or "没有",
        )  # fmt: skip
    if code == "training":
        return row.subject, zhdate(row.held_on), f"{count(row.people)}人"
    if code == "policy":
        days = f"{zhdate(row.valid_from)}至{zhdate(row.valid_until)}"
        return (
            row.insurer, row.number, days, f"{count(row.children)}人", f"{count(row.sum_yuan)}元",
        )  # fmt: skip
    return (
        row.number, zhdate(row.valid_from), zhdate(row.valid_until), row.get_open_kitchen_display(),
    )  # fmt: skip


def blocks(rows: Mapping[str, Iterable[Any]]) -> list[Block]:
    return [
        Block(
            code,
            kind.label,
            HEADS[code],
            [
                Row(row, list(zip(HEADS[code], _cells(code, row), strict=True)))
                for row in rows[code]
            ],
        )
        for code, kind in KINDS.items()
    ]
