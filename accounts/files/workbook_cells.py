"""A workbook's cells and texts: within the table that is expected, and readable without guessing.

Finds what would swell (cells far outside the table, millions of them, strings that are only
claimed), and what would be read wrongly (formulas without a value, error values).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.files.refusal import FileRefused, Flaw
from accounts.files.workbook_reach import EMBEDDED, Formula
from accounts.files.xml_scan import LETTERS, MOST_ELEMENTS, MOST_IN_AN_ITEM, QuickPart, too_much
from accounts.files.zip_scan import broken

MOST_CELLS = 200_000
MOST_MERGES = 10_000
MOST_TEXT_IN_A_CELL = 32_767

CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Bounds:
    """The table that is expected: nothing may stand outside of it.

    `values_matter`: it will be read, so a formula without a value or an error is refused too; with
    `keeps_flaws` those of the first sheet, the one that is read, are handed back instead. Where it
    is False, `Seen` says where formulas and errors stand.
    """

    rows: int
    columns: int
    values_matter: bool = True
    cells: int = MOST_CELLS
    keeps_flaws: bool = False


Place = tuple[int, int]
# Of one sort in one sheet; more are not told apart one by one.
MOST_PLACES = 2000
# So much of a formula is kept to be shown.
MOST_SHOWN = 250


@dataclass
class Marks:
    """Where in a sheet stand formulas and error values, as (row, column) from 1, with their text.

    A formula that is filled down has its text in the first cell only; the others say where that is.
    `flaws` are the cells that would be read wrongly, where the bounds keep those.
    """

    formulas: dict[Place, str] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


@dataclass
class Seen:
    """What the look at the bytes found: of each sheet, by its name, the marks; the first leads."""

    sheets: dict[str, Marks] = field(default_factory=dict)

    def flaws(self) -> list[Flaw]:
        """Those of the first sheet. Raises FileRefused for one in another, which is not shown."""
        first, *others = self.sheets.values() or [Marks()]
        for marks in others:
            if marks.flaws:
                raise marks.flaws[0].refusal()
        return first.flaws


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def letters(number: int) -> str:
    """A, B, … Z, AA, … of a column counted from 1."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


class SharedStrings(QuickPart):
    """The list of texts: as many as it claims, none longer than a cell holds."""

    plain = re.compile(rb'(?:<si><t(?: xml:space="preserve")?>' + LETTERS + rb"</t></si>)++")
    item_ends = b"</si>"
    opener, inside = b"<sst", 1

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.claimed = 0
        self.found = 0
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sst":
            for claim in ("uniqueCount", "count"):
                text = attributes.get(claim, "0")
                if not COUNT.fullmatch(text):
                    raise too_much("xlsx-strings-claimed")
            self.claimed = int(attributes.get("uniqueCount", "0"))
            if self.claimed > self.size:
                raise too_much("xlsx-strings-claimed")
        elif name == "si":
            self.found += 1
            self._length = 0

    def passed(self, match: re.Match[bytes]) -> bool:
        items = match.group().split(b"</si>")
        if max(map(len, items)) > MOST_IN_AN_ITEM or not _is_utf8(match.group()):
            return False
        self.found += len(items) - 1
        self.count(2 * len(items) - 2)
        return True

    def text(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_TEXT_IN_A_CELL:
            raise too_much("xlsx-endless-text")

    def close(self) -> None:
        super().close()
        # Some programs count a little wrong; nobody honest counts a thousand too many.
        if self.claimed > self.found + 1000:
            raise too_much("xlsx-strings-claimed")


ROW_HEAD = (
    rb'<row r="([1-9][0-9]{0,6})"(?: (?!r=)[A-Za-z][A-Za-z0-9:]*="[^"<>&\x00-\x1f]{0,200}")*+'
)
CELL_HEAD = (
    rb'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="(?:s|n|b|str|inlineStr)")?'
)
CELL_BODY = (
    rb"(?:<v>" + LETTERS + rb'</v>|<is><t(?: xml:space="preserve")?>' + LETTERS + rb"</t></is>)?"
)
PLAIN_ROW = ROW_HEAD + rb"(?:/>|>(?:" + CELL_HEAD + rb"(?:/>|>" + CELL_BODY + rb"</c>))*+</row>)"
REFERENCE = re.compile(rb'<c r="([A-Z]+)([0-9]+)"')


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class Sheet(QuickPart):
    """One sheet: every cell within the bounds and not too many of them, every formula with a value."""

    plain = re.compile(PLAIN_ROW)
    item_ends = b"</row>"
    opener, inside = b"<sheetData", 2

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(max(MOST_ELEMENTS, bounds.cells * 3))
        self.bounds = bounds
        self.marks = Marks()
        self.row = 0
        self.column = 0
        self.cells = 0
        self.merges = 0
        self._formula = Formula()
        self._has_formula = self._has_value = self._in_value = False
        self._length = 0
        # Text of the formula or error value being read, as much of it as is shown.
        self._kept: list[str] | None = None
        self._kept_length = 0
        self._shared = ""
        self._first_of: dict[str, Place] = {}
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "dimension": self._range,
            "mergeCell": self._merge,
            "row": self._row,
            "c": self._cell,
        }

    def passed(self, match: re.Match[bytes]) -> bool:
        """A row of plain values: the same bounds as cell by cell."""
        text = match.group()
        number = match.group(1)
        places = REFERENCE.findall(text)
        if len(text) > MOST_IN_AN_ITEM or not _is_utf8(text):
            return False
        columns = [letters for letters, row in places if row == number]
        if len(columns) != len(places):
            return False  # the parser says what is wrong with it
        row = int(number)
        last = max((len(letters), letters) for letters in columns)[1] if columns else b"A"
        self._within(row, column_number(last.decode()))
        self.row, self.column = row, 0
        self._count_cells(len(columns))
        self.count(text.count(b"<") - text.count(b"</"))
        return True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        known = self._starts.get(name)
        if known is not None:
            known(attributes)
        elif name == "f":
            self._has_formula = True
            self._formula.begin()
            self._kept, self._kept_length = [], 0
            self._shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name in {"v", "is"}:
            self._in_value = True
            self._length = 0
            if (self.row, self.column) in self.marks.errors:
                self._kept, self._kept_length = [], 0
        elif name in {"oleObject", "oleLink", "ddeLink"}:
            raise FileRefused(EMBEDDED.code, EMBEDDED.reason)

    def text(self, text: str) -> None:
        self._formula.more(text)
        if self._kept is not None and self._kept_length < MOST_SHOWN:
            self._kept.append(text[: MOST_SHOWN - self._kept_length])
            self._kept_length += len(text)
        self._has_value = self._has_value or self._in_value
        self._length += len(text)
        if self._length > MOST_TEXT_IN_A_CELL:
            raise too_much("xlsx-endless-text")

    def end(self, name: str) -> None:
        if name == "f":
            self._formula.finish()
            self._length = 0
            if len(self.marks.formulas) < MOST_PLACES:
                self.marks.formulas[self.row, self.column] = self._formula_text()
            self._kept = None
        elif name in {"v", "is"}:
            self._in_value = False
            place = (self.row, self.column)
            if self._kept is not None and place in self.marks.errors:
                self.marks.errors[place] = "".join(self._kept)
            self._kept = None
        elif name == "c" and self._lacks_value():
            self._flawed(
                "xlsx-formula-without-value",
                "是公式，还没有算出数。请用WPS或Excel打开并保存一次，或粘贴为数值，再传。",
            )

    def _formula_text(self) -> str:
        """As it would be typed. Of one filled down: where its text stands."""
        text = "".join(self._kept or [])
        place = (self.row, self.column)
        if text and self._shared:
            self._first_of.setdefault(self._shared, place)
        if text:
            return f"={text}"
        row, column = self._first_of.get(self._shared, place)
        return "公式" if (row, column) == place else f"公式，同{letters(column)}{row}"

    def _lacks_value(self) -> bool:
        return self.bounds.values_matter and self._has_formula and not self._has_value

    def _row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r", str(self.row + 1))
        if not COUNT.fullmatch(text):
            raise broken("xlsx-row")
        self.row, self.column = int(text), 0
        self._within(self.row, 1)

    def _cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            row, self.column = self._place(attributes["r"])
            if row != self.row:
                raise broken("xlsx-cell-in-another-row")
        else:
            self.column += 1
        self._within(self.row, self.column)
        self._count_cells(1)
        self._has_formula = False
        # A formula may come to an empty text; a number it must have.
        self._has_value = attributes.get("t") == "str"
        self._length = 0
        if attributes.get("t") != "e":
            return
        if len(self.marks.errors) < MOST_PLACES:
            self.marks.errors[self.row, self.column] = ""
        if self.bounds.values_matter:
            self._flawed("xlsx-error-value", "是错误值（如#REF!）。请改成正确的内容再传。")

    def _flawed(self, code: str, text: str) -> None:
        flaw = Flaw(self.row, self.column, code, text)
        if not self.bounds.keeps_flaws:
            raise flaw.refusal()
        self.marks.flaws.append(flaw)

    def _count_cells(self, more: int) -> None:
        self.cells += more
        if self.cells > self.bounds.cells:
            raise FileRefused(
                "xlsx-too-many-cells",
                f"表格超过{self.bounds.cells // 10000}万个单元格。"
                "请删去空行、空列和格式，或分成几个文件。",
            )

    def _range(self, attributes: dict[str, str]) -> None:
        for corner in attributes.get("ref", "A1").split(":")[:2]:
            self._within(*self._place(corner))

    def _merge(self, attributes: dict[str, str]) -> None:
        self.merges += 1
        if self.merges > MOST_MERGES:
            raise too_much("xlsx-too-many-merges")
        self._range(attributes)

    def _place(self, reference: str) -> tuple[int, int]:
        match = CELL.fullmatch(reference)
        if match is None:
            raise broken("xlsx-cell-reference")
        return int(match.group(2)), column_number(match.group(1))

    def _within(self, row: int, column: int) -> None:
        if row > self.bounds.rows:
            raise FileRefused(
                "xlsx-row-outside",
                f"第{row}行还有内容或格式，最多{self.bounds.rows}行。"
                "请选中表格下面的空行，删除整行，保存后再传。",
            )
        if column > self.bounds.columns:
            raise FileRefused(
                "xlsx-column-outside",
                f"第{column}列还有内容或格式，最多{self.bounds.columns}列。"
                "请选中表格右边的空列，删除整列，保存后再传。",
            )
