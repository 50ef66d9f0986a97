"""May this be done about a hazard now? Each check says why not and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.models import Membership, User
from safety.hazards import rules
from safety.models import Hazard


class HazardRefused(Exception):
    """The state or a missing thing forbids it. The text says what to do, `field` where."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def plated(hazard: Hazard) -> bool:
    return hasattr(hazard, "plate") and hazard.plate.delisted_on is None


def check_step(hazard: Hazard, act: str) -> str:
    """The state an act leads to; HazardRefused where it does not fit the state."""
    following = rules.next_state(hazard.state, act, plated=plated(hazard))
    if following is None:
        raise HazardRefused(
            f"{hazard.number}现在是“{hazard.get_state_display()}”，不能这样办。"
            "请刷新页面看最新状态；销号的不再打开，又出现的另外登记。"
        )
    return following


def is_other_person(hazard: Hazard, post: Membership) -> bool:
    """Who says that it is mended does not re-check, nor take the plate down."""
    return hazard.mended_as is None or separate(hazard.mended_as.actor, post.actor)


def check_other_person(hazard: Hazard, post: Membership) -> None:
    if not is_other_person(hazard, post):
        raise HazardRefused("报改好的是您自己，要由另一个人复查。")


@dataclass(frozen=True)
class Choices:
    """What a person may do about a hazard now; the acts themselves ask the same."""

    grade: bool = False
    extend: bool = False
    hang: bool = False
    mend: bool = False
    recheck: bool = False
    delist: bool = False
    stop: bool = False
    resume: bool = False
    again: bool = False


def choices(hazard: Hazard, by: User) -> Choices:
    post = by.acting
    if post is None:
        return Choices()
    keeps, decides = by.can(Permission.KEEP_SAFETY), by.can(Permission.DECIDE_SAFETY)
    fits = {act for act in rules.STEPS if rules.next_state(hazard.state, act)}
    other = is_other_person(hazard, post)
    return Choices(
        grade=decides and "grade" in fits,
        extend=decides and "extend" in fits and not hazard.fixed_on_spot,
        hang=decides and "hang" in fits and hazard.is_major and not plated(hazard),
        mend=keeps and "mend" in fits,
        recheck=decides and other and "send_back" in fits,
        delist=decides and other and "delist" in fits,
        stop=keeps and "stop" in fits and not hazard.stop_use,
        resume=decides and "stop" in fits and hazard.stop_use,
        again=keeps and hazard.state == rules.CLOSED,
    )
