"""The registry."""

from __future__ import annotations

from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    RETURN_READERS,
    Case,
    kindergarten,
)

CHANGERS = BUREAU | {"bureau_leader"}

CASES = [
    Case(
        "kindergarten-list",
        RETURN_READERS,
        strangers=200,
        except_for=dict.fromkeys(FILERS, 302),
    ),
    Case("kindergarten-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("kindergarten-detail", RETURN_READERS, kindergarten()),
    Case("kindergarten-history", RETURN_READERS, kindergarten()),
    Case("status-document", RETURN_READERS, lambda w: [w.paper.pk]),
    Case("status-change-withdraw", CHANGERS, lambda w: [w.change.pk]),
    Case(
        "status-change-withdraw",
        CHANGERS,
        lambda w: [w.change.pk],
        method="post",
        data=lambda w: {"reason": "示例原因"},
        status=302,
        # An officer entered it, so an officer takes it back.
        except_for={"bureau_leader": 409},
    ),
]
