"""Reads that answer the pages about people, their posts and what waits to be decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.access.permissions import Permission
from accounts.access.roles import ADMINISTRATORS, RoleCode
from accounts.models import AccessRecord, AccountEvent, Membership, Organisation, Region, User
from accounts.models.user import STALE_AFTER, SUSPEND_AFTER
from accounts.sign_in.lockout import locked_users

STATES = {
    "active": "在用",
    "stale": "快到期未用",
    "one_time": "还没改一次性密码",
    "locked": "登录已锁定",
    "disabled": "已停用",
}


ACTS_ON_ACCOUNTS = (
    AccessRecord.Action.UNLOCK,
    AccessRecord.Action.END_SESSION,
    AccessRecord.Action.SECOND_FACTOR,
)


@dataclass(frozen=True)
class PeopleFilter:
    """What the list of accounts is narrowed to."""

    text: str = ""
    organisation: str = ""
    role: str = ""
    state: str = ""

    @classmethod
    def from_query(cls, query: Any) -> PeopleFilter:
        return cls(
            text=query.get("q", "").strip()[:60],
            organisation=query.get("organisation", "").strip()[:120],
            role=query.get("role", "") if query.get("role", "") in RoleCode.values else "",
            state=query.get("state", "") if query.get("state", "") in STATES else "",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.organisation or self.role or self.state)

    def as_dict(self) -> dict[str, str]:
        """For an export request, which repeats the list later."""
        return {
            "q": self.text,
            "organisation": self.organisation,
            "role": self.role,
            "state": self.state,
        }


def people(by: User, asked: PeopleFilter, *, today: dt.date, now: dt.datetime) -> QuerySet[User]:
    """The accounts a post looks after, each with `current_posts` and `last_use`."""
    rows = User.objects.visible_to(by).with_last_use()
    if asked.text:
        rows = rows.filter(Q(full_name__icontains=asked.text) | Q(username__icontains=asked.text))
    posts = Membership.objects.visible_to(by).not_over(today)
    if asked.organisation:
        posts_there = posts.filter(organisation__name__icontains=asked.organisation)
        rows = rows.filter(Exists(posts_there.filter(user=OuterRef("pk"))))
    if asked.role:
        rows = rows.filter(Exists(posts.filter(user=OuterRef("pk"), role=asked.role)))
    if asked.state == "disabled":
        rows = rows.filter(is_active=False)
    elif asked.state:
        rows = rows.filter(is_active=True)
    if asked.state == "stale":
        rows = rows.filter(last_use__lt=now - STALE_AFTER)  # type: ignore[misc]
    elif asked.state == "one_time":
        rows = rows.filter(one_time_until__isnull=False)
    elif asked.state == "locked":
        # Failures are kept under a digest of the name, so the names are compared here.
        everyone = list(User.objects.visible_to(by).filter(is_active=True).only("username"))
        rows = rows.filter(pk__in=locked_users(everyone, now=now))
    return rows.prefetch_related(
        Prefetch(
            "memberships",
            posts.select_related("organisation", "deputises_for__user"),
            to_attr="current_posts",
        )
    ).order_by("full_name", "pk")


def people_counts(by: User, now: dt.datetime) -> dict[str, int]:
    rows = User.objects.visible_to(by)
    in_use = rows.filter(is_active=True)
    return {
        "active": in_use.count(),
        "stale": rows.unused(now, STALE_AFTER).count(),
        "one_time": in_use.filter(one_time_until__isnull=False).count(),
        "disabled": rows.filter(is_active=False).count(),
    }


def days_left_of_use(user: User, now: dt.datetime) -> int | None:
    """Days until an unused account is suspended, from the day it is listed as stale."""
    unused = now - user.last_use  # type: ignore[attr-defined]
    if not user.is_active or unused < STALE_AFTER:
        return None
    return max((SUSPEND_AFTER - unused).days, 0)


def timeline(by: User, user: User) -> QuerySet[AccountEvent]:
    """What happened to an account, and to those of its posts one looks after."""
    seen = Membership.objects.visible_to(by)
    return (
        user.account_events.filter(Q(post__isnull=True) | Q(post__in=seen.values("pk")))
        .select_related(
            "post__organisation", "post__deputises_for__user", "done_by", "done_as__organisation"
        )
        .order_by("-at", "-pk")
    )


def acts_on(user: User) -> QuerySet[AccessRecord]:
    """What an administrator did to an account that changed no row of it: unlocked, signed out."""
    done = AccessRecord.objects.unscoped("acts on an account one looks after").filter(
        object_kind=user._meta.label_lower,
        object_id=str(user.pk),
        action__in=ACTS_ON_ACCOUNTS,
        outcome=AccessRecord.Outcome.DONE,
    )
    return (
        done.exclude(user=user)
        .exclude(user=None)
        .select_related("user", "acting__organisation")
        .order_by("-at", "-pk")
    )


def all_posts(by: User, user: User) -> QuerySet[Membership]:
    """A person's posts in the places one looks after, newest first."""
    return (
        Membership.objects.visible_to(by)
        .filter(user=user)
        .select_related("organisation__region", "deputises_for__user", "user")
        .order_by("-valid_from", "-pk")
    )


def workplace(by: User, user: User, today: dt.date) -> Organisation | None:
    """Where a person works, of the places one looks after; None for nobody's any more."""
    posts = Membership.objects.visible_to(by).own().not_over(today).filter(user=user)
    post = posts.select_related("organisation").order_by("valid_from", "pk").first()
    return post.organisation if post is not None else None


def has_posts_elsewhere(by: User, user: User, today: dt.date) -> bool:
    """Whether a person also works where somebody else looks after the accounts."""
    seen = Membership.objects.visible_to(by)
    return user.memberships.own().not_over(today).exclude(pk__in=seen.values("pk")).exists()


def looks_after(by: User, user: User, today: dt.date) -> bool:
    """Whether the person holds, now or later, a post where `by` looks after the accounts."""
    return Membership.objects.visible_to(by).own().not_over(today).filter(user=user).exists()


def colleagues(by: User, first: dt.date, last: dt.date) -> QuerySet[User]:
    """Who could act in the post one acts in: people of the same place, in post on all the days.

    Administrators are left out: their account holds no other duty.
    """
    if by.acting is None:
        return User.objects.none()
    posts = (
        Membership.objects.own()
        .in_force(first)
        .filter(organisation=by.acting.organisation_id)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=last))
    )
    return (
        User.objects.unscoped("colleagues in the place one acts for")
        .filter(is_active=True, pk__in=posts.values("user"))
        .exclude(pk=by.pk)
        .exclude(
            Exists(
                Membership.objects.not_over(first).filter(
                    user=OuterRef("pk"), role__in=sorted(ADMINISTRATORS)
                )
            )
        )
        .order_by("full_name", "pk")
    )


def deputies_named_by(by: User) -> QuerySet[Membership]:
    """Every deputy this person has named, newest first."""
    return (
        Membership.objects.unscoped("those one has named oneself")
        .filter(deputises_for__user=by)
        .select_related("user", "organisation", "deputises_for__user")
        .order_by("-valid_from", "-pk")
    )


def places_one_may_ask_for(by: User) -> QuerySet[Organisation]:
    """Where a post may ask for an account: the own kindergarten, or the places of the region."""
    acting = by.acting
    if acting is None or not by.can(Permission.REQUEST_ACCOUNTS):
        return Organisation.objects.none()
    if acting.is_of_kindergarten:
        return Organisation.objects.filter(pk=acting.organisation_id)
    regions = Region.objects.within(acting.organisation.region)
    return Organisation.objects.filter(region__in=regions.values("pk")).order_by("kind", "name")


def successors(by: User, post: Membership, today: dt.date) -> QuerySet[User]:
    """Who may take a post over: people of the same place, or who hold the same post in another.

    A director may run a second kindergarten; a clerk works in one only, and another place's clerk
    is nobody here: that takes a request by the director and an approval. Nor does an administrator
    of the three take up business, nor an officer become one.
    """
    fitting = Q(organisation=post.organisation_id)
    if post.role != RoleCode.KINDERGARTEN_CLERK:
        fitting |= Q(organisation__kind=post.organisation.kind, role=post.role)
    same_place = Membership.objects.own().not_over(today).filter(fitting)
    apart = (
        Membership.objects.unscoped("a post that rules another one out, wherever it is")
        .own()
        .not_over(today)
        .filter(role__in=ADMINISTRATORS)
    )
    return (
        User.objects.visible_to(by)
        .filter(is_active=True, pk__in=same_place.values("user"))
        .exclude(pk__in=[post.user_id, by.pk])
        .exclude(pk__in=apart.values("user"))
        .order_by("full_name", "pk")
    )


def with_posts(
    people: QuerySet[User], posts: QuerySet[Membership], today: dt.date
) -> QuerySet[User]:
    """People with `current_posts`: those of the given posts that are not over."""
    held = posts.own().not_over(today).select_related("organisation", "deputises_for")  # type: ignore[attr-defined]
    return people.prefetch_related(Prefetch("memberships", held, to_attr="current_posts"))
