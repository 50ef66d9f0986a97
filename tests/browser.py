"""One Chromium for a test process: Playwright's synchronous driver cannot be started twice."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.local.setup import find_chromium

# No sandbox inside containers, and no calls of Chromium's own to the outside.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    chromium = find_chromium()
    if chromium is None:
        pytest.fail("Chromium is missing; mend it with: apt-get install -y chromium")
    # Playwright keeps an event loop in this thread; the database is still used one call at a time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=QUIET)
        yield browser
        browser.close()
