"""Monthly returns."""

from __future__ import annotations

from tests.access.routes.case import FILERS, HISTORY_READERS, RETURN_READERS, Case, filing

CASES = [
    Case("my-filings", FILERS, strangers=200),
    Case("mirror", FILERS, strangers=200),
    Case("filing-open", FILERS, method="post", data=lambda w: {"period": w.period.pk}, status=302),
    Case("filing-edit", FILERS, filing, status=302),
    # Submitted already: what was typed comes back with the reason.
    Case(
        "filing-edit",
        FILERS,
        filing,
        method="post",
        data=lambda w: {
            "revision": w.filing.revision,
            "remarks": "示例备注",
            "class-0-name": "小一班",
            "class-0-grade": "small",
            "class-0-boys": 12,
            "action": "save",
        },
        status=409,
    ),
    Case("extension-ask", FILERS, lambda w: [w.period.pk]),
    # The month has not locked: it is said that it can be filed as it is.
    Case(
        "extension-ask",
        FILERS,
        lambda w: [w.period.pk],
        method="post",
        data=lambda w: {"reason": "示例理由"},
        status=422,
    ),
    Case("filing-withdraw", FILERS, filing, method="post", status=302),
    # Nothing sent: refused with a sentence, and nobody else gets that far.
    Case("filing-attach", FILERS, filing, method="post", status=422),
    Case("filing-attachment", RETURN_READERS, lambda w: [w.filing.pk, w.attachment.pk]),
    Case("filing-version", RETURN_READERS, lambda w: [w.filing.pk, 1]),
    Case("filing-queue", frozenset({"bureau_officer"}), strangers=200),
    Case("filing-review", frozenset({"bureau_officer"}), filing),
    Case(
        "filing-accept",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1},
        status=302,
    ),
    Case(
        "filing-return",
        frozenset({"bureau_officer"}),
        filing,
        method="post",
        data=lambda w: {"version": 1, "reason": "请核对"},
        status=302,
    ),
    Case("filing-compare", RETURN_READERS, filing),
    Case("filing-history", HISTORY_READERS, filing),
]
