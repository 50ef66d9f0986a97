"""Numbers of identity papers: how each kind looks, and what a resident's card says of its holder.

居民身份证: GB 11643-1999, the check digit by ISO 7064 MOD 11-2. Plain Python.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import ric

# Kinds of papers, in the words people call them by.
IDENTIFIER_TYPES = {
    "resident_id": "居民身份证",
    "residence_permit": "港澳台居民居住证",
    "hk_macao_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台湾居民来往大陆通行证",
    "permanent_residence": "外国人永久居留身份证",
    "passport": "护照",
}
# Kinds that have the 18 digits of GB 11643, with day of birth and sex in them.
SAYS_BIRTH = frozenset({"resident_id", "residence_permit"})
LOOKS_LIKE = {
    "resident_id": re.compile(r"[1-6]\d{16}[\dX]"),
    "residence_permit": re.compile(r"8[123]0000\d{11}[\dX]"),
    "hk_macao_permit": re.compile(r"[HM]\d{8}(?:\d{2})?"),
    "taiwan_permit": re.compile(r"\d{8}(?:\d{2})?"),
    "permanent_residence": re.compile(r"[A-Z]{3}\d{12}|9\d{17}"),
    "passport": re.compile(r"[A-Z0-9]{5,15}"),
}
HOW_IT_LOOKS = {
    "resident_id": "居民身份证号码是18位，末位可以是X。请核对。",
    "residence_permit": "港澳台居民居住证号码是18位，以810000、820000或830000开头。请核对。",
    "hk_macao_permit": "通行证号码以H或M开头，后面8位或10位数字。请核对。",
    "taiwan_permit": "通行证号码是8位或10位数字。请核对。",
    "permanent_residence": "永久居留身份证号码是3个字母12位数字，或以9开头的18位数字。请核对。",
    "passport": "护照号码是5到15位字母和数字。请核对。",
}


@dataclass(frozen=True)
class Holder:
    """What a number says of whoever holds it."""

    birth_date: dt.date
    sex: str


def normal_number(typed: str) -> str:
    """The number in its one spelling: plain width, capitals, no blanks or dashes."""
    return re.sub(r"[\s\-—–－]", "", unicodedata.normalize("NFKC", typed)).upper()


def number_problem(kind: str, number: str) -> str:
    """What is wrong with a number, never repeating it; empty when nothing is."""
    if LOOKS_LIKE[kind].fullmatch(number) is None or not number.isascii():
        return HOW_IT_LOOKS[kind]
    if kind not in SAYS_BIRTH:
        return ""
    if ric.calc_check_digit(number) != number[-1]:
        return "这个号码的校验位不对，多半有一位写错了。请对照证件核对。"
    if holder(kind, number) is None:
        return "这个号码里的出生日期没有这一天。请对照证件核对。"
    return ""


def holder(kind: str, number: str) -> Holder | None:
    """Day of birth and sex as the number has them; None where the kind says neither."""
    if kind not in SAYS_BIRTH:
        return None
    try:
        born = dt.datetime.strptime(number[6:14], "%Y%m%d").date()  # noqa: DTZ007 - a day, no time
    except ValueError:
        return None
    return Holder(born, "male" if int(number[16]) % 2 else "female")
