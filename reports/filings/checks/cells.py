"""Reading one typed number, choice, text or day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.days import day_in_words
from reports.filings.checks.catalogue import answers, found_by

# What a Chinese keyboard types in full-width mode; nothing else that merely looks like a digit.
FULL_WIDTH = str.maketrans("０１２３４５６７８９－−．，", "0123456789--.,")
WITH_SEPARATORS = re.compile(r"^\d{1,3}(,\d{3})+$")
# What people write after a number they count: 150人, 22天.
COUNTED = re.compile(r"(?<=[0-9])\s*(人次|人|名|天)$")


@dataclass(frozen=True)
class Cell:
    """One cell: as typed, the number as understood (None when empty or wrong), what is wrong."""

    raw: str
    value: int | None
    error: str = ""

    @property
    def number(self) -> int:
        """The count of a cell that passed the checks; ValueError for one that did not."""
        if self.value is None:
            raise ValueError(self.error)
        return self.value


@answers("count_missing", "count_negative", "count_not_whole", "count_too_large")
def read_count(raw: Any, label: str, most: int) -> Cell:
    """Understand a typed head-count. Full-width digits count, and 150人 is 150; anything else is named,
    not dropped.
    """
    text = str(raw if raw is not None else "").strip()
    digits = COUNTED.sub("", text.translate(FULL_WIDTH))
    if WITH_SEPARATORS.match(digits):
        digits = digits.replace(",", "")
    if not digits:
        return _wrong(text, "count_missing", label=label)
    if digits.startswith("-") and digits[1:].isdecimal():
        return _wrong(text, "count_negative", label=label)
    if not (digits.isascii() and digits.isdecimal()):
        return _wrong(text, "count_not_whole", label=label, typed=text[:12])
    if len(digits) > 9 or int(digits) > most:
        return _wrong(text, "count_too_large", label=label, typed=digits[:12], most=most)
    return Cell(text, int(digits))


@answers("money_missing", "money_not_read", "money_places", "money_too_large")
def read_money(raw: Any, label: str, most: int) -> Cell:
    """Yuan as typed, understood as hundredths (分); the sign and the word for yuan are read."""
    text = str(raw if raw is not None else "").strip()
    plain = text.translate(FULL_WIDTH).lstrip("￥¥").removesuffix("元").strip()
    whole, point, fraction = plain.partition(".")
    if WITH_SEPARATORS.match(whole):
        whole = whole.replace(",", "")
    if not plain:
        return _wrong(text, "money_missing", label=label)
    if (
        not (whole + fraction).isascii()
        or not whole.isdecimal()
        or (point and not fraction.isdecimal())
    ):
        return _wrong(text, "money_not_read", label=label, typed=text[:12])
    if len(fraction.rstrip("0")) > 2:
        return _wrong(text, "money_places", label=label, typed=text[:12])
    fen = int(whole[:12]) * 100 + int(fraction.rstrip("0").ljust(2, "0"))
    if fen > most:
        return _wrong(text, "money_too_large", label=label, typed=text[:12], most=most // 100)
    return Cell(text, fen)


def typed_yuan(fen: int) -> str:
    """88050 is "880.5"."""
    return f"{fen // 100}.{fen % 100:02d}".rstrip("0").rstrip(".")


@answers("choice_missing")
def read_choice(raw: Any, label: str, choices: Mapping[str, str]) -> Cell:
    """One of the codes of a choice; anything else is no answer."""
    text = str(raw or "").strip()
    return Cell(text, None) if text in choices else _wrong(text, "choice_missing", label=label)


@answers("words_missing", "words_too_long")
def read_words(raw: Any, label: str, most: int) -> Cell:
    text = str(raw or "").strip()
    if not text:
        return _wrong(text, "words_missing", label=label)
    if len(text) > most:
        return _wrong(text, "words_too_long", label=label, length=len(text), most=most)
    return Cell(text, None)


@answers("day_not_read")
def read_day(raw: Any, label: str, *, moment: bool = False) -> Cell:
    """A day, or a moment in local time, as browsers send them: 2026-10-12, 2026-10-12T09:30."""
    text = str(raw or "").strip()
    if not text:
        return _wrong(text, "words_missing", label=label)
    if _moment(text) is None if moment else _day(text) is None:
        return _wrong(text, "day_not_read", label=label, typed=text[:16])
    return Cell(text, None)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None  # no 20261012, no 2026-W42-1


def _moment(text: str) -> dt.datetime | None:
    """Without a zone: what is typed is local time."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    is_local = moment.tzinfo is None and text.startswith(f"{moment.date().isoformat()}T")
    return moment if is_local else None


def said_day(text: str) -> str:
    """A day or a moment as people read it: 2026年10月12日, 2026年10月12日09:30; else as typed."""
    moment = _moment(text)
    if moment is not None:
        return f"{day_in_words(moment.date())}{moment:%H:%M}"
    day = _day(text)
    return text if day is None else day_in_words(day)


def _wrong(text: str, code: str, **values: Any) -> Cell:
    return Cell(text, None, found_by(code, **values).text)
