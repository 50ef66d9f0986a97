"""Take a hazard into the ledger, once."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, User
from accounts.serials import next_number
from inspections.ledger import rules
from inspections.models import RectificationItem
from safety.models import Hazard

LOCK_SPACE = 76_000_000


class LedgerRefused(Exception):
    """It does not belong into the ledger; the text says why and what to do."""


@transaction.atomic
def take_in(*, number: str, by: User, now: dt.datetime) -> RectificationItem:
    """Enter the hazard of this number with every column filled, or find its entry.

    Holds the hazard, so that nobody closes or withdraws it meanwhile. Raises LedgerRefused for one that
    is over and for what was fixed on the spot, PermissionDenied.
    """
    if by.acting is None or not by.can(Permission.DECIDE_SAFETY):
        raise PermissionDenied("您现在的岗位不能登记整改台账。")
    hazard = (
        Hazard.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("county", "kindergarten")
        .filter(number=number)
        .first()
    )
    if hazard is None:
        raise LedgerRefused(f"没有编号为{number}的隐患。请刷新列表。")
    there = _entry_of(hazard)
    if there is not None:
        return there
    problem = rules.offered_problem(is_open=hazard.is_open, deadline=hazard.deadline)
    if problem:
        raise LedgerRefused(problem)
    try:
        with transaction.atomic():
            return _enter(hazard, by.acting, now)
    except IntegrityError:
        # Somebody else entered it a moment ago: a hazard is in the ledger once.
        return RectificationItem.objects.visible_to(by).get(hazard=hazard)


def _entry_of(hazard: Hazard) -> RectificationItem | None:
    entries = RectificationItem.objects.unscoped("of a hazard that the person was found to see")
    return entries.filter(hazard=hazard).first()


def _enter(hazard: Hazard, post: Membership, now: dt.datetime) -> RectificationItem:
    assert hazard.deadline is not None  # noqa: S101 - rules.offered_problem, for the type
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, hazard.county_id])
    used = RectificationItem.objects.unscoped("numbers are counted over all of a county")
    year = timezone.localdate(now).year
    with because("入账"):
        return RectificationItem.objects.create(
            number=next_number(used, f"ZG{hazard.county.code[:6]}{year}-"),
            county=hazard.county,
            kindergarten=hazard.kindergarten,
            kind=rules.kind_of(hazard.found_on, hazard.deadline),
            hazard=hazard,
            problem=rules.problem_of(hazard.place, hazard.description),
            requirement=hazard.requirement or rules.USUAL_REQUIREMENT,
            responsible=hazard.responsible or rules.USUAL_RESPONSIBLE,
            deadline=hazard.deadline,
            opened_as=post,
            opened_at=now,
        )
