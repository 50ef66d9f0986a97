"""What happened to accounts, what is asked for offices, and where people are signed in."""

from __future__ import annotations

import datetime as dt

from accounts.models import (
    AccessRecord,
    AccountEvent,
    AccountRequest,
    Authenticator,
    AuthenticatorKey,
    KeptInput,
    Session,
    User,
)
from tests.access.routes import World
from tests.small_county import NOW


def furnish(world: World) -> None:
    director = world.people["director"]
    officer = world.people["bureau_officer"].memberships.get()
    system = world.people["system_administrator"].memberships.get()
    AccountEvent.objects.create(
        account=director, action="enabled", at=NOW, done_by=officer.user, reason="恢复"
    )
    AccountRequest.objects.create(
        full_name="新经办人",
        username=f"office{world.small.county.code}",
        organisation=officer.organisation,
        role="inspector",
        valid_from=NOW.date(),
        reason="增人",
        requested_by=system.user,
        requested_as=system,
        requested_at=NOW,
    )
    for person in (director, officer.user):
        Session.objects.create(
            session_key=f"planted{person.pk}",
            session_data="",
            user=person,
            signed_in_at=NOW,
            seen_at=NOW,
            expire_date=NOW + dt.timedelta(hours=8),
            device="设备",
        )
        KeptInput.objects.create(
            user=person,
            digest=f"planted{person.pk}",
            path="/me/phone/",
            sealed="a1:",
            kept_at=NOW,
            expires_at=NOW + dt.timedelta(hours=2),
        )
    AccessRecord.objects.create(
        at=NOW, action="print", outcome="done", user=officer.user, acting=officer, reason="打印"
    )
    # Of somebody who asks nothing here: an app would be asked of everybody who has one.
    owner = User.objects.create(username=f"app{world.small.county.code}", full_name="有验证器")
    app = Authenticator.objects.create(user=owner, name="app", key="")
    AuthenticatorKey.objects.create(device=app, user=owner, key="ab" * 20)
