"""What a person must do before anything else: choose a password, set up the second factor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from accounts.models import User
from accounts.sign_in import passwords, second_factor

ViewT = TypeVar("ViewT", bound=Callable[..., object])


class Duty(StrEnum):
    """The value is the route of the page where it is done."""

    CHOOSE_PASSWORD = "change-password"  # noqa: S105 - a route
    SECOND_FACTOR = "second-factor"


def duty_of(user: User, *, now: dt.datetime) -> Duty | None:
    """The first duty of a signed-in person; asks the database nothing."""
    if user.must_change_password:
        return Duty.CHOOSE_PASSWORD
    expires = passwords.expires_on(user, user.posts)
    if expires is not None and expires <= now:
        return Duty.CHOOSE_PASSWORD
    if user.second_factor_at is None and second_factor.is_required(user):
        return Duty.SECOND_FACTOR
    return None


def opens_during(*duties: Duty) -> Callable[[ViewT], ViewT]:
    """Marks a view that opens although one of these duties is pending."""

    def mark(view: ViewT) -> ViewT:
        view.opens_during = frozenset(duties)  # type: ignore[attr-defined]
        return view

    return mark


def opens_without_post(view: ViewT) -> ViewT:
    """Marks a view that opens although the post one worked in has ended."""
    view.opens_without_post = True  # type: ignore[attr-defined]
    return view


def in_background(view: ViewT) -> ViewT:
    """Marks a view that pages call by themselves: it does not count as the person's doing."""
    view.in_background = True  # type: ignore[attr-defined]
    return view


def sends_nothing(view: ViewT) -> ViewT:
    """Marks a view whose POST carries nothing that a person would miss when it is not done."""
    view.sends_nothing = True  # type: ignore[attr-defined]
    return view
