"""One line in an account's timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from accounts.history.context import because
from accounts.models import AccountEvent, Membership, User

Action = AccountEvent.Action
P = ParamSpec("P")
R = TypeVar("R")


def giving_reason(service: Callable[P, R]) -> Callable[P, R]:
    """Let the history of every row a service changes carry the `reason` it was given."""

    @wraps(service)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with because(str(kwargs["reason"])):
            return service(*args, **kwargs)

    return within


def note(
    account: User,
    action: AccountEvent.Action,
    *,
    by: User | None,
    now: dt.datetime,
    post: Membership | None = None,
    reason: str = "",
) -> AccountEvent:
    """Write down what happened to an account, in the transaction that does it."""
    return AccountEvent.objects.create(
        account=account,
        action=action,
        at=now,
        post=post,
        done_by=by,
        done_as=by.acting if by is not None else None,
        reason=reason,
    )
