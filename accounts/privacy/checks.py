"""System checks: without keys, or with keys that are none, the portal does not go live."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from accounts.privacy import cipher, keys


@register(Tags.security, deploy=True)
def field_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        keys.all_keys()
        cipher.chosen()
    except ImproperlyConfigured as problem:
        return [Error(str(problem), hint="docs/operations.md, FIELD_KEYS", id="portal.E010")]
    return []
