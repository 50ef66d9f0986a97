"""Drafts that were saved over while a return is filled in: what other open windows began with.

Kept from save to save until the return is submitted, so that a window that was opened earlier can
be merged, and so that it can be said whose change it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from accounts.models import Membership
from kindergartens.models import MonthlyFiling, ReplacedDraft
from reports.filings.merging import cells

# Windows further behind than this many saves are asked about every cell that differs.
MOST_KEPT = 400
TIDY_EVERY = 50


def keep(filing: MonthlyFiling, *, post: Membership, now: dt.datetime) -> None:
    """Keep the draft that is about to be saved over. Called with the return locked."""
    ReplacedDraft.objects.create(
        filing=filing,
        revision=filing.revision,
        draft=filing.draft,
        replaced_at=now,
        replaced_as=post,
    )
    if filing.revision % TIDY_EVERY == 0:
        oldest = filing.revision - MOST_KEPT
        filing.replaced_drafts.filter(revision__lt=oldest).delete()
        filing.uploaded_workbooks.filter(revision__lt=oldest).delete()


def forget(filing: MonthlyFiling) -> None:
    """A version was submitted: that is what stays."""
    filing.replaced_drafts.all().delete()
    filing.uploaded_workbooks.all().delete()


def at_revision(filing: MonthlyFiling, revision: int) -> Mapping[str, Any] | None:
    """The draft as a window opened at that revision showed it; None where it is not kept."""
    if revision == filing.revision:
        draft: Mapping[str, Any] = filing.draft
        return draft
    return filing.replaced_drafts.filter(revision=revision).values_list("draft", flat=True).first()


def touched(filing: MonthlyFiling, since: int) -> set[str]:
    """The names of the cells that any save after that revision changed, as far as they are kept."""
    rows = filing.replaced_drafts.filter(revision__gte=since).order_by("revision")
    kept = [*rows.values_list("draft", flat=True), filing.draft]
    found: set[str] = set()
    for names in _steps(kept):
        found |= names
    return found


@dataclass(frozen=True)
class Saved:
    """Who saved a value, and when."""

    by: str
    at: dt.datetime


def savers(filing: MonthlyFiling, keys: Collection[str], since: int) -> dict[str, Saved]:
    """For each field key who saved its present value after that revision; the last where unsure."""
    if not keys:
        return {}
    rows = list(
        filing.replaced_drafts.filter(revision__gte=since)
        .select_related("replaced_as__user")
        .order_by("revision")
    )
    if not rows:
        return {}
    drafts = [*(row.draft for row in rows), filing.draft]
    steps = _steps(drafts)
    found = {}
    for key in keys:
        changed = [row for row, names in zip(rows, steps, strict=True) if _is_among(names, key)]
        row = (changed or rows)[-1]
        found[key] = Saved(row.replaced_as.user.full_name, row.replaced_at)
    return found


def _steps(drafts: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Of each save, from one draft to the next, the names of the cells it changed."""
    return [_differing(*pair) for pair in pairwise(dict(cells(draft)) for draft in drafts)]


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The names of the cells that a save changed."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _is_among(names: set[str], key: str) -> bool:
    """The cell of a key, or any cell of a row."""
    return key in names or any(name.startswith(f"{key}:") for name in names)
