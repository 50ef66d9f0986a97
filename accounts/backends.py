from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User

THE_DOOR = "an account is looked up by its name or its session before anybody is known"


class PortalBackend(BaseBackend):
    """Username and password; what a person may do is decided by accounts.access, not here."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = (
            User.objects.unscoped(THE_DOOR)
            .filter(username=User.normalise_username(username))
            .first()
        )
        if user is None:
            # Spend the same time on an unknown name, so that names cannot be probed.
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.unscoped(THE_DOOR).filter(pk=user_id, is_active=True).first()
