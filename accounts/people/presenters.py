"""People, their posts and what happened to them, as pages show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import (
    AccessRecord,
    AccountEvent,
    AccountRequest,
    Membership,
    Organisation,
    User,
)
from accounts.people import selectors


@dataclass(frozen=True)
class ShownPerson:
    user: User
    posts: list[Membership]
    state: str
    note: str


@dataclass(frozen=True)
class Slip:
    """One person's one-time password, as the sheet and the slip to cut off show it."""

    user: User
    organisation: Organisation | None
    password: str

    @property
    def place(self) -> str:
        return self.organisation.name if self.organisation is not None else ""


def present_person(user: User, now: dt.datetime) -> ShownPerson:
    """An account with its state in one word and, where something is due, what."""
    days = selectors.days_left_of_use(user, now)
    if not user.is_active:
        state, note = "disabled", user.disabled_reason
    elif user.one_time_until is not None:
        expired = user.one_time_until <= now
        state, note = "one_time", "一次性密码已过期" if expired else ""
    elif days is not None:
        state, note = "stale", f"{days}天后自动停用" if days else "今晚自动停用"
    else:
        state, note = "in_use", ""
    return ShownPerson(user, user.current_posts, state, note)  # type: ignore[attr-defined]


ICONS = {
    AccountEvent.Action.CREATED: "user-plus",
    AccountEvent.Action.POST_BEGUN: "id-badge-2",
    AccountEvent.Action.POST_ENDED: "user-minus",
    AccountEvent.Action.DEPUTY_NAMED: "users",
    AccountEvent.Action.DEPUTY_ENDED: "users-minus",
    AccountEvent.Action.ONE_TIME_PASSWORD: "key",
    AccountEvent.Action.DISABLED: "lock",
    AccountEvent.Action.SUSPENDED: "clock-exclamation",
    AccountEvent.Action.ENABLED: "lock-open",
}
BACK = {AccountEvent.Action.DISABLED, AccountEvent.Action.SUSPENDED}


def present_event(event: AccountEvent) -> dict[str, Any]:
    """One entry of _components/timeline.html."""
    action = AccountEvent.Action(event.action)
    where = f"：{event.post}" if event.post is not None else ""
    return {
        "title": f"{action.label}{where}",
        "who": _who(event),
        "at": event.at,
        "text": event.reason,
        "tone": "back" if action in BACK else "past",
        "icon": ICONS[action],
    }


ACTS = {
    AccessRecord.Action.UNLOCK: ("解锁登录", "lock-open"),
    AccessRecord.Action.END_SESSION: ("退出全部登录", "logout"),
    AccessRecord.Action.SECOND_FACTOR: ("重置第二因素", "refresh"),
}


def present_act(record: AccessRecord) -> dict[str, Any]:
    """An act on an account, as one entry of the same timeline."""
    title, icon = ACTS[AccessRecord.Action(record.action)]
    post = f"（{record.acting.organisation}）" if record.acting is not None else ""
    return {
        "title": title,
        "who": f"{record.user.full_name}{post}" if record.user is not None else "系统",
        "at": record.at,
        "text": record.reason.removeprefix("重置："),
        "tone": "past",
        "icon": icon,
    }


def _who(event: AccountEvent) -> str:
    if event.done_by is None:
        return "系统"
    post = f"（{event.done_as.organisation}）" if event.done_as is not None else ""
    return f"{event.done_by.full_name}{post}"


def requester(request: AccountRequest) -> str:
    """Who asked, and for whom a deputy asked."""
    principal = request.requested_as.deputises_for
    name = request.requested_by.full_name
    return f"{name}（代{principal.user.full_name}）" if principal is not None else name
