"""Files that were not taken are kept on record, as everywhere else."""

from __future__ import annotations

from django.forms import Form
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.history.recording import Action, Outcome, record_access
from kindergartens.models import Kindergarten
from safety.hazards.forms import refused_files


def record_refused(request: SignedInRequest, form: Form, kindergarten: Kindergarten | None) -> None:
    for code in refused_files(form):
        record_access(
            Action.UPLOAD, by=request.user, at=timezone.now(), outcome=Outcome.REFUSED,
            target=kindergarten, reason=code,
        )  # fmt: skip
