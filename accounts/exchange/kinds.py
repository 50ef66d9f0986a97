"""What may stand in a column, and how people write it. Plain Python.

Every kind turns a cell as read into the value that is stored, or raises Wrong with what to do.
Whoever fills a table in types full-width digits, blanks and five notations of a day; none of that
is a mistake. What cannot be read without guessing is.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

Cell = str | int | Decimal | dt.date | bool | None

# A spreadsheet keeps 15 digits of a number; of a longer one the end is already lost.
MOST_DIGITS = 10**15
# Days as Excel counts them: what is left when a cell's date format is taken away.
SERIAL_BEGINS = dt.date(1899, 12, 30)
EARLIEST_SERIAL, LATEST_SERIAL = 18_264, 73_050  # 1950-01-01 and 2099-12-31
WRITTEN_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})", re.ASCII
)
WRITTEN_TIME = re.compile(r"([01]?\d|2[0-3])[:点时]([0-5]\d)?(?:分|:00)?", re.ASCII)
MINUTES_OF_A_DAY = 24 * 60
MINUS = {ord(sign): "-" for sign in "−–—﹣－"}
YES = {"是", "有", "yes", "y", "true", "1", "√", "✓", "对"}
NO = {"否", "无", "没有", "no", "n", "false", "0", "×", "✗", "错"}


class Wrong(Exception):
    """The cell cannot be read as what its column wants; the text says how to mend it."""


def as_text(cell: Cell) -> str:
    """The cell as one line of text in one spelling, without what nobody sees."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if not isinstance(cell, str):
        return "" if cell is None else cell.isoformat() if isinstance(cell, dt.date) else str(cell)
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    if not cell.isprintable():
        cell = "".join(
            " " if letter in "\t\r\n\u3000\xa0" else letter
            for letter in cell
            if letter in "\t\r\n\u3000\xa0"
            or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
        )
    return unicodedata.normalize("NFC", cell).strip()


def compact(cell: Cell) -> str:
    """Letters and digits in their plain width and without any blank, as codes are compared."""
    text = as_text(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(MINUS)
    return "".join(text.split())


@dataclass(frozen=True)
class Kind:
    """Base: how a cell is read, and how the stored value is shown and kept in JSON.

    What `is_secret` is shown masked wherever it stands, also where it could not be read.
    """

    is_secret: ClassVar[bool] = False

    def read(self, cell: Cell) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> Cell:
        """The value as it stands in a template or an export."""
        return value

    def keep(self, value: Any) -> Any:
        return value

    def restore(self, kept: Any) -> Any:
        return kept

    @property
    def says(self) -> str:
        """What to fill in, for the sheet of instructions."""
        return ""


@dataclass(frozen=True)
class Text(Kind):
    """Free text of at most so many letters."""

    most: int = 200

    def read(self, cell: Cell) -> str:
        text = as_text(cell)
        if len(text) > self.most:
            raise Wrong(f"最多{self.most}字，现在{len(text)}字。请缩短。")
        return text

    @property
    def says(self) -> str:
        return f"文字，最多{self.most}字"


@dataclass(frozen=True)
class Code(Kind):
    """A code of letters and digits; a spreadsheet may have made a number of it."""

    pattern: str = r"[0-9A-Z]+"
    problem: str = "只能是数字和大写字母。"
    upper: bool = True

    def read(self, cell: Cell) -> str:
        if isinstance(cell, Decimal) or (isinstance(cell, int) and abs(cell) >= MOST_DIGITS):
            raise Wrong(
                "这一格被存成了数字，末几位可能已丢失。请把这一列设为“文本”格式，重新填写。"
            )
        text = compact(cell)
        text = text.upper() if self.upper else text
        if re.fullmatch(self.pattern, text) is None:
            raise Wrong(self.problem)
        return text

    @property
    def says(self) -> str:
        return f"文本格式；{self.problem.rstrip('。')}"


@dataclass(frozen=True)
class Day(Kind):
    """A day, in any notation people use, or as the number a spreadsheet keeps."""

    earliest: dt.date = dt.date(1949, 10, 1)
    latest: dt.date = dt.date(2099, 12, 31)

    def read(self, cell: Cell) -> dt.date:
        day = cell if isinstance(cell, dt.date) else self._written(cell)
        if not self.earliest <= day <= self.latest:
            raise Wrong(
                f"{day.isoformat()}不在{self.earliest.year}—{self.latest.year}年之间，请核对。"
            )
        return day

    def _written(self, cell: Cell) -> dt.date:
        text = compact(cell)
        if text.isascii() and text.isdigit() and len(text) == 5:
            serial = int(text)
            if EARLIEST_SERIAL <= serial <= LATEST_SERIAL:
                return SERIAL_BEGINS + dt.timedelta(days=serial)
        written = WRITTEN_DAY.fullmatch(text)
        if written is not None:
            year, month, day = (int(part) for part in written.groups() if part is not None)
            try:
                return dt.date(year, month, day)
            except ValueError:
                raise Wrong("没有这一天，请核对年月日。") from None
        raise Wrong("看不出是哪一天。请写成2026-11-26，或2026/11/26、2026年11月26日、20261126。")

    def keep(self, value: dt.date | None) -> str | None:
        return None if value is None else value.isoformat()

    def restore(self, kept: str | None) -> dt.date | None:
        return None if kept is None else dt.date.fromisoformat(kept)

    @property
    def says(self) -> str:
        return "日期，如2026-11-26"


@dataclass(frozen=True)
class Clock(Kind):
    """A time of day to the minute, as written or as the share of a day a spreadsheet keeps."""

    def read(self, cell: Cell) -> dt.time:
        if isinstance(cell, Decimal) and 0 < cell < 1:
            minutes = round(cell * MINUTES_OF_A_DAY)
            if minutes < MINUTES_OF_A_DAY:
                return dt.time(minutes // 60, minutes % 60)
        written = WRITTEN_TIME.fullmatch(compact(cell))
        if written is None:
            raise Wrong("看不出是几点几分。请写成17:00这样，用24小时制。")
        return dt.time(int(written[1]), int(written[2] or 0))

    def show(self, value: dt.time | None) -> Cell:
        return None if value is None else f"{value:%H:%M}"

    def keep(self, value: dt.time | None) -> str | None:
        return None if value is None else value.isoformat()

    def restore(self, kept: str | None) -> dt.time | None:
        return None if kept is None else dt.time.fromisoformat(kept)

    @property
    def says(self) -> str:
        return "时间，24小时制，如17:00"


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number, also one that is stored as text."""

    least: int = 0
    most: int = 99_999_999
    unit: str = ""

    def read(self, cell: Cell) -> int:
        text = compact(cell).replace(",", "")
        if self.unit:
            text = text.removesuffix(self.unit)
        if isinstance(cell, bool) or re.fullmatch(r"-?[0-9]{1,15}(\.0+)?", text) is None:
            raise Wrong("要填整数，不带文字和小数。")
        number = int(text.partition(".")[0])
        if not self.least <= number <= self.most:
            raise Wrong(f"应在{self.least}和{self.most}之间，请核对。")
        return number

    @property
    def says(self) -> str:
        return f"整数，{self.least}至{self.most}" + (f"，单位{self.unit}" if self.unit else "")


@dataclass(frozen=True)
class Amount(Kind):
    """A number with so many decimal places (money, areas, degrees)."""

    places: int = 2
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(999_999_999)
    unit: str = ""

    def read(self, cell: Cell) -> Decimal:
        text = compact(cell).replace(",", "")
        if self.unit:
            text = text.removesuffix(self.unit)
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise Wrong("要填数字，不带文字。") from None
        if isinstance(cell, bool) or not number.is_finite():
            raise Wrong("要填数字，不带文字。")
        # A spreadsheet keeps 0.1 as 0.1000000000000000055; further places are a person's.
        rounded = number.quantize(Decimal(1).scaleb(-self.places))
        if abs(number - rounded) > Decimal("1e-9"):
            raise Wrong(f"最多{self.places}位小数。")
        if not self.least <= rounded <= self.most:
            raise Wrong(f"应在{self.least}和{self.most}之间，请核对。")
        return rounded

    def keep(self, value: Decimal | None) -> str | None:
        return None if value is None else str(value)

    def restore(self, kept: str | None) -> Decimal | None:
        return None if kept is None else Decimal(kept)

    @property
    def says(self) -> str:
        return f"数字，最多{self.places}位小数" + (f"，单位{self.unit}" if self.unit else "")


@dataclass(frozen=True)
class YesNo(Kind):
    def read(self, cell: Cell) -> bool:
        text = compact(cell).lower()
        if text in YES:
            return True
        if text in NO:
            return False
        raise Wrong("请填“是”或“否”。")

    def show(self, value: bool | None) -> Cell:
        return None if value is None else "是" if value else "否"

    @property
    def says(self) -> str:
        return "是或否"


@dataclass(frozen=True)
class Choice(Kind):
    """One of a list in the code; `labels` is value → Chinese label, `others` further spellings."""

    labels: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)

    def read(self, cell: Cell) -> str:
        text = compact(cell)
        for value, label in self.labels.items():
            if text == compact(label):
                return value
        if text in self.others:
            return self.others[text]
        shown = "、".join(list(self.labels.values())[:12])
        raise Wrong(f"没有这个选项。可以填：{shown}。")

    def show(self, value: str | None) -> Cell:
        return None if value is None else self.labels.get(value, value)

    @property
    def says(self) -> str:
        return "从下拉列表选：" + "、".join(self.labels.values())


@dataclass(frozen=True)
class Named(Kind):
    """Something that exists in the portal, by its name: the importable knows which (`names`).

    The stored value is what `names` maps the typed name to, usually a key.
    """

    noun: str = "对象"

    def read(self, cell: Cell) -> str:
        return compact(cell)

    def problem(self, typed: str) -> str:
        return f"没有“{typed}”这个{self.noun}，或不在您的范围内。请从下拉列表中选择。"

    @property
    def says(self) -> str:
        return f"从下拉列表选{self.noun}"
