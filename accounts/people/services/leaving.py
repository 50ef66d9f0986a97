"""What ends with a post or an account: whatever was asked for and not decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from accounts.history.context import because
from accounts.models import AccountRequest, ExportRequest, Membership

# Whoever ends the post was allowed to; who may see the request has nothing to do with it.
ENDED = "the requests of a post that ends"


def withdraw_what_waits(posts: Iterable[int], *, now: dt.datetime, why: str) -> int:
    """End the open requests made in these posts; returns how many."""
    asked = AccountRequest.objects.unscoped(ENDED).waiting().filter(requested_as__in=posts)
    exports = ExportRequest.objects.unscoped(ENDED).filter(
        requested_as__in=posts, state__in=ExportRequest.OPEN
    )
    with because(why.rstrip("。")):
        ended = asked.update(
            state=AccountRequest.State.WITHDRAWN, decided_at=now, decision_reason=why[:300]
        )
        return ended + exports.update(state=ExportRequest.State.EXPIRED)


def withdraw_of_people_who_left(*, today: dt.date, now: dt.datetime) -> int:
    """The nightly sweep: requests whose post ran out by its date."""
    in_force = Membership.objects.in_force(today)
    asking = Membership.objects.filter(
        Exists(AccountRequest.objects.waiting().filter(requested_as=OuterRef("pk")))
        | Exists(
            ExportRequest.objects.filter(requested_as=OuterRef("pk"), state__in=ExportRequest.OPEN)
        )
    ).exclude(pk__in=in_force.values("pk"))
    posts = list(asking.values_list("pk", flat=True))
    return withdraw_what_waits(posts, now=now, why="申请人已离任。")
