"""Text that people type, made safe to store and to compare."""

from __future__ import annotations

import unicodedata
from typing import Any

# Lines of a longer remark may be kept; everything else that steers a terminal or a parser goes.
KEPT_CONTROLS = {"\n"}


def clean(text: Any) -> str:
    """What was typed without control characters, in one Unicode spelling, without outer blanks.

    PostgreSQL refuses NUL, and direction marks can make a name read as another; nothing a person
    means to type is lost.
    """
    normal = unicodedata.normalize("NFC", str(text if text is not None else ""))
    return "".join(
        letter
        for letter in normal.replace("\r\n", "\n")
        if letter in KEPT_CONTROLS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    ).strip()
