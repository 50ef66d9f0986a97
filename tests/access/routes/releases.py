"""Files about persons that leave the portal."""

from __future__ import annotations

import datetime as dt

from accounts.models import ExportRequest
from tests.access.routes.case import FRESH_POST, SECURITY, Case
from tests.access.routes.world import World
from tests.small_county import NOW

AUDITORS = frozenset({"audit_administrator"})
# Of the roster: the bureau's officer its county's, a director the own one.
OF_STAFF = frozenset({"bureau_officer", "director"})
TAKERS = SECURITY | AUDITORS | OF_STAFF
OF_ANOTHER = dict.fromkeys(AUDITORS | OF_STAFF, 404)


def furnish(world: World) -> None:
    """A list of persons that waits for its second person."""
    security = world.people["security_administrator"].memberships.get()
    world.export = ExportRequest.objects.create(
        kind="people",
        title="人员账号",
        ending="xlsx",
        filters={},
        persons=60,
        reason="核对名册",
        requested_by=security.user,
        requested_as=security,
        requested_at=NOW,
        expires_at=NOW + dt.timedelta(days=7),
    )


CASES = [
    Case("people-export", SECURITY, lambda w: ["xlsx"], strangers=200, fresh=True),
    Case("export-ask", SECURITY, lambda w: ["people"], strangers=200),
    Case(
        "export-ask",
        SECURITY,
        lambda w: ["people"],
        **FRESH_POST,
        data=lambda w: {"reason": "核对名册", "ending": "xlsx"},
        status=302,
        strangers=302,
    ),
    Case("my-exports", TAKERS, strangers=200),
    # It is the security administrator's own; another person's is not there.
    Case(
        "export-download",
        TAKERS,
        lambda w: [w.export.pk],
        **FRESH_POST,
        status=302,
        except_for=OF_ANOTHER,
    ),
    Case(
        "export-withdraw",
        TAKERS,
        lambda w: [w.export.pk],
        method="post",
        status=302,
        except_for=OF_ANOTHER,
    ),
    Case("export-approvals", frozenset({"bureau_leader"}), strangers=200),
    Case(
        "export-decide",
        frozenset({"bureau_leader"}),
        lambda w: [w.export.pk],
        **FRESH_POST,
        data=lambda w: {"act": "approve"},
        status=302,
    ),
]
