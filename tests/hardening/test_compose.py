"""Compose hands on every setting, and an empty one means the default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as live

from accounts.hardening.checks import check_production_settings

ROOT = Path(live.BASE_DIR)
NOT_HANDED_ON = {
    "DEBUG": "never in production",
    "PLAIN_STATIC": "for tests and work on one machine",
    "STATIC_ROOT": "part of the image",
    "OWNER_DATABASE_URL": "for migrate alone (test_database_role.py)",
}


def test_every_setting_can_be_set_in_compose() -> None:
    source = (ROOT / "config/settings.py").read_text()
    read = set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", source))
    compose = (ROOT / "docker-compose.yml").read_text()
    block = compose[compose.index("environment: &environment") : compose.index("\nservices:")]
    handed_on = set(re.findall(r"^    ([A-Z_]+):", block, re.MULTILINE))
    assert {"SECRET_KEY", "FILE_MAX_MB", "SECRET_KEY_FALLBACKS"} <= read
    assert read - handed_on == set(NOT_HANDED_ON)
    assert handed_on <= read


@pytest.mark.parametrize("keys", [[], ["new:" + "ab" * 32]])
def test_a_history_without_a_key_is_warned_of(settings, keys: list[str]) -> None:
    settings.HISTORY_KEYS = keys
    found = {warning.id for warning in check_production_settings(None)}
    assert ("portal.W006" in found) is (not keys)
