"""Values of a section as text: what a form was filled from, and what a proposal asks for."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from kindergartens.models import Kindergarten
from kindergartens.record.catalogue import Section


def as_text(value: Any) -> str:
    """The one spelling of a value; "" for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def current_texts(kindergarten: Kindergarten, names: Iterable[str]) -> dict[str, str]:
    """By field: the value the kindergarten has, as text; foreign keys by their key."""
    return {
        name: as_text(getattr(kindergarten, Kindergarten._meta.get_field(name).attname))  # type: ignore[union-attr]
        for name in names
    }


def from_text(name: str, text: str) -> Any:
    """The value a text stands for; foreign keys as keys. Raises ValidationError for nonsense."""
    field: Any = Kindergarten._meta.get_field(name)
    if text == "":
        return None if field.null else ""
    if isinstance(field, models.ForeignKey):
        return int(text)
    return field.to_python(text)


def stamp(kindergarten: Kindergarten, section: Section) -> str:
    """What a section held when a form was made from it. Another stamp: somebody changed it since."""
    texts = current_texts(kindergarten, section.columns)
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:20]


def set_values(kindergarten: Kindergarten, values: Mapping[str, Any]) -> list[str]:
    """Put values on the object (foreign keys as keys or objects); returns the fields that changed."""
    changed = []
    for name, value in values.items():
        attname: str = Kindergarten._meta.get_field(name).attname  # type: ignore[union-attr]
        plain = value.pk if isinstance(value, models.Model) else value
        if getattr(kindergarten, attname) != plain:
            setattr(kindergarten, attname, plain)
            changed.append(name)
    return changed
