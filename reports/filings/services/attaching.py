"""Supporting documents of a return: they belong to the next version."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.files import store
from accounts.files.intake import Accepted
from accounts.history.recording import Action, record_access
from accounts.models import User
from kindergartens import policies
from kindergartens.models import FilingAttachment
from kindergartens.policies import NotAllowedNow
from reports.filings.room import check_room
from reports.filings.services import steps


@transaction.atomic
def attach(*, filing_id: int, accepted: Accepted, by: User, now: dt.datetime) -> FilingAttachment:
    """Add a supporting document to the return being filled in: part of the next version.

    Raises NotAllowedNow when the return may not be changed, has enough attachments, or has this
    very file already; FileRefused for a virus.
    """
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    there = filing.attachments.filter(until_version__isnull=True)
    check_room(filing, len(accepted.content))
    stored = store.keep(accepted, post=post, now=now)
    same = there.filter(file=stored).first()
    if same is not None:
        raise NotAllowedNow(f"这个文件已经在附件里（{same.name}），不用再传。")
    attachment = FilingAttachment.objects.create(
        filing=filing,
        file=stored,
        name=accepted.name,
        from_version=filing.version + 1,
        added_as=post,
        added_at=now,
    )
    record_access(Action.UPLOAD, by=by, at=now, target=attachment)
    return attachment


@transaction.atomic
def detach(*, filing_id: int, attachment_id: UUID, by: User, now: dt.datetime) -> None:
    """Take an attachment away from the next version on; versions already submitted keep it.

    Taking away what is not there (any more) does nothing. Raises NotAllowedNow.
    """
    filing = steps.locked(filing_id)
    steps.filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    there = filing.attachments.filter(pk=attachment_id, until_version__isnull=True)
    there.filter(from_version__gt=filing.version).delete()
    there.filter(from_version__lte=filing.version).update(until_version=filing.version + 1)
