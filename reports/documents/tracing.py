"""From a printed figure back to its source: a small code beside it, and the address it opens."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from accounts.models import Region


def code_of(row: int, column: int) -> str:
    """Row number and column letter: row 4, third figure is 04C."""
    return f"{row:02d}{chr(ord('A') + column)}"


def explanation_path(region: Region, indicator: str, month: dt.date) -> str:
    """Where the portal explains this figure: fraction, targets and the returns that add up."""
    return reverse("figure-explain", args=[region.code, indicator, month])
