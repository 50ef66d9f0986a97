"""What the door says to somebody whose session had ended: why, and what became of what was sent."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Session
from accounts.sign_in.middleware import ENDED_COOKIE, LOST_COOKIE, NOBODYS, TOO_LONG

# What was sent and is not kept, by reason (LOST_COOKIE): at the door, and after it.
BACK = "浏览器“后退”可以找回所填内容。"
NOT_KEPT = {
    NOBODYS: "没有办成，内容没有保存。",
    TOO_LONG: "没有办成；内容太多，没有保存。",
}
KEPT = (
    "刚才填的都保留了，还没有提交。请用原来的账号登录，登录后放回原页面，核对后再提交。"
    "保留2小时；密码和附件要重新填。"
)

# Signing in with the account that was switched off is no way back.
KEPT_OF_DISABLED = (
    "刚才填的没有提交，保留2小时。账号已停用，现在不能登录：请联系本区县教育局的安全管理员；"
    "2小时内恢复启用的，登录后放回原页面。急着要办的，请本单位其他人办理。"
)


def what_was_kept(request: HttpRequest) -> str:
    """For a door behind which this browser's form waits."""
    is_disabled = request.COOKIES.get(ENDED_COOKIE, "") == Session.Ended.DISABLED
    return KEPT_OF_DISABLED if is_disabled else KEPT


def what_was_lost(request: HttpRequest) -> str:
    why = NOT_KEPT.get(request.COOKIES.get(LOST_COOKIE, ""))
    return f"刚才提交的{why}登录后请在原页面重新提交；{BACK}" if why else ""


def why_ended(request: HttpRequest) -> str:
    why = request.COOKIES.get(ENDED_COOKIE, "")
    return str(Session.Ended(why).label) if why in Session.Ended.values else ""


def once_more(request: HttpRequest) -> str:
    """The same behind the door, for whoever did not read it there."""
    why = NOT_KEPT.get(request.COOKIES.get(LOST_COOKIE, ""), NOT_KEPT[NOBODYS])
    return f"登录前提交的{why}请重新提交；{BACK}"
