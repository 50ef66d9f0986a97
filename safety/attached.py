"""Photographs and papers sent with a form: kept together with what they show, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models

from accounts.access.guards import SignedInRequest
from accounts.files import FileRefused, intake, store
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import StoredFile


def keep_files(
    request: SignedInRequest, uploads: Iterable[Any], *, target: models.Model, now: dt.datetime
) -> list[tuple[StoredFile, str]]:
    """(kept file, its name) of each. Call it within the transaction of what they are attached to.

    Raises FileRefused, whose text names the file; the caller records it by `record_refusal` when
    the transaction is over.
    """
    kept = []
    for upload in uploads:
        try:
            if upload.size is not None and upload.size > intake.largest():
                raise intake.too_large(upload.size)
            accepted = intake.accept(upload.name or "", upload.read())
        except FileRefused as refusal:
            raise FileRefused(refusal.code, f"{upload.name}：{refusal.reason}") from None
        post: Any = request.user.acting
        kept.append((store.keep(accepted, post=post, now=now), accepted.name))
        record_access(Action.UPLOAD, by=request.user, at=now, target=target)
    return kept


def record_refusal(
    request: SignedInRequest, refusal: FileRefused, *, target: models.Model, now: dt.datetime
) -> None:
    record_access(
        Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=target,
        reason=refusal.code,
    )  # fmt: skip
