"""What a record may say: codes, position, hours, the licence. Plain Python.

A check answers with findings. STOP cannot be recorded; REASON can, once somebody writes why;
NOTE is shown and asks nothing.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from math import asin, cos, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

HERE = Path(__file__).parent


class Severity(StrEnum):
    STOP = "stop"
    REASON = "reason"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`field` is where it stands; the text says what is wrong and what to do, in Chinese."""

    field: str
    severity: Severity
    text: str
    source: str = ""


# ---- codes ---------------------------------------------------------------------------------------

CODE = re.compile(r"^11[0-9]{8}$")
ANY_CODE = re.compile(r"^[1-9][0-9]{9}$")
USCC_ALPHABET = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{18}$")


def normal_code(typed: str) -> str:
    """A number as it is kept: half-width, upper case, no blanks or hyphens."""
    return re.sub(r"[\s\-—－]", "", unicodedata.normalize("NFKC", typed)).upper()


def check_code(code: str, *, province: str, attached: bool = False) -> list[Finding]:
    """学校(机构)标识码: 11, two digits of the province, six of a serial; it has no check digit.

    `province` is the two-digit code of the province the kindergarten lies in. `attached` are the
    classes of a school (附设幼儿班): they use the school's code (21 primary, 31 junior, 51 special),
    or one of their own where they were given it.
    """
    if not (ANY_CODE if attached else CODE).match(code):
        text = (
            "学校标识码是10位数字。附设幼儿班填所附学校的学校标识码（小学以21开头），"
            "另有11开头的码的填自己的。"
            if attached
            else "学校标识码是10位数字，幼儿园以11开头。附设幼儿班才填所附学校的码，"
            "是附设幼儿班的，办学类型请选“附设幼儿班”。"
        )
        return [Finding("code", Severity.STOP, text)]
    if province and code[2:4] != province:
        text = (
            f"学校标识码第3、4位是{code[2:4]}，本省是{province}。"
            "请核对；跨省迁入等确实如此的，请写明理由。"
        )
        return [Finding("code", Severity.REASON, text)]
    return []


def check_uscc(number: str) -> list[Finding]:
    """统一社会信用代码, GB 32100: 18 characters, the last a check digit (weights mod 31).

    Real certificates exist whose check digit fails (91350203M0001QAY9B), so that is a reason to
    look again and not to refuse.
    """
    if not number:
        return []
    if not USCC_ALPHABET.match(number):
        text = "统一社会信用代码是18位数字和大写字母，不用I、O、S、V、Z。请对照证书核对。"
        return [Finding("uscc", Severity.STOP, text)]
    right = stdnum_uscc.calc_check_digit(number[:17])
    if number[17] != right:
        text = (
            f"统一社会信用代码的校验位不对：前17位对应的是{right}，填的是{number[17]}。"
            "请对照证书核对；证书上确实如此的，请写明理由。"
        )
        return [Finding("uscc", Severity.REASON, text)]
    return []


LANDLINE = re.compile(r"^0\d{2,3}-\d{7,8}(?:-\d{1,6})?$|^[48]00-?\d{3}-?\d{4}$")
MOBILE = re.compile(r"^1[3-9]\d{9}$")


def normal_landline(typed: str) -> str:
    """An office number in its one spelling, 022-29990000; what is none stays as typed."""
    text = re.sub(r"[\s（）()]", "-", unicodedata.normalize("NFKC", typed).strip())
    text = re.sub(r"[—–－-]+", "-", text).strip("-")
    digits = re.match(r"^(010|02\d|0[3-9]\d{2})(\d{7,8})$", text)
    return f"{digits[1]}-{digits[2]}" if digits else text


def check_landline(number: str) -> list[Finding]:
    """The kindergarten's own telephone. A person's mobile number belongs to the account."""
    if not number or LANDLINE.match(number):
        return []
    if MOBILE.match(number.replace("-", "")):
        text = "这里填园所的座机。个人手机号由本人在自己的账号里填，加密保存。"
    else:
        text = "座机写成区号-号码，如022-29990000。请核对后再填。"
    return [Finding("landline", Severity.STOP, text)]


# ---- position ------------------------------------------------------------------------------------

# The mainland and its islands, in degrees (CGCS2000 and GCJ-02 alike).
LATITUDES = (Decimal("3.8"), Decimal("53.6"))
LONGITUDES = (Decimal("73.4"), Decimal("135.1"))
# With fewer neighbours nothing is known about where a county lies.
LEAST_NEIGHBOURS = 3
LEAST_KM = 50.0


@dataclass(frozen=True)
class Area:
    """Where a county's kindergartens lie: their middle, and how far from it the farthest is."""

    middle: tuple[float, float]
    usual_km: float


def area_of(positions: Sequence[tuple[Decimal, Decimal]]) -> Area | None:
    """The area of kindergartens (latitude, longitude); None for too few to tell."""
    if len(positions) < LEAST_NEIGHBOURS:
        return None
    middle = (
        statistics.median(float(lat) for lat, _ in positions),
        statistics.median(float(lon) for _, lon in positions),
    )
    return Area(middle, max(km_between(middle, (float(lat), float(lon))) for lat, lon in positions))


def check_position(
    latitude: Decimal | None,
    longitude: Decimal | None,
    *,
    area: Area | None = None,
    county: str = "本县区",
) -> list[Finding]:
    """A position lies in China, and about where the county's other kindergartens lie."""
    if latitude is None and longitude is None:
        return []
    if latitude is None or longitude is None:
        field, text = (
            ("latitude", "填了经度，没有填纬度。") if latitude is None
            else ("longitude", "填了纬度，没有填经度。")
        )  # fmt: skip
        return [Finding(field, Severity.STOP, f"{text}请两个都填，或都不填。")]
    if not (_within(latitude, LATITUDES) and _within(longitude, LONGITUDES)):
        turned = _within(longitude, LATITUDES) and _within(latitude, LONGITUDES)
        text = (
            "纬度和经度填反了，请对调：纬度在3到54之间，经度在73到136之间。"
            if turned
            else "这个位置不在中国境内：纬度在3到54之间，经度在73到136之间。请核对。"
        )
        return [Finding("latitude", Severity.STOP, text)]
    if area is None:
        return []
    away = km_between(area.middle, (float(latitude), float(longitude)))
    if away <= max(LEAST_KM, 2 * area.usual_km):
        return []
    text = f"这个位置离{county}其他幼儿园约{away:.0f}公里。请核对经纬度；确实在那里的，请写明理由。"
    return [Finding("latitude", Severity.REASON, text)]


def _within(value: Decimal, bounds: tuple[Decimal, Decimal]) -> bool:
    return bounds[0] <= value <= bounds[1]


EARTH_KM = 6371.0


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two positions (latitude, longitude in degrees)."""
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = hypot(
        sin(north / 2), sqrt(cos(radians(one[0])) * cos(radians(other[0]))) * sin(east / 2)
    )
    return 2 * EARTH_KM * asin(min(1.0, half))


# ---- hours ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HoursRule:
    region: str
    ownership: str
    summer: dt.time
    winter: dt.time
    source: str


@cache
def hours_rules() -> tuple[HoursRule, ...]:
    """When children may be fetched at the earliest, from hours.toml."""
    data = tomllib.loads((HERE / "hours.toml").read_text(encoding="utf-8"))
    return tuple(
        HoursRule(
            row["region"],
            row["ownership"],
            dt.time.fromisoformat(row["summer"]),
            dt.time.fromisoformat(row["winter"]),
            row["source"],
        )
        for row in data["rule"]
    )


def check_hours(
    arrival: dt.time | None,
    summer: dt.time | None,
    winter: dt.time | None,
    *,
    county: str,
    ownership: str,
    rules: Sequence[HoursRule] | None = None,
) -> list[Finding]:
    """Children leave after they come, and not before what the county demands."""
    findings = []
    leaving = {"leaving_summer": summer, "leaving_winter": winter}
    for field, end in leaving.items():
        if arrival and end and end <= arrival:
            text = f"离园时间{end:%H:%M}不晚于入园时间{arrival:%H:%M}。请核对。"
            findings.append(Finding(field, Severity.STOP, text))
    for rule in hours_rules() if rules is None else rules:
        if rule.region != county or rule.ownership != ownership:
            continue
        for field, least, season in (
            ("leaving_summer", rule.summer, "夏季"),
            ("leaving_winter", rule.winter, "冬季"),
        ):
            end = leaving[field]
            if end and end < least:
                text = f"{season}离园时间{end:%H:%M}，早于规定的{least:%H:%M}。"
                findings.append(Finding(field, Severity.NOTE, text, rule.source))
    return findings


# ---- the licence ---------------------------------------------------------------------------------


class LicenceState(StrEnum):
    MISSING = "missing"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


# So long before its end a licence stands in the list of those to renew.
RENEWAL_DAYS = 90


def licence_state(until: dt.date | None, today: dt.date) -> LicenceState:
    """办学许可证: valid through its last day; without one nothing is known.

    A missing number is the record's to ask for: it makes no expired licence valid, nor unknown.
    """
    if until is None:
        return LicenceState.MISSING
    if until < today:
        return LicenceState.EXPIRED
    if until <= today + dt.timedelta(days=RENEWAL_DAYS):
        return LicenceState.EXPIRING
    return LicenceState.VALID


def check_licence(first: dt.date | None, last: dt.date | None) -> list[Finding]:
    if first and last and last < first:
        text = "有效期止早于有效期起。请对照办学许可证核对。"
        return [Finding("licence_until", Severity.STOP, text)]
    return []


# ---- completeness --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """How much of a record is filled in: counts, never a share that was rounded."""

    filled: int
    asked: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 means that nothing is missing."""
        return self.filled * 100 // self.asked if self.asked else 100


def completeness(values: Collection[Any]) -> Completeness:
    """`None` and "" are missing; False and 0 are answers."""
    return Completeness(sum(value not in (None, "") for value in values), len(values))
