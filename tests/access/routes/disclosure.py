"""What everybody may read, signed in or not."""

from __future__ import annotations

from tests.access.routes.case import EVERYONE, Case, county, kindergarten

CASES = [
    Case("public-staff", EVERYONE, kindergarten(), strangers=200, public=True),
    Case("public-fees", EVERYONE, kindergarten(), strangers=200, public=True),
    Case("public-counties", EVERYONE, strangers=200, public=True),
    Case("public-county-fees", EVERYONE, county(), strangers=200, public=True),
]
