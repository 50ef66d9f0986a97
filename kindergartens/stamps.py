"""Whether a row still reads as it did when a form was made from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from django.db import models

CHANGED_SINCE = "您打开以后，别人改过这份资料，这次没有保存。请返回重新打开，看过现在的内容再改。"


def stamp_of(row: models.Model, names: Iterable[str]) -> str:
    """What some fields of a row hold, digested; another stamp: somebody changed one since."""
    columns = {name: row._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]
    return stamp_of_texts({name: str(getattr(row, column)) for name, column in columns.items()})


def stamp_of_texts(texts: Mapping[str, str]) -> str:
    """The same for what several rows hold together, each value by a name of its own."""
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:20]
