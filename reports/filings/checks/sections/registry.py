"""The sections of the return that are declared, in the order of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.filings.checks.sections.charges import CHARGES
from reports.filings.checks.sections.declaring import Section
from reports.filings.checks.sections.incidents import INCIDENTS
from reports.filings.checks.sections.safety import SAFETY
from reports.filings.checks.sections.staff import STAFF

SECTIONS: Mapping[str, Section] = {one.code: one for one in (STAFF, CHARGES, SAFETY, INCIDENTS)}


def asked_sections(month: dt.date) -> list[Section]:
    """Those that the return of a month has."""
    return [one for one in SECTIONS.values() if one.is_asked(month)]


def label_of(key: str, said: Mapping[str, Any] | None = None) -> str | None:
    """The words for the key of a cell, ``staff:principal:people``; None of another kind of key.

    `said` are the sections of the draft or version it is about, by code: what a row is called that
    people name themselves.
    """
    section, row, name = _parts(key)
    if section is None:
        return None
    part = (said or {}).get(section.code)
    return section.label_in(part, row, name) if row and part else section.label_at(row, name)


def input_of(key: str) -> str | None:
    """The form's field of such a key; None where the form has none."""
    section, row, name = _parts(key)
    if section is None or row not in section.rows or section.field(name) is None:
        return None
    return section.input_name(row, name)


def _parts(key: str) -> tuple[Section | None, str, str]:
    code, _, rest = key.partition(":")
    row, _, name = rest.rpartition(":")
    return SECTIONS.get(code), row, name
