"""How personal identifiers are written, checked and masked. Plain Python."""

from __future__ import annotations

import re
import unicodedata

MOBILE = re.compile(r"^1[3-9]\d{9}$")


class NotAPhone(ValueError):
    """The text says how a number has to look; it does not repeat what was typed."""


def normal_phone(typed: str) -> str:
    """A mobile number of the mainland in its one spelling; "" stays "". Raises NotAPhone."""
    text = re.sub(r"[\s\-—–－()（）]", "", unicodedata.normalize("NFKC", typed))
    text = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", text)
    if text and (not text.isascii() or not MOBILE.match(text)):
        raise NotAPhone("手机号要11位，以1开头，如13800001234。请核对后再填。")
    return text


def mask_phone(phone: str) -> str:
    """138****1234. Anything else shows nothing of itself."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if MOBILE.match(phone) else "*" * 11


def mask_id(number: str) -> str:
    """110***********1234 of an identity card; of another certificate only the last two."""
    if not number:
        return ""
    if len(number) == 18:
        return f"{number[:3]}{'*' * 11}{number[-4:]}"
    return f"{'*' * max(len(number) - 2, 4)}{number[-2:] if len(number) > 6 else ''}"


NO_NUMBERS = "这里不要写手机号和证件号，这段话会留在记录里。请删去号码再提交。"
IDENTIFIER = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")


def holds_identifier(text: str) -> bool:
    """Whether a mobile number or an identity number stands in the text, however it is spaced."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(IDENTIFIER.search(plain) or IDENTIFIER.search(re.sub(r"[\s\-]", "", plain)))
