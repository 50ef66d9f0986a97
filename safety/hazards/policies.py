"""May this be done about a hazard now? Each check says why not and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.models import Membership, User
from kindergartens.policies import NotAllowedNow
from safety.hazards import rules
from safety.models import Hazard


class HazardRefused(NotAllowedNow):
    """The state or a missing thing forbids it. The text says what to do, `field` where."""


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


def check_may_withdraw(hazard: Hazard, by: User, post: Membership) -> None:
    """Who entered it takes it back, or the bureau: only before anybody else acted on it."""
    number = hazard.number
    if not of_reporter(hazard, post) and not by.can(Permission.DECIDE_SAFETY):
        raise HazardRefused(f"{number}不是本单位登记的。登记错的，请由登记的单位或教育局撤销。")
    if hazard.events.exclude(done_as__user=hazard.reported_as.user_id).exists():
        raise HazardRefused(
            f"{number}已经有别人办理过，不能撤销。请照常办理：登记错的，在整改情况里写明，由教育局复查销号。"
        )
    if plated(hazard):
        raise HazardRefused(f"{number}已挂牌督办，不能撤销。请照常办理，复查后摘牌销号。")
    if hasattr(hazard, "rectification_item"):
        raise HazardRefused(f"{number}已入整改台账，不能撤销。请照常办理，复查后销号。")


def of_reporter(hazard: Hazard, post: Membership) -> bool:
    return hazard.reported_as.organisation_id == post.organisation_id


def check_other_person(hazard: Hazard, post: Membership) -> None:
    if not is_other_person(hazard, post):
        raise HazardRefused("申请复查的是您自己，要由另一个人复查。")


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
    withdraw: bool = False


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
        stop=(keeps or decides) and "stop" in fits and not hazard.stop_use,
        resume=decides and "stop" in fits and hazard.stop_use,
        again=keeps and hazard.state == rules.CLOSED,
        withdraw=(decides or (keeps and of_reporter(hazard, post))) and "withdraw" in fits,
    )


def may_print_slips(user: User) -> bool:
    """Whoever prints reports, and a kindergarten's people: of the own hazards they see."""
    of_kindergarten = user.acting is not None and user.acting.is_of_kindergarten
    return of_kindergarten or user.can(Permission.PRINT_REPORTS)
