"""A workbook that was filled in elsewhere, brought into the draft of the return it is of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.files import FileRefused
from accounts.formatting import zhmonth
from accounts.history.recording import Action, record_access
from accounts.models import User
from kindergartens import policies
from kindergartens.models import MonthlyFiling
from reports.filings import drafts, merging, unchanged, uploads
from reports.filings.services import steps
from reports.filings.services.drafting import Conflicting, Together, merge_draft
from reports.filings.workbook import layout
from reports.filings.workbook.filling import fill
from reports.filings.workbook.reading import FilledForm, Unread


@dataclass
class TakenIn:
    """What became of a workbook. With a `conflict` nothing was saved, and a person picks.

    `changed` are the keys of what differs in the draft since; `gone` the classes that the workbook
    has no more, which stay until they are taken away on the page.
    """

    filing: MonthlyFiling
    changed: Sequence[str] = ()
    together: Together | None = None
    conflict: Conflicting | None = None
    gone: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


@transaction.atomic
def take_in(*, filing_id: int, form: FilledForm, by: User, now: dt.datetime) -> TakenIn:
    """Put what was filled in into the draft, cell by cell against the draft it was made from.

    Of a workbook that this person uploaded before: against what it said then. Saves as a window
    does that was opened when the workbook was made (`merge_draft`); submits nothing. The same workbook again changes nothing. Raises FileRefused for another return's
    workbook; NotAllowedNow where the return cannot be submitted: unlike a form that somebody has
    open, a file can wait until it can.
    """
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    steps.check_owes(filing)
    _check_whose(form.about, filing)
    before = filing.draft
    workbook = uploads.name_of(form.about)
    earlier = uploads.before(filing, workbook, post)
    if earlier is None:
        base = drafts.at_revision(filing, form.about.revision)
        filled = fill(before if base is None else base, form)
    else:
        filled = fill(earlier.said, form, uploads.places_of(earlier))
    upload = uploads.keep(filing, workbook, filled, post=post, now=now)
    gone = [str(filled.draft["classes"][at].get("name", "")) for at in filled.gone]
    taken = TakenIn(filing, unread=filled.unread)
    try:
        taken.together = merge_draft(
            filing_id=filing_id,
            draft=filled.draft,
            revision=form.about.revision,
            picks={},
            by=by,
            now=now,
            upload_id=upload.pk,
        )
    except Conflicting as conflict:
        taken.conflict = conflict
        after = conflict.merged.draft
    else:
        taken.filing = taken.together.filing
        after = taken.filing.draft
        # Ticks go with the changes that are named.
        taken.changed = list(
            merging.differences(unchanged.without_ticks(before), unchanged.without_ticks(after))
        )
        record_access(Action.UPLOAD, by=by, at=now, target=filing)
    present = {str(row.get("name", "")) for row in after["classes"]}
    taken.gone = [name for name in gone if name in present]
    return taken


def _check_whose(about: layout.About, filing: MonthlyFiling) -> None:
    """Raise FileRefused unless the workbook was made of this return."""
    is_of_month = about.month == f"{filing.month:%Y-%m}"
    if is_of_month and about.key == layout.key_of(filing.kindergarten_id, filing.pk):
        return
    whose, _, _ = about.key.partition("-")
    if whose != str(filing.kindergarten_id):
        name = f"“{about.kindergarten}”" if about.kindergarten else "别的园"
        raise FileRefused(
            "form-other-kindergarten",
            f"这是{name}的填报表，不是本园的，没有读入。请选本园的文件再传。",
        )
    raise FileRefused(
        "form-other-month",
        f"这是{_month(about.month)}月报的填报表，这里填的是{zhmonth(filing.month)}月报，没有读入。"
        "请到那个月的月报里上传，或换成这个月的文件。",
    )


def _month(written: str) -> str:
    """The month that a file names, whatever stands there."""
    try:
        return zhmonth(dt.date.fromisoformat(f"{written}-01"))
    except ValueError:
        return written
