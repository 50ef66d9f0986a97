"""Handing out a kept file: always as a download, never as a page of this site."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.files import store
from accounts.models import StoredFile


class NotServed(Exception):
    """The file is not handed out now; the text says why and what to do."""


NOT_READY = {
    StoredFile.State.PENDING: "文件还在等待查毒，查完才能下载。请过几分钟再试。",
    StoredFile.State.INFECTED: "文件被查出病毒，不能下载。请联系园所重新上传。",
}


def state_of(stored: StoredFile) -> StoredFile.State:
    """Whether a file may be handed out now, by the scanner that is set up now.

    With one, nothing goes out that it has not passed, however long it has been here; the timetable
    has such files scanned. Without one nothing waits for it: who takes the scanner away decides
    that files go out unscanned. What was found to be infected stays so.
    """
    if stored.state == StoredFile.State.INFECTED:
        return StoredFile.State.INFECTED
    if settings.CLAMD_ADDRESS and stored.scanned_at is None:
        return StoredFile.State.PENDING
    return StoredFile.State.READY


def file_response(stored: StoredFile, name: str) -> HttpResponse:
    """The file under the name it was uploaded with. The caller has checked that the person may see the object.

    Raises NotServed while a virus scan is due, and store.FileDamaged when the bytes were altered.
    """
    if (state := state_of(stored)) != StoredFile.State.READY:
        raise NotServed(NOT_READY[state])
    response = HttpResponse(store.read(stored), content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    # Should a browser show it after all, it runs nothing and loads nothing.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
