"""What was typed into a form whose session had ended, kept until the same person is back.

The fields lie encrypted in a row of the person whose session it was. Reading them takes the
portal's SECRET_KEY, the random token in this browser's cookie, and that person signed in: a copy of
the database, the cookie alone, and whoever else signs in at this computer see nothing. Nothing is
ever sent for the person: the form's page is shown again, filled in (refill.py). See docs/adr/0011.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts.hardening.middleware import storable
from accounts.models import KeptInput
from accounts.sign_in.secret import Unreadable, decrypt, encrypt

LASTS = dt.timedelta(hours=2)
# Longer than the row, so that whoever comes back too late is told so.
COOKIE_LASTS = dt.timedelta(days=1)
MOST_BYTES = 256 * 1024
MOST_OF_A_PERSON = 10
PURPOSE = b"accounts.sign_in.kept"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

# Never kept, whatever form they stand in: the token of the form, passwords and codes. A test looks
# through every form of the portal for a secret that is not named here.
NOT_TYPED = {"csrfmiddlewaretoken"}
SECRET = re.compile(
    r"(?:^|[-_.])(?:again_proof|present|chosen|repeated|otp|otp_token|pin"
    r"|\w*(?:password|passwd|pwd|passphrase|secret)\w*)$",
    re.I,
)


class TooLong(Exception):
    """More text than is kept."""


@dataclass(frozen=True)
class Kept:
    """One form: where it was sent, the page it stood on (“” unknown), and what was in it."""

    key: int
    path: str
    page: str
    fields: tuple[tuple[str, str], ...]
    # Names of fields with a password or code, and (name, file name) of files: to be done again.
    secrets: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    kept_at: dt.datetime
    expires_at: dt.datetime

    @property
    def page_path(self) -> str:
        return urlsplit(self.page).path


def cookie_name() -> str:
    return "__Host-kept" if settings.HTTPS else "kept"


def is_secret(name: str) -> bool:
    """Whether a field of this name holds a password or a code."""
    return SECRET.search(name) is not None


def keep(request: HttpRequest, *, user_id: int, page: str, now: dt.datetime) -> str | None:
    """Keep what a POST carries for this person; returns the token for the cookie, or None.

    None where nothing but secrets and tokens was sent. Raises TooLong. The same form sent twice is
    kept once, as sent last; several forms of one browser are kept side by side.
    """
    post: MultiValueDict[str, str] = request.POST
    files: MultiValueDict[str, UploadedFile] = request.FILES
    fields = [
        (name, storable(value))
        for name, values in post.lists()
        if name not in NOT_TYPED and not is_secret(name) and storable(name) == name
        for value in values
    ]
    chosen = [
        (storable(name), storable(file.name or ""))
        for name, uploads in files.lists()
        for file in uploads
    ]
    hidden = [name for name, values in post.lists() if is_secret(name) and any(values)]
    if not fields and not chosen:
        return None
    content = {"page": page, "fields": fields, "secrets": hidden, "files": chosen}
    plain = json.dumps(content, ensure_ascii=False).encode()
    if len(plain) > MOST_BYTES or len(request.path) > 500:
        raise TooLong
    token = _token_of(request) or secrets.token_urlsafe(32)
    expires_at = now + LASTS
    _store(user_id, token, request.path, plain, now, expires_at)
    return token


def _rows() -> QuerySet[KeptInput]:
    """Not by `visible_to`: at the door nobody is signed in, and the rows name whose they are."""
    return KeptInput.objects.unscoped("asked for by the browser's token, or by the person's key")


@transaction.atomic
def _store(
    user_id: int, token: str, path: str, plain: bytes, now: dt.datetime, expires_at: dt.datetime
) -> None:
    sealed = encrypt(
        plain,
        purpose=PURPOSE,
        salt=token.encode(),
        bound=_bound(user_id, path, expires_at),
    )
    _rows().update_or_create(
        digest=_digest(token),
        user_id=user_id,
        path=path,
        defaults={"sealed": sealed, "kept_at": now, "expires_at": expires_at},
    )
    own = _rows().filter(user_id=user_id).order_by("-kept_at", "-pk")
    surplus = list(own.values_list("pk", flat=True)[MOST_OF_A_PERSON:])
    _rows().filter(pk__in=surplus).delete()


@dataclass(frozen=True)
class Found:
    """What this browser's cookie leads to for this person."""

    forms: tuple[Kept, ...] = ()
    # What the person should be told instead of a form: "late", "altered", "unknown" or "".
    trouble: str = ""


def find(request: HttpRequest, *, user_id: int, now: dt.datetime) -> Found:
    """The person's own forms, latest first. Of other people's nothing is said."""
    if not request.COOKIES.get(cookie_name()):
        return Found()
    token = _token_of(request)
    if token is None:
        return Found(trouble="unknown")
    rows = list(_rows().filter(digest=_digest(token)).order_by("-kept_at", "-pk"))
    own = [row for row in rows if row.user_id == user_id]
    if not own:
        return Found(trouble="" if rows else "unknown")
    alive = [row for row in own if row.expires_at > now]
    if not alive:
        return Found(trouble="late")
    forms, altered = [], False
    for row in alive:
        try:
            forms.append(_open(row, token))
        except Unreadable:
            altered = True
    return Found(tuple(forms), "altered" if altered else "")


def way_back(request: HttpRequest, *, user_id: int, now: dt.datetime) -> str:
    """The page whose form was kept for this person, or the page that lists it; “” without one."""
    forms = find(request, user_id=user_id, now=now).forms
    return "" if not forms else forms[0].page or reverse("kept-input")


def is_waiting(request: HttpRequest, *, now: dt.datetime) -> bool:
    """Whether something is kept here for whoever it belongs to: all that may be said at the door."""
    token = _token_of(request)
    return token is not None and _rows().filter(digest=_digest(token), expires_at__gt=now).exists()


def forget(
    request: HttpRequest, *, user_id: int, path: str | None = None, key: int | None = None
) -> bool:
    """Drop the person's kept form by its address or key; returns whether none of theirs is left."""
    token = _token_of(request)
    if token is None:
        return True
    own = _rows().filter(digest=_digest(token), user_id=user_id)
    if path is not None:
        own.filter(path=path).delete()
    if key is not None:
        own.filter(pk=key).delete()
    return not _rows().filter(digest=_digest(token)).exists()


def sweep(now: dt.datetime) -> int:
    """Delete what came too late to be of use."""
    return _rows().filter(expires_at__lte=now - COOKIE_LASTS).delete()[0]


def give_token(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        cookie_name(),
        token,
        max_age=COOKIE_LASTS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def take_token(response: HttpResponse) -> None:
    response.set_cookie(
        cookie_name(), max_age=0, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def _open(row: KeptInput, token: str) -> Kept:
    plain = decrypt(
        row.sealed,
        purpose=PURPOSE,
        salt=token.encode(),
        bound=_bound(row.user_id, row.path, row.expires_at),
    )
    content = json.loads(plain)
    return Kept(
        key=row.pk,
        path=row.path,
        page=content["page"],
        fields=tuple((name, value) for name, value in content["fields"]),
        secrets=tuple(content["secrets"]),
        files=tuple((name, file) for name, file in content["files"]),
        kept_at=row.kept_at,
        expires_at=row.expires_at,
    )


def _bound(user_id: int, path: str, expires_at: dt.datetime) -> bytes:
    """A row given to somebody else, sent elsewhere or made younger does not open."""
    return json.dumps([user_id, path, expires_at.astimezone(dt.UTC).isoformat()]).encode()


def _token_of(request: HttpRequest) -> str | None:
    token = request.COOKIES.get(cookie_name(), "")
    return token if TOKEN.fullmatch(token) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
