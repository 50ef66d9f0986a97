"""Photographs that a form brings: each looked at and kept, so that a mistake elsewhere loses none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile

from accounts.access.guards import SignedInRequest
from accounts.files import FileRefused, intake, store
from accounts.files.carried import Carried, carried
from accounts.history.recording import Action, Outcome, record_access
from kindergartens.models import Kindergarten
from safety.selfchecks.rules import MOST_PHOTOS, Line

PICTURES = ("jpg", "jpeg", "png")
NO_PICTURE = "只收照片（jpg、png）。请用手机拍一张再传。"


def received(
    request: SignedInRequest, kindergarten: Kindergarten, lines: Iterable[Line], now: dt.datetime
) -> tuple[dict[str, list[Carried]], dict[str, str]]:
    """By line the photographs carried on and sent, and why one was refused."""
    photos: dict[str, list[Carried]] = {}
    refused: dict[str, str] = {}
    for line in lines:
        name = f"{line.code}-photos"
        found = carried(request.POST.getlist(f"{line.code}-kept"), request.user)
        for upload in request.FILES.getlist(name):
            if len(found) >= MOST_PHOTOS:
                refused[line.code] = f"一项最多{MOST_PHOTOS}张照片，多的没有收下。"
                break
            try:
                found.append(_kept(request, upload, kindergarten, now))
            except FileRefused as refusal:
                record_access(
                    Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED,
                    target=kindergarten, reason=refusal.code,
                )  # fmt: skip
                refused[line.code] = refusal.reason
        photos[line.code] = found
    return photos, refused


def _kept(
    request: SignedInRequest, upload: UploadedFile, kindergarten: Kindergarten, now: dt.datetime
) -> Carried:
    name = upload.name or ""
    if upload.size is not None and upload.size > intake.largest():
        raise intake.too_large(upload.size)
    if name.rpartition(".")[2].lower() in intake.KINDS.keys() - set(PICTURES):
        raise FileRefused("type-not-accepted", NO_PICTURE)
    accepted = intake.accept(name, upload.read())
    assert request.user.acting is not None  # noqa: S101 - whoever may check acts in a post
    kept = store.keep(accepted, post=request.user.acting, now=now)
    record_access(Action.UPLOAD, by=request.user, at=now, target=kindergarten)
    return Carried(kept.pk, accepted.name)
