"""What must never stand in a log line, taken out of it; and what could forge one, made visible.

The portal's own messages name users and objects by number. This catches what comes along unasked:
the text of an exception, a row that PostgreSQL quotes, a header somebody printed.
"""

from __future__ import annotations

import logging
import re
import traceback
import unicodedata
from typing import Any

HIDDEN = "[…]"
LONGEST_TEXT = 20_000
DEEPEST = 4

# Names whose value is never logged, wherever the name stands.
_HIDDEN_WORDS = (
    "pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|authorization|cookie|session(?:_?id|_?key)?"
    "|csrf\\w*|otp\\w*|credential\\w*|id_?card|id_?number|phone|mobile|full_?name|密码|验证码|证件号"
    "|身份证号?|手机号?|电话|姓名"
)
_HIDDEN_NAME = re.compile(
    rf"(?:^|[_\-. ])(?:{_HIDDEN_WORDS})(?:$|[_\-. ])|secret|password|token", re.I
)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # PostgreSQL quotes the row that broke a rule.
    (re.compile(r"(Failing row contains \().*?(\)\.?)(?=\n|$|\\n)", re.S), rf"\1{HIDDEN}\2"),
    (re.compile(r"(Key \([^)]*\)=\().*?(\) (?:already|is|conflicts|are))", re.S), rf"\1{HIDDEN}\2"),
    (re.compile(r"(invalid input syntax for [^:]*: ).*?(?=\n|$)"), rf"\1{HIDDEN}"),
    # Whole header lines and addresses with credentials.
    (re.compile(r"((?:set-)?cookie|authorization)(['\"]?\s*[:=]\s*).*?(?=\n|\\n|$)", re.I), rf"\1\2{HIDDEN}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^/\s:@]*:[^/\s@]*@", re.I), rf"\1{HIDDEN}@"),
    # name=value, "name": "value", name: value
    (
        re.compile(
            rf"(['\"]?\b(?:\w+[_-])?(?:{_HIDDEN_WORDS})\w{{0,12}}['\"]?\s*[:=：]\s*)"
            r"(?:'[^']*'|\"[^\"]*\"|[^\s,;&)}\]]+)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    # Values of a query string; the names stay, they help to find the fault.
    (re.compile(r"([?&][\w.\-\[\]%]{1,60}=)[^&\s'\"<>]*"), rf"\1{HIDDEN}"),
    # Identity card, mobile telephone, mail, and long secrets by their shape.
    (re.compile(r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{9}[\dXx](?![0-9A-Za-z])"), HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z])\d{6}\d{2}(?:0\d|1[0-2])[0-3]\d{4}(?![0-9A-Za-z])"), HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])"), HIDDEN),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"), HIDDEN),
    (re.compile(r"\bargon2\S+|\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*"), HIDDEN),
)  # fmt: skip

# What logging itself puts on a record.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def visible(text: str, *, keep_lines: bool = False) -> str:
    """Control and direction characters written out, so that a line stays one line."""
    return "".join(
        letter
        if (keep_lines and letter == "\n")
        or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else f"\\x{ord(letter):02x}"
        if ord(letter) < 256
        else f"\\u{ord(letter):04x}"
        if ord(letter) < 65536
        else f"\\U{ord(letter):08x}"
        for letter in text
    )


def scrub(text: str, *, keep_lines: bool = False) -> str:
    """The text without what must not be kept, and without what could forge a line."""
    text = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return visible(text, keep_lines=keep_lines)


def scrub_value(name: str, value: Any, depth: int = 0) -> Any:
    """A field of a line: hidden by its name, else scrubbed as text, numbers left alone."""
    if _HIDDEN_NAME.search(name):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth >= DEEPEST:
        return HIDDEN
    if isinstance(value, dict):
        return {
            scrub(str(key)): scrub_value(str(key), inner, depth + 1) for key, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [scrub_value(name, inner, depth + 1) for inner in value]
    try:
        return scrub(str(value))
    except Exception:  # noqa: BLE001 - a log line must not fail for what it was given
        return HIDDEN


def scrubbed(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of the record that may be written down; the record itself stays for other handlers."""
    copy = logging.makeLogRecord(vars(record))
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - see above
        message = str(record.msg)
    copy.msg, copy.args = scrub(message), ()
    if record.exc_info and record.exc_info[0] is not None:
        copy.exc_text = scrub(
            "".join(traceback.format_exception(*record.exc_info)), keep_lines=True
        )
        copy.exc_info = None
    elif record.exc_text:
        copy.exc_text = scrub(record.exc_text, keep_lines=True)
    if record.stack_info:
        copy.stack_info = scrub(record.stack_info, keep_lines=True)
    for name in set(vars(copy)) - _STANDARD:
        setattr(copy, name, scrub_value(name, getattr(copy, name)))
    return copy
