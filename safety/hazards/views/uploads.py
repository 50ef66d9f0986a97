"""Files that a form brings: none is lost by a mistake elsewhere, a refused one is on record."""

from __future__ import annotations

from django.db import transaction
from django.forms import Form
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.files import FileRefused, store
from accounts.files.carried import Carried, carried, token_of
from accounts.files.intake import Accepted
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import StoredFile
from kindergartens.models import Kindergarten
from safety.hazards import rules
from safety.hazards.forms import file_fields, refused_files

# More than a form shows: what came the time before last, and what came last.
MOST_CARRIED = 2 * rules.MOST_PHOTOS
GONE = "有文件存得太久，已经清理。请重新选择。"


def add_carried(request: SignedInRequest, form: Form) -> None:
    """To the files that came now those that an earlier try brought."""
    form.is_valid()
    for name, field in file_fields(form).items():
        marks = carried(request.POST.getlist(f"{name}-kept")[:MOST_CARRIED], request.user)
        files = StoredFile.objects.in_bulk([one.file_id for one in marks])
        field.taken[:0] = [
            Accepted(
                one.name, store.read(file), file.content_type, file.scanned_at is not None
            )
            for one in marks
            if (file := files.get(one.file_id)) is not None
        ]  # fmt: skip
        if any(one.file_id not in files for one in marks):
            form.add_error(name, GONE)


@transaction.atomic
def carry_on(request: SignedInRequest, form: Form, kindergarten: Kindergarten | None) -> None:
    """Keep what was accepted, so that the page need not ask for it again."""
    now, post = timezone.now(), request.user.acting
    assert post is not None  # noqa: S101 - whoever may send a file acts in a post
    for field in file_fields(form).values():
        for accepted in field.taken:
            try:
                stored = store.keep(accepted, post=post, now=now)
            except FileRefused:
                continue
            record_access(Action.UPLOAD, by=request.user, at=now, target=kindergarten)
            mark = token_of(Carried(stored.pk, accepted.name), request.user)
            field.kept = [*field.kept, (mark, accepted.name)]


def record_refused(request: SignedInRequest, form: Form, kindergarten: Kindergarten | None) -> None:
    for code in refused_files(form):
        record_access(
            Action.UPLOAD, by=request.user, at=timezone.now(), outcome=Outcome.REFUSED,
            target=kindergarten, reason=code,
        )  # fmt: skip
