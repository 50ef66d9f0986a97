"""Keys for other systems."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import ApiTokenUse
from accounts.tokens.services import issue
from tests.access.routes.case import SECURITY, Case
from tests.access.routes.world import World
from tests.conftest import acting
from tests.small_county import NOW


def furnish(world: World) -> None:
    giver = acting(world.people["security_administrator"])
    world.api_token, world.api_key = issue(
        organisation=giver.acting.organisation,
        region=world.small.county,
        name="示例平台",
        last_day=dt.date(2027, 6, 30),
        by=giver,
        now=NOW,
    )
    ApiTokenUse.objects.create(token=world.api_token, day=NOW.date(), answered=3, last_at=NOW)


def token(world: World) -> list[Any]:
    return [world.api_token.pk]


CASES = [
    Case("api-tokens", SECURITY, strangers=200),
    Case("api-token-new", SECURITY, strangers=200),
    Case("api-token-new", SECURITY, method="post", status=422, strangers=422, fresh=True),
    Case("api-token-revoke", SECURITY, token),
    Case(
        "api-token-revoke",
        SECURITY,
        token,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
    Case("api-token-history", SECURITY, token),
]
