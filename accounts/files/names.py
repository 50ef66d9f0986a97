"""The name a person gave a file: kept to be shown and to be downloaded under, never used as a path."""

from __future__ import annotations

import re
import unicodedata

from accounts.files.refusal import FileRefused

LONGEST_NAME = 120
RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d|clock\$)(?:\..*)?$", re.IGNORECASE)
PLAIN = "请改成普通的名字（如“情况说明.pdf”）再传。"


def checked_name(raw: str) -> str:
    """The name in its one spelling. Raises FileRefused for a name that is a trick or too long."""
    name = unicodedata.normalize("NFC", raw).strip()
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in name):
        raise FileRefused("name-invisible", f"文件名里有看不见的字符。{PLAIN}")
    folded = unicodedata.normalize("NFKC", name)
    if any(letter in name for letter in '/\\:*?"<>|') or ".." in folded or "/" in folded:
        raise FileRefused("name-path", f"文件名里有不能用的符号。{PLAIN}")
    if name.startswith((".", "~")) or name.endswith("."):
        raise FileRefused("name-path", f"文件名不能用点或波浪号开头，也不能用点结尾。{PLAIN}")
    if RESERVED.match(folded):
        raise FileRefused("name-reserved", f"这个文件名是电脑系统保留的。{PLAIN}")
    if len(name) > LONGEST_NAME:
        raise FileRefused(
            "name-too-long",
            f"文件名有{len(name)}个字，最多{LONGEST_NAME}个。请改短再传。",
        )
    if "." not in name or not name.rpartition(".")[0].strip():
        raise FileRefused("name-no-ending", f"文件名要有名字和后缀。{PLAIN}")
    return name
