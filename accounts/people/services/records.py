"""One line in an account's timeline."""

from __future__ import annotations

import datetime as dt

from accounts.models import AccountEvent, Membership, User

Action = AccountEvent.Action


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
