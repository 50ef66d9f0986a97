"""The portal as it is run: second factor demanded by role, requests counted. Tests begin without."""

from __future__ import annotations

from typing import Any

from accounts.hardening import limits
from accounts.models import User
from tests.small_county import NOW


def switch_on(settings: Any, *, enrolled: bool) -> None:
    """Undone with the test: the settings by their fixture, the rows by its savepoint."""
    settings.RATE_LIMITS = True
    settings.SECOND_FACTOR_ROLES = list(settings.PRIVILEGED_ROLES)
    limits.forget_process_buckets()
    if enrolled:
        User.objects.filter(second_factor_at=None).update(second_factor_at=NOW)
