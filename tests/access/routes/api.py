"""The interface for other systems: a key opens it, and no session does."""

from __future__ import annotations

from typing import Any

from tests.access.routes.case import EVERYONE, Case

# Whoever comes with a session alone is told that a key is missing.
NO_KEY: dict[str, Any] = {"status": 401, "strangers": 401, "public": True, "anonymous": 401}

CASES = [
    Case("api-document", EVERYONE, strangers=200, public=True),
    Case("api-indicators", EVERYONE, **NO_KEY),
    Case("api-regions", EVERYONE, **NO_KEY),
    Case("api-figures", EVERYONE, **NO_KEY),
    Case("api-parts", EVERYONE, **NO_KEY),
    Case("api-publications", EVERYONE, **NO_KEY),
    Case("api-publication", EVERYONE, lambda w: ["YDTB-654321-2026-0001"], **NO_KEY),
]
