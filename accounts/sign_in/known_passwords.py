"""Looking for passwords that everybody knows among the hashes of active accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import check_password

from accounts.demo_logins import DEMO_PASSWORD
from accounts.models import User

# What systems are delivered with and what operators hand out. No account can take any of them (the
# policy refuses them all), so what is found came in another way: SQL, a restore, an old import.
DEFAULTS = (
    *("123456", "12345678", "123456789", "1234567890", "000000", "111111", "666666", "888888"),
    *(
        "88888888",
        "a123456",
        "Aa123456",
        "Aa123456.",
        "Aa123456!",
        "abc123",
        "Abc123456",
        "abc12345",
    ),
    *("password", "Password1", "P@ssw0rd", "Passw0rd!", "P@ssw0rd123", "admin", "admin123"),
    *("Admin@123", "Admin123!", "administrator", "root", "root123", "test", "test123", "guest"),
    *("1qaz2wsx", "1qaz@WSX", "1qaz!QAZ", "qwer1234", "Qwer1234!", "qwerty", "changeme"),
    *("welcome1", "Welcome1!", "jiaoyu123", "Jyj123456", "Jyj@123456", "yey123456", "Yey@123456"),
    *("youeryuan", "Youeryuan123"),
)


@dataclass(frozen=True)
class Finding:
    username: str
    what: str


def scan() -> Iterator[Finding]:
    """Every active account whose password is a known one, or that has none at all.

    An unusable hash lets nobody in and is no finding. About 50 verifications an account.
    """
    found: dict[str, str] = {}
    # All read at once: hashing takes long, and no transaction waits for it.
    for user in list(User.objects.filter(is_active=True).order_by("username")):
        if user.password == "":
            yield Finding(user.username, "没有设密码")
        elif user.has_usable_password():
            # Accounts filled in by SQL may share one hash.
            if user.password not in found:
                found[user.password] = _known_password(user.password)
            if known := found[user.password] or _from_the_name(user):
                yield Finding(user.username, known)


# The password itself is never named: the line may end in a log.


def _known_password(hashed: str) -> str:
    if check_password(DEMO_PASSWORD, hashed):
        return "" if settings.DEMO else "用的是演示密码"
    known = any(check_password(default, hashed) for default in DEFAULTS)
    return "用的是通用的默认密码" if known else ""


def _from_the_name(user: User) -> str:
    name = user.username
    guesses = (name, f"{name}123", f"{name}123456", f"{name}@123", f"{name.capitalize()}@123")
    known = any(check_password(guess, user.password) for guess in guesses)
    return "用的是由用户名变来的密码" if known else ""
