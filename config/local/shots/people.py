"""People, their posts, and what is asked for them."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("accounts", "wuqing-security", goto("/people/")),
    Shot(
        "account",
        "wuqing-security",
        first_link("/people/?q=wuqing-director", "main tbody th a"),
    ),
    Shot("office-approvals", "wuqing-security", goto("/account-approvals/offices/")),
    Shot("api-tokens", "wuqing-security", goto("/api-tokens/")),
    Shot("api-token-new", "wuqing-security", goto("/api-tokens/new/")),
    Shot("roles", "wuqing-leader", goto("/roles/")),
    Shot("kindergarten-approvals", "wuqing-officer", goto("/account-approvals/kindergartens/")),
    Shot("our-people", "wuqing-director", goto("/account-requests/")),
    Shot("request", "wuqing-director", goto("/account-requests/new/")),
    Shot("deputies", "wuqing-director", goto("/deputies/")),
    Shot("workbook", "system", goto("/account-requests/workbook/")),
]
