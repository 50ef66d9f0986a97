"""Starts a PostgreSQL and a Valkey for the test run, unless the environment names some.

A pytest plugin (see addopts), because the settings must know the addresses before anything else
is loaded. With pytest-xdist the first process starts them and the others inherit the addresses.
"""

import atexit
import os
from contextlib import ExitStack

from config.local.alone import throw_away_servers

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.setdefault("SECRET_KEY", "tests-need-no-secret")
    os.environ.setdefault("FIELD_KEYS", f"tests:{'0123456789abcdef' * 4}")
    # Plain names for static files: the tests do not collect them.
    os.environ.setdefault("PLAIN_STATIC", "1")
    # Most tests are about other pages; the second factor has tests of its own.
    os.environ.setdefault("SECOND_FACTOR_ROLES", "none")
    # A test walks a county in seconds; those of the limits switch them on (tests/hardening).
    os.environ.setdefault("RATE_LIMITS", "0")
    os.environ.setdefault("LOG_FORMAT", "line")
    # Both roles of the database are needed: tests act as the one or the other.
    if not {"DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        stack = ExitStack()
        os.environ.update(stack.enter_context(throw_away_servers()))
        atexit.register(stack.close)
