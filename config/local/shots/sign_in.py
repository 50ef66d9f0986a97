"""The front door and one's own account."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("login", "", goto("/login/")),
    Shot("account", "wuqing-director", goto("/account/")),
    Shot("password", "wuqing-director", goto("/account/password/")),
    Shot("second-factor", "wuqing-inspector", goto("/account/second-factor/")),
    Shot("authenticate-again", "wuqing-inspector", goto("/login/again/?next=/account/")),
]
