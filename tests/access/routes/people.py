"""People, their posts, and what is asked for them."""

from __future__ import annotations

import datetime as dt

from accounts.access.roles import ADMINISTRATORS
from accounts.models import AccountBatch, AccountRequest
from tests.access.routes.case import EVERYONE, FRESH_POST, SECURITY, Case, reason, someone
from tests.access.routes.world import World
from tests.small_county import NOW

REQUESTERS = frozenset({"system_administrator", "director"})


def furnish(world: World) -> None:
    """A director's workbook of new people, and one request."""
    director = world.people["director"].memberships.get()
    world.batch = AccountBatch.objects.create(
        digest="0" * 64,
        rows=[
            {
                "row": 2,
                "full_name": "示例表中人",
                "username": f"listed{world.small.county.code}",
                "organisation": director.organisation_id,
                "role": "kindergarten_clerk",
                "valid_from": NOW.date().isoformat(),
            }
        ],
        uploaded_as=director,
        uploaded_at=NOW,
    )
    world.account_request = AccountRequest.objects.create(
        full_name="示例新人",
        username=f"newcomer{world.small.county.code}",
        organisation=director.organisation,
        role="kindergarten_clerk",
        valid_from=NOW.date(),
        reason="新来的资料员",
        requested_by=director.user,
        requested_as=director,
        requested_at=NOW,
    )


CASES = [
    Case("roles", EVERYONE, strangers=200),
    Case("people", SECURITY, strangers=200),
    Case("person", SECURITY, someone),
    Case("person-disable", SECURITY, someone, **FRESH_POST, data=reason("disable"), status=302),
    Case("person-enable", SECURITY, someone, **FRESH_POST, data=reason("enable"), status=302),
    Case("person-password", SECURITY, someone, **FRESH_POST, data=reason("password")),
    Case("person-unlock", SECURITY, someone, **FRESH_POST, data=reason("unlock"), status=302),
    Case(
        "person-second-factor",
        SECURITY,
        someone,
        **FRESH_POST,
        data=reason("second_factor"),
        status=302,
    ),
    Case("person-sign-out", SECURITY, someone, **FRESH_POST, data=reason("sign_out"), status=302),
    Case(
        "post-hand-over",
        SECURITY,
        lambda w: [w.people["director"].memberships.get().pk],
        fresh=True,
    ),
    Case(
        "post-hand-over",
        SECURITY,
        lambda w: [w.people["director"].memberships.get().pk],
        **FRESH_POST,
        data=lambda w: {
            "successor": w.people["kindergarten_clerk"].pk,
            "first_day": NOW.date().isoformat(),
            "reason": "示例原因",
        },
        status=302,
    ),
    Case("account-requests", REQUESTERS, strangers=200),
    Case("account-request-new", REQUESTERS, strangers=200),
    Case(
        "account-request-new",
        REQUESTERS,
        method="post",
        data=lambda w: {
            "organisation": w.kindergarten.organisation_id,
            "role": "kindergarten_clerk",
            "full_name": "示例来人",
            "username": f"coming{w.small.county.code}",
            "valid_from": NOW.date().isoformat(),
            "reason": "新来的资料员",
        },
        status=302,
        strangers=422,
        # Asks for offices.
        except_for={"system_administrator": 422},
    ),
    Case(
        "account-request-withdraw",
        REQUESTERS,
        lambda w: [w.account_request.pk],
        method="post",
        status=302,
        strangers=302,
    ),
    Case("account-batch-upload", REQUESTERS, strangers=200),
    # No file: refused with a sentence.
    Case("account-batch-upload", REQUESTERS, method="post", status=422, strangers=422),
    Case("account-batch-template", REQUESTERS, strangers=200),
    Case(
        "account-batch",
        REQUESTERS,
        lambda w: [w.batch.pk],
        except_for={"system_administrator": 404},
    ),
    Case(
        "account-batch-confirm",
        REQUESTERS,
        lambda w: [w.batch.pk],
        **FRESH_POST,
        data=lambda w: {"reason": "秋季新任"},
        status=302,
        strangers=302,
    ),
    Case("kindergarten-accounts", frozenset({"bureau_officer"}), strangers=200),
    Case(
        "kindergarten-accounts-decide",
        frozenset({"bureau_officer"}),
        **FRESH_POST,
        data=lambda w: {"request": w.account_request.pk, "act": "approve"},
        strangers=302,
    ),
    Case("office-accounts", SECURITY, strangers=200),
    Case(
        "office-accounts-decide",
        SECURITY,
        **FRESH_POST,
        data=lambda w: {"request": w.account_request.pk, "act": "approve"},
        status=302,
        strangers=302,
    ),
    Case("deputies", EVERYONE - ADMINISTRATORS - {"kindergarten_clerk"}, strangers=200),
    Case(
        "deputies",
        EVERYONE - ADMINISTRATORS - {"kindergarten_clerk"},
        **FRESH_POST,
        data=lambda w: {
            "colleague": w.people["kindergarten_clerk"].pk,
            "first": NOW.date().isoformat(),
            "last": (NOW.date() + dt.timedelta(days=5)).isoformat(),
            "reason": "外出学习",
        },
        # A colleague of the director's alone.
        status=422,
        strangers=422,
        except_for={"director": 302},
    ),
    Case(
        "deputy-end",
        EVERYONE - ADMINISTRATORS - {"kindergarten_clerk"},
        lambda w: [w.people["director"].memberships.get().pk],
        method="post",
        status=302,
        strangers=302,
    ),
]
