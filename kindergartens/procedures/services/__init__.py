"""What people do with a procedure: ask, hand in, return, check, decide, take back.

Each is one transaction that locks the procedure first, checks the state, and writes the change and
its event together.
"""

from kindergartens.procedures.services.asking import Asked, ask, ask_again, withdraw
from kindergartens.procedures.services.deciding import (
    approve,
    check,
    check_may_decide,
    refuse,
    send_back,
    values_of,
)
from kindergartens.procedures.services.steps import (
    Act,
    ActedSince,
    as_shown,
    check_seen,
    kind_of,
    locked,
    rehearse,
    stamp,
)

__all__ = [
    "Act",
    "ActedSince",
    "Asked",
    "approve",
    "as_shown",
    "ask",
    "ask_again",
    "check",
    "check_may_decide",
    "check_seen",
    "kind_of",
    "locked",
    "refuse",
    "rehearse",
    "send_back",
    "stamp",
    "values_of",
    "withdraw",
]
