"""A draft as a workbook would have it: the draft it was made from, with the cells that were filled in.

Plain Python. What the workbook does not hold (reasons for what is unusual) stays as in the draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.exchange.kinds import Clock, Day, Wrong, compact
from reports.filings.checks import GRADE_LABELS, SECTIONS, Field, Section, read_count
from reports.filings.checks.cells import read_money
from reports.filings.checks.sections.declaring import Kind
from reports.filings.workbook import layout
from reports.filings.workbook.reading import EMPTY, ClassLine, FilledForm, Typed, Unread

# The order of the rows: that of the page.
GRADE_ORDER = ("small", "middle", "large", "mixed", "nursery")
GRADES = {label: code for code, label in GRADE_LABELS.items()} | {"混龄班": "mixed"}
ANY_NUMBER = 10**9
NO_SUCH_GRADE = f"年级只能是{'、'.join(GRADE_LABELS[code] for code in GRADE_ORDER)}。"


@dataclass
class Filled:
    """`draft` is complete. `gone`: positions in it of classes that the workbook no longer has.

    A class is never dropped because a row is missing; whoever uploads is asked. `places`: which row
    of the sheet, from 0, is which class of it.
    """

    draft: dict[str, Any]
    places: dict[int, int] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def in_page_order(classes: Sequence[Mapping[str, Any]]) -> list[int]:
    """Positions of the classes as the page and the workbook show them: by grade."""
    rank = {code: number for number, code in enumerate(GRADE_ORDER)}
    return sorted(range(len(classes)), key=lambda at: rank.get(str(classes[at].get("grade")), 9))


def fill(
    base: Mapping[str, Any], form: FilledForm, places: Mapping[int, int] | None = None
) -> Filled:
    """Put the cells of a workbook over the draft it was made from.

    `places` are those of the same workbook when it was read before; else it was made of `base`.
    """
    filled = Filled(dict(base), unread=list(form.unread))
    classes = list(base.get("classes", []))
    if places is None:
        places = dict(enumerate(in_page_order(classes)))
    filled.draft["classes"] = _classes(classes, form.classes, places, filled)
    for code, rows in form.parts.items():
        section, part = SECTIONS[code], base.get(code, {})
        made = {row: _row(section, row, part.get(row, {}), one) for row, one in rows.items()}
        # A row that is still not there stays away; what was emptied is kept as emptied.
        there = {row for row in made if row in part or row in section.rows_in(made)}
        filled.draft[code] = {**part, **{row: one for row, one in made.items() if row in there}}
    if layout.DAYS_OPEN in form.other:
        _put_count(filled.draft, "days_open", form.other[layout.DAYS_OPEN])
    if layout.REMARKS in form.other:
        _put_text(filled.draft, "remarks", form.other[layout.REMARKS])
    return filled


def _classes(
    base: Sequence[Mapping[str, Any]],
    lines: Sequence[ClassLine],
    places: Mapping[int, int],
    filled: Filled,
) -> list[dict[str, Any]]:
    """The classes of the draft in their order, changed as the sheet says, then the new ones."""
    of_base, new = _paired(base, lines, places)
    filled.places = {line.place: at for at, line in of_base.items()} | {
        line.place: len(base) + number for number, line in enumerate(new)
    }
    rows = []
    for at, row in enumerate(base):
        line = of_base.get(at)
        if line is None and _says_something(row):
            filled.gone.append(at)
        rows.append(dict(row) if line is None else _class(row, line, filled))
    blank = {**dict.fromkeys(("name", "grade", *layout.COUNTS), ""), "explanations": {}}
    return rows + [_class(blank, line, filled) for line in new]


def _paired(
    base: Sequence[Mapping[str, Any]], lines: Sequence[ClassLine], places: Mapping[int, int]
) -> tuple[dict[int, ClassLine], list[ClassLine]]:
    """Which row of the sheet is which class: by its name; renamed, by its place and grade."""
    order = in_page_order(base)
    found: dict[int, ClassLine] = {}
    others = []
    for line in lines:
        name = line.cells["name"].text
        same = [at for at in order if at not in found and _name(base[at]) == name]
        # Of several without a name, the one that stands there.
        here = places.get(line.place)
        at = here if here in same else next(iter(same), None)
        if at is None:
            others.append(line)
        else:
            found[at] = line
    new = []
    for line in others:
        at = places.get(line.place)
        if at is not None and at not in found and _grade(line) in (base[at].get("grade"), None):
            found[at] = line
        else:
            new.append(line)
    return found, new


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name", ""))


def _grade(line: ClassLine) -> str | None:
    """The code of the grade that is filled in; None where it cannot be read."""
    cell = line.cells["grade"]
    return None if cell.unread else GRADES.get(compact(cell.text), cell.text)


def _says_something(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) for name in ("name", *layout.COUNTS))


def _class(row: Mapping[str, Any], line: ClassLine, filled: Filled) -> dict[str, Any]:
    made = dict(row)
    _put_text(made, "name", line.cells["name"])
    grade = line.cells["grade"]
    code = _grade(line)
    if code is None:
        pass  # said already
    elif code in GRADE_LABELS or code == made.get("grade", ""):
        made["grade"] = code
    else:
        filled.unread.append(_wrong_grade(line, grade))
    for column in layout.COUNTS:
        _put_count(made, column, line.cells[column])
    return made


def _wrong_grade(line: ClassLine, cell: Typed) -> Unread:
    name = line.cells["name"].text
    why = f"{name or '这个班'}的年级没有读入。{NO_SUCH_GRADE}"
    return Unread(layout.CLASSES, line.row, line.grade_column, "年级", cell.text, why)


def _row(
    section: Section, row: str, before: Mapping[str, Any], cells: Mapping[str, Typed]
) -> dict[str, Any]:
    """A row of a declared section: numbers as they would be typed, choices by their words."""
    made = dict(before)
    for one in section.fields:
        if not one.asked_of(row):
            continue
        if one.kind == Kind.COUNT:
            _put_count(made, one.name, cells[one.name])
        elif one.kind == Kind.MONEY:
            _put_money(made, one.name, cells[one.name])
        else:
            cell = cells[one.name]
            _put_text(made, one.name, replace(cell, text=_as_kept(one, cell.text)))
    return made


def _as_kept(one: Field, text: str) -> str:
    """A choice by its code, a day or a moment as the form keeps it, whatever notation it has.

    What cannot be read stays as it is, and the check at the field says what is wrong.
    """
    if one.kind not in {Kind.DAY, Kind.MOMENT} or not text:
        return one.code_of(text)
    typed = text.replace("T", " ").strip()
    try:
        if one.kind == Kind.DAY:
            return Day().read(typed).isoformat()
        day, _, time = typed.rpartition(" ")
        return f"{Day().read(day).isoformat()}T{Clock().read(time):%H:%M}"
    except Wrong:
        return one.code_of(text)


def _put_count(made: dict[str, Any], name: str, cell: Typed) -> None:
    """A number as it would be typed; what cannot be read as it stands, never the number before.

    The check at the field then says what is wrong, and the return cannot be submitted with it.
    """
    before = str(made.get(name, ""))
    now, was = read_count(cell.text, "", ANY_NUMBER), read_count(before, "", ANY_NUMBER)
    if now.value is not None and now.value == was.value:
        return
    text = cell.text if now.value is None else str(now.value)
    if text != before:
        made[name] = text


def _put_money(made: dict[str, Any], name: str, cell: Typed) -> None:
    """An amount likewise; one that is the same money stays as it was typed."""
    before = str(made.get(name, ""))
    now, was = (read_money(text, "", ANY_NUMBER).value for text in (cell.text, before))
    if cell.text != before and (now is None or now != was):
        made[name] = cell.text


def _put_text(made: dict[str, Any], name: str, cell: Typed) -> None:
    """Words as typed. Where they cannot be read those before stay: a formula is no remark."""
    if cell.unread is None and (cell != EMPTY or made.get(name)):
        made[name] = cell.text
