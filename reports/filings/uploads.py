"""What each workbook said when it was uploaded: what the same file, corrected, begins with.

A corrected file is read against itself as it was uploaded before, not against the download: only so
is a number that was put back to that of the download a change. Kept until a version is submitted.
"""

from __future__ import annotations

import datetime as dt

from accounts.models import Membership
from kindergartens.models import MonthlyFiling, UploadedWorkbook
from reports.filings.workbook.filling import Filled
from reports.filings.workbook.layout import About


def name_of(about: About) -> str:
    """Which download a workbook is: of which save, and when. A copy of a file is the same one."""
    return f"{about.revision} {about.made}"[:60]


def before(filing: MonthlyFiling, workbook: str, post: Membership) -> UploadedWorkbook | None:
    """What that workbook said when this person last uploaded it and it went into the draft."""
    return filing.uploaded_workbooks.filter(
        workbook=workbook, uploaded_as=post, revision__isnull=False
    ).first()


def keep(
    filing: MonthlyFiling, workbook: str, filled: Filled, *, post: Membership, now: dt.datetime
) -> UploadedWorkbook:
    """Keep what a file says; it counts once it is in the draft: see `settle`."""
    filing.uploaded_workbooks.filter(
        workbook=workbook, uploaded_as=post, revision__isnull=True
    ).delete()
    return UploadedWorkbook.objects.create(
        filing=filing,
        workbook=workbook,
        said=filled.draft,
        places={str(place): at for place, at in filled.places.items()},
        uploaded_at=now,
        uploaded_as=post,
    )


def waiting(filing: MonthlyFiling, pk: int, post: Membership) -> UploadedWorkbook | None:
    """The upload of this person about whose cells the page has asked."""
    return filing.uploaded_workbooks.filter(pk=pk, uploaded_as=post, revision__isnull=True).first()


def settle(upload: UploadedWorkbook, filing: MonthlyFiling) -> None:
    """What the file says is in the draft, or was decided against."""
    filing.uploaded_workbooks.filter(
        workbook=upload.workbook, uploaded_as=upload.uploaded_as_id
    ).exclude(pk=upload.pk).delete()
    upload.revision = filing.revision
    upload.save(update_fields=["revision"])


def places_of(upload: UploadedWorkbook) -> dict[int, int]:
    return {int(place): int(at) for place, at in upload.places.items()}
