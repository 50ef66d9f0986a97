"""Who may file, decide and pay; each check says why not and what to do instead."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.posts import own_county
from accounts.formatting import quantity
from accounts.models import Membership, User
from fees.free_year.rules import WORDS, Nothing
from fees.free_year.selectors import FreeMonth
from fees.models import SubsidyClaim
from fees.services import FeeRefused

Step = SubsidyClaim.Step
CHANGED = "页面打开以后数字或状态变了，这次没有办。请看过现在的数字再办。"


def filing_post(by: User) -> Membership:
    """The director's: what is asked for in the kindergarten's name."""
    if (
        by.acting is None
        or not by.acting.is_of_kindergarten
        or not by.can(Permission.ASK_PROCEDURES)
    ):
        raise PermissionDenied("补助由园长申报，您现在的岗位没有这项权限。")
    return by.acting


def deciding_post(by: User) -> Membership:
    """An officer's of a county, who keeps its registry."""
    own_county(by)
    if by.acting is None:
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return by.acting


def check_may_withdraw(claim: SubsidyClaim) -> None:
    if claim.step not in {Step.FILED, Step.RETURNED}:
        raise FeeRefused(
            f"这笔申报已是“{claim.get_step_display()}”，不能撤回。数字有错的，请教育局退回或改核定。"
        )


def check_may_return(claim: SubsidyClaim) -> None:
    if claim.step not in {Step.FILED, Step.APPROVED}:
        raise FeeRefused(f"这笔申报已是“{claim.get_step_display()}”，不用再退回。")
    if claim.paid:
        raise FeeRefused("这笔申报已经拨付过，不能退回。登记错的拨付请先撤销，或改核定。")


def check_may_approve(claim: SubsidyClaim, post: Membership) -> None:
    if claim.step not in {Step.FILED, Step.APPROVED}:
        raise FeeRefused(
            f"这笔申报已是“{claim.get_step_display()}”，不能核定。等幼儿园重新申报后再办。"
        )
    if not separate(claim.filed_as.actor, post.actor):
        raise FeeRefused("这笔是您自己申报的，要由教育局另一位经办人核定。")


def check_amount(waived: Decimal, one: FreeMonth) -> None:
    """What a child may be approved with: no more than is computed now, else than was claimed."""
    if isinstance(one.result, Nothing):
        raise FeeRefused(f"现在不用补助：{WORDS[one.result]}。请退回并写明原因。")
    if waived <= 0:
        raise FeeRefused("每生减免要大于0；一个都不核定的，请退回并写明原因。", "waived")
    if one.waiver is not None and waived > one.waiver.waived:
        raise FeeRefused(
            f"现在每生减免算得{quantity(one.waiver.waived)}元，核定不能比它多。"
            "标准或收费登记错了的，请先更正。",
            "waived",
        )
    if one.waiver is None and one.claim is not None and waived > one.claim.waived:
        raise FeeRefused(
            f"现在算不出来，核定不能比申报的每生{quantity(one.claim.waived)}元多。", "waived"
        )


def check_children(children: int, one: FreeMonth) -> None:
    """No more are approved than the accepted return has, else than were claimed."""
    if one.waiver is not None:
        most = one.waiver.children
    elif one.claim is not None:
        most = one.claim.children
    else:
        return
    if children > most:
        raise FeeRefused(
            f"月报里学前一年幼儿{most}人，核定不能比它多。月报报少了的，请幼儿园先更正月报。",
            "children",
        )


def asked_too_much(one: FreeMonth) -> str:
    """What the return says of a fee that was waived and asked all the same."""
    if one.waiver is None or one.asked is None:
        return ""
    return (
        f"月报里大班实收{quantity(one.asked)}元/月，减免后应交"
        f"{quantity(one.waiver.parents_pay)}元，多收的要退给家长"
    )


def check_may_pay(claim: SubsidyClaim) -> None:
    if claim.step != Step.APPROVED:
        raise FeeRefused(f"这笔申报是“{claim.get_step_display()}”，核定以后才能登记拨付。")
