"""What `manage.py check --deploy` says about this portal beyond Django's own warnings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - Django's name for it


@register(deploy=True)
def check_production_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_warnings())


def _warnings() -> Iterator[Warning]:
    if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        yield Warning(
            "ALLOWED_HOSTS lets names through that nobody listed; printed addresses use them.",
            hint="List the names people type, without wildcards.",
            id="portal.W001",
        )
    if not settings.RATE_LIMITS:
        yield Warning(
            "RATE_LIMITS is off.", hint="Unset it: limits are on by default.", id="portal.W002"
        )
    if settings.SECURE_SSL_REDIRECT and settings.TRUSTED_PROXIES < 1:
        yield Warning(
            "HTTPS=1 means a proxy stands in front, but TRUSTED_PROXIES is 0: everybody seems to "
            "come from the proxy's address.",
            hint="Set TRUSTED_PROXIES to the number of proxies of your own (usually 1).",
            id="portal.W003",
        )
    if settings.DEMO:
        yield Warning(
            "DEMO=1 shows logins with a known password.", hint="Unset DEMO.", id="portal.W004"
        )
    if settings.LOG_FORMAT != "json":
        yield Warning(
            "LOG_FORMAT is for a terminal.", hint="Unset it or set json.", id="portal.W005"
        )
    if not settings.HISTORY_KEYS:
        yield Warning(
            "HISTORY_KEYS is empty: anchors of history hang on SECRET_KEY, which is changed.",
            hint="Set a key of its own, kept outside the database, see docs/operations.md.",
            id="portal.W006",
        )
