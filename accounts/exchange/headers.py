"""Which column of the file is which: by its head, wherever it stands, and checked by its content."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accounts.exchange.declaring import Column, Fault
from accounts.exchange.kinds import Cell, as_text, compact
from accounts.files.workbook_cells import letters

# A title and a note may stand above the heads.
HEADS_WITHIN = 10
MARKS_OF_REQUIRED = ("*", "(必填)", "(选填)")
# So many of a column's cells must not fit it, and fit another, to say that two were swapped.
MOSTLY = 0.8
ENOUGH_TO_TELL = 3
SAMPLE = 200


@dataclass
class Heads:
    """`row` counts from 1; `places` is column name -> position from 0."""

    row: int = 1
    places: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def plain_head(cell: Cell) -> str:
    text = compact(cell)
    for mark in MARKS_OF_REQUIRED:
        text = text.replace(mark, "")
    return text


def find_heads(
    rows: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    *,
    dropped: Mapping[str, str],
    version: int,
    file_version: int | None,
) -> Heads:
    """Find the row of heads and say what differs from the template in force."""
    spelled = {plain_head(name): column for column in columns for name in column.aliases}
    spelled |= {plain_head(column.head): column for column in columns}
    best = max(
        range(min(len(rows), HEADS_WITHIN)),
        key=lambda number: sum(plain_head(cell) in spelled for cell in rows[number]),
        default=0,
    )
    found = Heads(row=best + 1)
    heads = rows[best] if rows else []
    unknown: list[tuple[int, str]] = []
    for position, cell in enumerate(heads):
        text = plain_head(cell)
        column = spelled.get(text)
        if column is None:
            if text:
                unknown.append((position, as_text(cell)))
        elif column.name in found.places:
            first = letters(found.places[column.name] + 1)
            found.faults.append(
                Fault(
                    found.row, position + 1, column.head, as_text(cell),
                    f"“{column.head}”和{first}列重复。请只留一列。",
                )
            )  # fmt: skip
        else:
            found.places[column.name] = position
    if not found.places:
        wanted = "、".join(column.head for column in columns if column.required)
        typed = "、".join(as_text(cell) for cell in heads if cell is not None)[:100]
        found.faults.append(
            Fault(
                found.row, 0, "表头", typed,
                f"找不到表头。要有一行写着：{wanted}。请用下载的模板填写。",
            )
        )  # fmt: skip
        return found
    _say_what_differs(found, columns, unknown, dropped, version, file_version)
    return found


def _say_what_differs(
    found: Heads,
    columns: Sequence[Column],
    unknown: list[tuple[int, str]],
    dropped: Mapping[str, str],
    version: int,
    file_version: int | None,
) -> None:
    if file_version is not None and file_version > version:
        found.faults.append(
            Fault(
                0, 0, "模板版本", f"第{file_version}版",
                f"文件用的是第{file_version}版模板，系统现在用的是第{version}版，认不出更新的栏目。"
                "请下载现在的模板，把内容粘贴过去；模板是从别的系统来的，请核对。",
            )
        )  # fmt: skip
    is_older = file_version is not None and file_version < version
    added = [
        column.head
        for column in columns
        if column.name not in found.places and file_version is not None
        and column.since > file_version
    ]  # fmt: skip
    if is_older:
        what = f"新模板多了：{'、'.join(added)}。" if added else "栏目没有增加。"
        found.notices.append(
            f"文件用的是第{file_version}版模板，现在是第{version}版。{what}没有的栏目不改动现有数据。"
        )
    for column in columns:
        if not column.required or column.name in found.places:
            continue
        heads = {text: position for position, text in unknown}
        near = difflib.get_close_matches(column.head, heads, n=1, cutoff=0.5)
        hint = f"{letters(heads[near[0]] + 1)}列“{near[0]}”是不是它？" if near else ""
        old = "旧模板没有这一栏。" if column.head in added else ""
        found.faults.append(
            Fault(
                found.row, 0, column.head, "",
                f"缺少“{column.head}”这一栏。{hint}{old}请下载新模板，把内容粘贴过去。",
            )
        )  # fmt: skip
    known = {plain_head(head): why for head, why in dropped.items()}
    for position, text in unknown:
        why = known.get(plain_head(text))
        found.notices.append(
            f"{letters(position + 1)}列“{text}”没有读取：{why or '模板里没有这一栏'}。"
        )


def swapped(
    columns: Sequence[Column], places: Mapping[str, int], fits: Mapping[str, Mapping[str, float]]
) -> list[tuple[Column, Column]]:
    """Pairs (column, the other whose content it seems to hold).

    `fits[a][b]` is the share of a's filled cells that b's kind can read, for strict kinds b.
    """
    found = []
    for column in columns:
        own = fits.get(column.name, {})
        if column.name not in own or own[column.name] > 1 - MOSTLY:
            continue
        holders = [
            other
            for other in columns
            if other.name != column.name
            and other.name in places
            and fits.get(other.name, {}).get(column.name, 0) >= MOSTLY
        ]
        if holders:
            found.append((column, holders[0]))
    return found
