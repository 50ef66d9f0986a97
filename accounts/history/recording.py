"""Writing down acts that change no row: sign-ins, prints, exports, looks at personal data."""

from __future__ import annotations

import datetime as dt

from django.db.models import Model

from accounts.history.request import this_request
from accounts.models import AccessRecord, User

Action = AccessRecord.Action
Outcome = AccessRecord.Outcome


def record_access(
    action: Action,
    *,
    by: User | None,
    at: dt.datetime,
    outcome: Outcome = Outcome.DONE,
    target: Model | None = None,
    rows: int | None = None,
    persons: int | None = None,
    reason: str = "",
) -> AccessRecord:
    """Keep one act of a person, in the transaction of whoever calls.

    `by` is the person, in the post they act in; None when nobody got in. `rows` and `persons` count
    what left the portal or was shown. `reason` is what the person gave, or why it was refused;
    never put a password, a code or an identifier into it.
    """
    request = this_request()
    return AccessRecord.objects.create(
        at=at,
        action=action,
        outcome=outcome,
        user=by,
        acting=by.acting if by is not None else None,
        request_id=request.number,
        address=request.address,
        object_kind=target._meta.label_lower if target is not None else "",
        object_id=str(target.pk) if target is not None else "",
        rows=rows,
        persons=persons,
        reason=reason[:300],
    )


# Before the route of the page that was refused; the list shows what the page is called.
PAGE = "页面"
REFUSAL_KEPT_EVERY = dt.timedelta(minutes=1)


def record_refusal(*, by: User, page: str, at: dt.datetime) -> None:
    """Keep that a person was refused a page: once a minute for each page.

    Somebody who tries them all must not fill the list.
    """
    reason = f"{PAGE}{page}"
    lately = AccessRecord.objects.own(by).filter(
        action=Action.DENIED, reason=reason, at__gt=at - REFUSAL_KEPT_EVERY
    )
    if not lately.exists():
        record_access(Action.DENIED, by=by, at=at, outcome=Outcome.REFUSED, reason=reason)
