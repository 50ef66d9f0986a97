"""How numbers and times are written for people: on pages, in exports and in print.

Rates are rounded half-up; a missing value is a dash, never 0.
"""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from accounts.rounding import half_up

MISSING = "—"
MINUS = "−"


def _with_sign(value: Decimal | int, text: str) -> str:
    """Give a difference its sign: a true minus, a plus, and none for zero."""
    if value > 0:
        return f"+{text}"
    return f"{MINUS}{text}" if value < 0 else text


def percent(fraction: Decimal | None, places: int = 2) -> str:
    """A share in percent without its sign: Decimal("0.956801") is "95.68"."""
    if fraction is None:
        return MISSING
    return f"{half_up(Decimal(fraction) * 100, places):,}"


def points(difference: Decimal | None, places: int = 2) -> str:
    """A difference of two shares in percentage points: Decimal("-0.0235") is "−2.35"."""
    if difference is None:
        return MISSING
    rounded = half_up(Decimal(difference) * 100, places)
    return _with_sign(rounded, str(abs(rounded)))


def decimal(value: Decimal | None, places: int = 2) -> str:
    """A plain figure, rounded half-up, with thousands separators."""
    if value is None:
        return MISSING
    return f"{half_up(Decimal(value), places):,}"


def quantity(value: Decimal | None) -> str:
    """A measured amount without idle zeros: Decimal("9900.00") is "9,900", 12.50 is "12.5"."""
    if value is None:
        return MISSING
    text = f"{half_up(Decimal(value), 2):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan(yuan: Decimal | int | None, places: int = 2) -> str:
    """Yuan as ten thousands of them (万元): 588000000 is "58,800"."""
    if yuan is None:
        return MISSING
    return quantity(half_up(Decimal(yuan) / 10_000, places))


def count(number: int | None) -> str:
    """A head-count with thousands separators: 28959 is "28,959"."""
    return MISSING if number is None else f"{number:,}"


def change(number: int | None) -> str:
    """A difference of two head-counts with its sign: 8 fewer is "−8"."""
    return MISSING if number is None else _with_sign(number, f"{abs(number):,}")


def parts_of(number: int | None, parts: int) -> str:
    """Parts in the unit that they are of: 1,050 dm² of 100 a square metre are 10.5."""
    return quantity(None if number is None else Decimal(number) / parts)


def parts_moved(number: int | None, parts: int) -> str:
    """The same of a difference, with its sign."""
    if number is None or parts == 1:
        return change(number)
    sign = "+" if number > 0 else MINUS if number < 0 else ""
    return f"{sign}{parts_of(abs(number), parts)}"


def _local(moment: date | datetime) -> date | datetime:
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def zhdate(day: date | datetime | None, short: bool = False) -> str:
    """A day: 2026年11月6日, or 11月6日 where the year is plain from the page."""
    if day is None:
        return MISSING
    day = _local(day)
    text = f"{day.month}月{day.day}日"
    return text if short else f"{day.year}年{text}"


def zhmonth(month: date | str | None) -> str:
    """A month: 2026年10月, from any of its days or from "2026-10"."""
    if not month:
        return MISSING
    if isinstance(month, str):
        year, number = (int(part) for part in month.split("-")[:2])
        return f"{year}年{number}月"
    return f"{month.year}年{month.month}月"


def zhdatetime(moment: datetime | None, short: bool = False) -> str:
    """A moment in local time: 2026年11月6日18:00."""
    if moment is None:
        return MISSING
    local = _local(moment)
    return f"{zhdate(local, short)}{local:%H:%M}"


def time_left(due: datetime, now: datetime) -> str:
    """Calendar days to a deadline ahead: 还剩3天, or 今天截止 on its day."""
    days = (timezone.localdate(due) - timezone.localdate(now)).days
    return f"还剩{days}天" if days else "今天截止"
