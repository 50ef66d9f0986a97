"""Columns of the list: what each says of a row, and how it behaves on a narrow screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.formatting import MISSING, count, zhdate, zhmonth
from kindergartens.procedures.annual_checks import conclusion_name
from kindergartens.record import rules
from kindergartens.record.catalogue import FIELDS, UNFILLED
from kindergartens.record.presenters import whole_completeness

# A kindergarten with the columns the list's query adds.
Row = Any


@dataclass(frozen=True)
class Look:
    """What a row is looked at with: the day, the month of returns, whether counties are named."""

    day: dt.date
    month: dt.date | None
    shows_county: bool


@dataclass(frozen=True)
class Cell:
    text: str
    sub: str = ""
    # A state of accounts/statuses.py, drawn as its tag.
    tag: str = ""
    muted: bool = False
    css: str = ""


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    cell: Callable[[Row, Look], Cell]
    sort: str = ""
    num: bool = False
    css: str = ""

    @property
    def is_labelled(self) -> bool:
        """Whether a phone, which shows rows as cards, names the value: what says itself is not."""
        return self.key not in SAY_THEMSELVES


SAY_THEMSELVES = frozenset({"town", "sponsor", "ownership", "state", "children_month", "filing"})
# Marks of columns that a narrow screen leaves out; not of columns somebody chose to see.
LEFT_OUT = frozenset({"desk-only", "w-1320"})


def _current(row: Row) -> Any:
    return getattr(row, "current", None)


def _town(row: Row, look: Look) -> Cell:
    current = _current(row)
    if current is None:
        return Cell(MISSING)
    county = current.town.county
    return Cell(current.town.name, county.name if look.shows_county and county else "")


def _display(path: str) -> Callable[[Row, Look], Cell]:
    """The words of a choice of today's status."""

    def cell(row: Row, look: Look) -> Cell:
        current = _current(row)
        return Cell(getattr(current, f"get_{path}_display")() if current else MISSING)

    return cell


def _recognition_document(row: Row, look: Look) -> Cell:
    current = _current(row)
    return _recognised(current, current.recognition_document if current else "")


def _recognised_until(row: Row, look: Look) -> Cell:
    current = _current(row)
    day = current.recognised_until if current else None
    return _recognised(current, zhdate(day) if day else "")


def _recognised(current: Any, shown: str) -> Cell:
    """Only a recognised private kindergarten has a recognition to register."""
    if shown:
        return Cell(shown)
    if current is not None and current.ownership == current.Ownership.INCLUSIVE_PRIVATE:
        return Cell("没有登记", muted=True)
    return Cell(MISSING, muted=True)


def _state(row: Row, look: Look) -> Cell:
    current = _current(row)
    if current is None:
        return Cell("没有登记")
    css = "desk-only" if current.operating_state == "operating" else ""
    return Cell(current.get_operating_state_display(), css=css)


def _children_month(row: Row, look: Look) -> Cell:
    if row.children_month:
        return Cell(zhmonth(row.children_month), muted=True)
    return Cell("还没有接收过月报", muted=True)


def _filing(row: Row, look: Look) -> Cell:
    current = _current(row)
    if row.filing_state:
        return Cell("", tag=row.filing_state)
    if current is not None and current.owes_return:
        return Cell("", tag="unfiled")
    return Cell("不用报", muted=True)


def _record(name: str) -> Callable[[Row, Look], Cell]:
    """A field of the record, in words."""

    def cell(row: Row, look: Look) -> Cell:
        shown = FIELDS[name].shown(row)
        return Cell(shown) if shown else Cell(UNFILLED, muted=True)

    return cell


def _licence(row: Row, look: Look) -> Cell:
    state = rules.licence_state(row.licence_until, look.day)
    if state == rules.LicenceState.MISSING:
        return Cell(UNFILLED, muted=True)
    tag = {"expired": "licence_expired", "expiring": "licence_expiring"}.get(state, "")
    return Cell(zhdate(row.licence_until), tag=tag)


def _completeness(row: Row, look: Look) -> Cell:
    found = whole_completeness(row)
    return Cell(f"{found.percent}%", f"{found.filled}/{found.asked}项")


def _annual_check(row: Row, look: Look) -> Cell:
    if not row.annual_conclusion:
        return Cell(MISSING)
    return Cell(conclusion_name(row.annual_conclusion), f"{row.annual_year}年度")


COLUMNS: tuple[Column, ...] = (
    Column("town", "乡镇街道", _town, sort="town", css="town"),
    Column("sponsor", "办别", _display("sponsor_type"), sort="sponsor", css="desk-only w-1320"),
    Column("ownership", "办园性质", _display("ownership"), sort="ownership"),
    Column("recognition_document", "普惠认定文件", _recognition_document),
    Column("recognised_until", "认定到期日", _recognised_until, sort="recognised"),
    Column("state", "办园状态", _state, sort="state"),
    Column("children", "在园幼儿", lambda row, look: Cell(count(row.children)), sort="children", num=True),
    Column("children_month", "数据月份", _children_month, css="gap-l desk-only w-1320"),
    Column("filing", "月报", _filing, sort="filing", css="gap-l filing"),
    Column("type", "办学类型", _record("institution_type"), sort="type"),
    Column("level", "等级", _display("level"), sort="level"),
    Column("urban_rural", "城乡分类", _display("urban_rural")),
    Column("director", "园长", lambda row, look: Cell(row.director or MISSING)),
    Column("inspector", "责任督学", _record("inspector")),
    Column("code", "学校标识码", lambda row, look: Cell(row.code), sort="code"),
    Column("uscc", "统一社会信用代码", _record("uscc")),
    Column("sponsor_name", "举办者", _record("sponsor_name")),
    Column("legal_person", "法定代表人", _record("legal_person")),
    Column("licence_number", "办学许可证号", _record("licence_number")),
    Column("licence_until", "许可证有效期止", _licence, sort="licence"),
    Column("opened_on", "建园日期", lambda row, look: Cell(zhdate(row.opened_on)), sort="opened"),
    Column("annual_check", "最近年检结论", _annual_check),
    Column("address", "地址", _record("address")),
    Column("landline", "座机", _record("landline")),
    Column("party_body", "党组织", _record("party_body")),
    Column("parent_committee", "家长委员会", _record("parent_committee")),
    Column("meal_service", "供餐", _record("meal_service")),
    Column("school_buses", "校车", _record("school_buses")),
    Column("after_hours", "延时服务", _record("after_hours")),
    Column("nursery_classes", "托班", _record("nursery_classes")),
    Column("inclusion", "融合教育", _record("inclusion")),
    Column("boarding", "寄宿", _record("boarding")),
    Column("former_names", "曾用名", lambda row, look: Cell(row.former_names or MISSING)),
    Column("completeness", "资料完整度", _completeness, num=True),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = ("town", "sponsor", "ownership", "state", "children", "children_month", "filing")
MOST = 14


def columns_of(keys: Iterable[str]) -> list[Column]:
    """Known columns in the order of the list, MOST at most; the usual ones where none is known."""
    return _known(keys)[:MOST] or [BY_KEY[key] for key in USUAL]


def left_out_of(keys: Iterable[str]) -> list[Column]:
    """Known columns that columns_of leaves out because they are too many."""
    return _known(keys)[MOST:]


def _known(keys: Iterable[str]) -> list[Column]:
    wanted = set(keys)
    return [column for column in COLUMNS if column.key in wanted]


def is_wide(columns: Sequence[Column]) -> bool:
    """More columns than a screen holds: the table scrolls, and a phone names every value."""
    return len(columns) > len(USUAL)


def as_shown(columns: Sequence[Column]) -> list[Column]:
    """The columns with their classes; of a choice wider than usual, none is left out anywhere."""
    if not is_wide(columns):
        return list(columns)
    return [replace(column, css=_kept(column.css)) for column in columns]


def _kept(css: str) -> str:
    return " ".join(name for name in css.split() if name not in LEFT_OUT)


def cells(rows: Iterable[Row], columns: Sequence[Column], look: Look) -> list[dict[str, Any]]:
    """Rows for the table: the kindergarten and its cells, each with its column and classes."""
    wide = is_wide(columns)
    return [
        {
            "kindergarten": row,
            "cells": [
                (column, cell, _kept(_css(column, cell)) if wide else _css(column, cell))
                for column, cell in ((column, column.cell(row, look)) for column in columns)
            ],
        }
        for row in rows
    ]


def _css(column: Column, cell: Cell) -> str:
    parts = ["num" if column.num else "", column.css, cell.css, "muted" if cell.muted else ""]
    return " ".join(filter(None, parts))
