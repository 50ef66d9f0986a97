"""What became of every row, and who did what."""

from __future__ import annotations

from tests.access.routes.case import HISTORY_READERS, Case

AUDITORS = frozenset({"audit_administrator"})


CASES = [
    Case(
        "account-history",
        HISTORY_READERS,
        lambda w: [w.people["director"].pk],
    ),
    Case("audit", AUDITORS, strangers=200),
    Case("audit-export", AUDITORS, lambda w: ["xlsx"], strangers=200, fresh=True),
    Case("audit-changes", AUDITORS, strangers=200),
    Case("audit-changes-export", AUDITORS, lambda w: ["csv"], strangers=200, fresh=True),
    Case("audit-verify", AUDITORS, method="post", status=302, strangers=302),
]
