"""Keeping the list of the barred: enter, lift, and write down every look at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.context import because, changing_secret
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import Membership, Region, User
from kindergartens.policies import NotAllowedNow
from staffing.barred import rules
from staffing.barred.rules import BanFacts
from staffing.models import EmploymentBan
from staffing.models.bans import next_ban_key

# One lock over the whole list, in the key space of two numbers: it is short and seldom written.
LOCK = (44, 80)
ALREADY = (
    "按这份文件，这个证件号码已经在名单上。请到名单里核对；登记错了的，先解除原来的，再重新登记；"
    "另有决定的，填那份决定的文号。"
)


class BanRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def hold_the_list(*, to_write: bool) -> None:
    """Until the transaction ends: who begins a post and who enters a ban wait for each other.

    Those who begin posts do not: theirs is the shared lock. So either the post sees the ban, or
    the ban sees the post.
    """
    name = "pg_advisory_xact_lock" if to_write else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(%s, %s)", LOCK)


def keeper_of_list(by: User) -> Membership:
    if by.acting is None or not by.can(Permission.KEEP_BANS):
        raise PermissionDenied("从业禁止名单由区县教育局保管，您现在的岗位没有这项权限。")
    return by.acting


@transaction.atomic
def bar(*, facts: BanFacts, by: User, now: dt.datetime, today: dt.date) -> EmploymentBan:
    """Put a person on the own county's list, whether employed or not. Raises BanRefused."""
    keeper = keeper_of_list(by)
    county = home_region(by)
    if county is None or county.level != Region.Level.COUNTY:
        raise PermissionDenied("从业禁止名单由区县教育局登记。")
    for place, text in rules.ban_problems(facts, today):
        raise BanRefused(text, place)
    hold_the_list(to_write=True)
    ban = EmploymentBan(
        pk=next_ban_key(), county=county, entered_as=keeper, entered_at=now, **vars(facts)
    )
    try:
        with because("列入从业禁止名单"), changing_secret("number"), transaction.atomic():
            ban.save(force_insert=True)
    except IntegrityError:
        raise BanRefused(ALREADY, "document") from None
    return ban


@transaction.atomic
def lift(*, ban_id: int, reason: str, by: User, now: dt.datetime) -> EmploymentBan:
    """Take a person off the list, with a reason, by another one than who entered it.

    Also the way to put a mistake right: lifted and entered anew. Raises BanRefused.
    """
    keeper = keeper_of_list(by)
    ban = (
        EmploymentBan.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("entered_as")
        .get(pk=ban_id)
    )
    if ban.lifted_at is not None:
        raise BanRefused("这一条已经解除，不用再办。")
    if not separate(ban.entered_as.actor, keeper.actor):
        raise BanRefused("这一条是您登记的，要由另一位有这项权限的同事解除。")
    ban.lifted_as, ban.lifted_at, ban.lifted_reason = keeper, now, reason
    with because(reason):
        ban.save(update_fields=["lifted_as", "lifted_at", "lifted_reason"])
    return ban


def note_look_at_list(*, shown: Sequence[EmploymentBan], by: User, now: dt.datetime) -> None:
    """Keep that somebody looked at the list, and at how many people on it."""
    record_access(
        Action.READ_LIST, by=by, at=now, rows=len(shown),
        persons=len({ban.number_index for ban in shown}),
    )  # fmt: skip


def note_look_at_one(*, ban: EmploymentBan, by: User, now: dt.datetime) -> None:
    record_access(Action.READ_LIST, by=by, at=now, target=ban, rows=1, persons=1)


def note_stopped(*, ban: EmploymentBan, by: User, now: dt.datetime) -> None:
    """Keep that somebody was about to hire a person on the list, or to change such a number."""
    record_access(
        Action.READ_LIST, by=by, at=now, outcome=Outcome.REFUSED, target=ban,
        reason="登记任职或更正号码时被从业禁止名单拦下",
    )  # fmt: skip
