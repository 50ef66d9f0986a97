"""Django's database sessions, with the person, device and times as columns (SESSION_ENGINE)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import Session

# The cookie and the ended row outlive the session by a weekend: whoever comes back to a form left
# open is then known as the person whose session ended, and what was typed is kept for them.
REMEMBERED = dt.timedelta(days=3)


def _by_key(key: str | None) -> models.QuerySet[Session]:
    rows = Session.objects.unscoped("whoever has the key in a cookie is whose session it is")
    return rows.filter(session_key=key)


class SessionStore(DatabaseSessions):
    # The row as last read or written; None before that and for a session that is no more.
    row: Session | None = None
    # Why the session whose cookie came is no more.
    ended_why = ""
    ended_user_id: int | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        row = _by_key(self.session_key).first()
        if row is not None:
            if row.ended_at is None and row.expire_date > timezone.now():
                self.row = row
                return row
            if row.user_id is not None:
                self.ended_why = row.ended_why or Session.Ended.ABSOLUTE
                self.ended_user_id = row.user_id
        self._session_key = None
        return None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """A session ends for good so long after signing in, whatever is written meanwhile."""
        now = timezone.now()
        user_id = data.get(SESSION_KEY)
        before = self.row if self.row is not None and str(self.row.user_id) == user_id else None
        signed_in_at = before.signed_in_at if before is not None else (now if user_id else None)
        lasts = dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=(signed_in_at or now) + lasts,
            user_id=user_id,
            signed_in_at=signed_in_at,
            seen_at=now if user_id else None,
            address=data.get("address"),
            device=data.get("device", ""),
        )

    def save(self, must_create: bool = False) -> None:
        """An ended session stays ended, also for a request that began before."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self.create_model_instance(data)
        if must_create:
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError as taken:
                raise CreateError from taken
        else:
            open_row = _by_key(row.session_key).filter(ended_at__isnull=True)
            changes = {
                name: getattr(row, name)
                for name in (
                    *("session_data", "expire_date", "user_id", "signed_in_at"),
                    *("seen_at", "address", "device"),
                )
            }
            if not open_row.update(**changes):
                raise UpdateError
        self.row = row
        return None

    def get_expiry_age(self, **kwargs: Any) -> int:
        """How long the browser keeps the cookie; the row says how long the session lasts."""
        return int(settings.SESSION_COOKIE_AGE + REMEMBERED.total_seconds())

    @classmethod
    def clear_expired(cls) -> None:
        ended = Session.objects.unscoped("what has ended long ago, whoever's it was")
        ended.filter(expire_date__lt=timezone.now() - REMEMBERED).delete()

    def exists(self, session_key: str) -> bool:
        return _by_key(session_key).exists()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            _by_key(key).delete()

    def forget(self) -> None:
        """Like flush, but the ended row stays, and the browser's cookie that leads to it."""
        self.clear()
        self._session_key = None
        self.row = None
        self.modified = False

    def is_empty(self) -> bool:
        """An ended session's cookie stays: of two forms left open, both are known as its person's."""
        return self.ended_user_id is None and super().is_empty()
