"""What everybody may read, signed in or not."""

from __future__ import annotations

from tests.access.routes.case import EVERYONE, Case, kindergarten

CASES = [
    Case("public-staff", EVERYONE, kindergarten(), strangers=200, public=True),
]
