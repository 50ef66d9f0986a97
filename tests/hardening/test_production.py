"""The settings an operator runs with: Django's own check and the portal's find nothing."""

from __future__ import annotations

import os
import subprocess

import pytest
from django.conf import settings

from config.local.checks import DEPLOY_CHECK, STATIC_CHECKS


def check(**changed: str) -> subprocess.CompletedProcess[str]:
    assignments = [f"{name}={value}" for name, value in changed.items()]
    command = [*DEPLOY_CHECK[:-6], *assignments, *DEPLOY_CHECK[-6:]]
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        # A browser driven by this process leaves a variable that no deployment has.
        env={key: value for key, value in os.environ.items() if key != "DJANGO_ALLOW_ASYNC_UNSAFE"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_have_no_warning() -> None:
    done = check()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert DEPLOY_CHECK in STATIC_CHECKS.values()


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({"HTTPS": "0"}, "security.W008"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"ALLOWED_HOSTS": "*"}, "portal.W001"),
        ({"RATE_LIMITS": "0"}, "portal.W002"),
        ({"TRUSTED_PROXIES": "0"}, "portal.W003"),
        ({"DEMO": "1"}, "portal.W004"),
        ({"LOG_FORMAT": "line"}, "portal.W005"),
    ],
)
def test_each_loose_setting_is_named(changed: dict[str, str], warning: str) -> None:
    done = check(**changed)
    assert done.returncode == 1
    assert warning in done.stderr
