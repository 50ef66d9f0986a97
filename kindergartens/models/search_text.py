"""The text by which a kindergarten is found: names as written, in pinyin and by initials, codes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import Any

from django.db import models
from pypinyin import Style, lazy_pinyin
from pypinyin.core import Pinyin

# Readings of common characters in place names that a dictionary of phrases mistakes.
TWO_READINGS = {
    "长": ("chang", "zhang"),
    "乐": ("le", "yue"),
    "重": ("chong", "zhong"),
    "行": ("xing", "hang"),
    "朝": ("chao", "zhao"),
    "厦": ("xia", "sha"),
    "曾": ("zeng", "ceng"),
    "单": ("shan", "dan"),
    "区": ("qu", "ou"),
    "都": ("du", "dou"),
    "大": ("da", "dai"),
    "六": ("liu", "lu"),
    "堡": ("bao", "pu"),
    "石": ("shi", "dan"),
    "莘": ("xin", "shen"),
    "柏": ("bai", "bo"),
    "落": ("luo", "lao"),
    "泊": ("bo", "po"),
}
MOST_READINGS = 8
PIECES_KEPT = 20_000
# Between names, so that what is typed never runs from one into the next.
BETWEEN = "\n"


def folded(text: str) -> str:
    """Text as it is looked for: half-width, lower case, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def readings(name: str) -> list[str]:
    """A name in full pinyin and by its initials, at most eight readings of each.

    王庆坨镇 gives wangqingtuozhen and wqtz. Letters and digits stand as they are.
    """
    name = folded(name)
    known = [read for piece in _in_pieces(name) for read in _read(piece)]
    if len(known) != len(name):
        return ["".join(known)]
    options = [
        tuple(dict.fromkeys((read, *TWO_READINGS.get(letter, ()))))
        for letter, read in zip(name, known, strict=True)
    ]
    found: dict[str, None] = {}
    for number, choice in enumerate(product(*options)):
        if number == MOST_READINGS:
            break
        found["".join(choice)] = None
        found["".join(read[:1] for read in choice)] = None
    return list(found)


# Phrases of the dictionary, single characters, and what is no Chinese between them.
_in_pieces = Pinyin().seg


@lru_cache(PIECES_KEPT)
def _read(piece: str) -> tuple[str, ...]:
    """How one piece is read. Names share their pieces, so that a table of thousands reads few."""
    return tuple(lazy_pinyin(piece, style=Style.NORMAL, errors=list))  # type: ignore[arg-type]


def search_text(names: list[str], codes: list[str]) -> str:
    parts: list[str] = []
    for name in names:
        if name:
            parts += [folded(name), *readings(name)]
    parts += [folded(code) for code in codes if code]
    return BETWEEN.join(dict.fromkeys(parts))


class SearchTextField(models.TextField):
    """Kept by the field itself whenever a row is saved or created in bulk."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        text = search_text(
            [model_instance.name, *model_instance.former_names.split("、")],
            [model_instance.code, model_instance.uscc or ""],
        )
        setattr(model_instance, self.attname, text)
        return text
