"""The front door, and one's own account; what needs a fresh proof asks for it."""

from __future__ import annotations

from accounts.sign_in.fresh import PROOF
from tests.access.routes.case import EVERYONE, FRESH_POST, Case

CHOSEN = "秋天收了九筐青苹果"

CASES = [
    Case("login", EVERYONE, status=302, strangers=302, public=True),
    Case("login", EVERYONE, method="head", status=302, strangers=302, public=True),
    Case(
        "login",
        EVERYONE,
        method="post",
        data=lambda w: {
            "username": w.people["director"].username,
            "password": "wrong",
            "next": "/",
        },
        status=302,
        strangers=302,
        public=True,
        anonymous=200,
    ),
    Case("logout", EVERYONE, method="post", status=302, strangers=302),
    Case("sign-in-code", EVERYONE, status=302, strangers=302),
    Case(
        "sign-in-code",
        EVERYONE,
        method="post",
        data=lambda w: {"otp": "123456"},
        status=302,
        strangers=302,
    ),
    Case("authenticate-again", EVERYONE, strangers=200),
    Case(
        "authenticate-again",
        EVERYONE,
        method="post",
        data=lambda w: {PROOF: "wrong", "next": "/"},
        status=403,
        strangers=403,
    ),
    Case("session-state", EVERYONE, strangers=200),
    Case("session-state", EVERYONE, method="post", strangers=200),
    Case("account-security", EVERYONE, strangers=200),
    Case("change-password", EVERYONE, strangers=200),
    Case(
        "change-password",
        EVERYONE,
        method="post",
        data=lambda w: {"present": "wrong", "chosen": CHOSEN, "repeated": CHOSEN},
        status=422,
        strangers=422,
    ),
    Case("second-factor", EVERYONE, status=302, strangers=302),
    Case(
        "second-factor",
        EVERYONE,
        **FRESH_POST,
        data=lambda w: {"otp": "123456"},
        status=422,
        strangers=422,
    ),
    Case("recovery-codes", EVERYONE, method="post", status=401, strangers=401),
    Case("second-factor-off", EVERYONE, method="post", status=401, strangers=401),
    Case("end-session", EVERYONE, method="post", status=302, strangers=302),
    Case("kept-input", EVERYONE, strangers=200),
    Case("kept-input-discard", EVERYONE, method="post", status=302, strangers=302),
]
