"""Who may count, confirm and set standards; each check says why not and what to do instead."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.models import Membership, User
from kindergartens.models import PremisesCount, Site
from kindergartens.policies import NotAllowedNow


def check_may_count(by: User, site: Site) -> Membership:
    """The kindergarten itself, or the bureau that looks after it."""
    post = acting_with(by, Permission.EDIT_OWN_RECORD, Permission.MANAGE_REGISTRY)
    if not Site.objects.visible_to(by).filter(pk=site.pk).exists():
        raise PermissionDenied("这处园址不在您的工作范围内。")
    return post


def check_may_keep(by: User, site: Site) -> Membership:
    """The bureau that looks after the kindergarten."""
    post = acting_with(by, Permission.MANAGE_REGISTRY)
    if not Site.objects.visible_to(by).filter(pk=site.pk).exists():
        raise PermissionDenied("这处园址不在您的工作范围内。")
    return post


def check_may_decide(count: PremisesCount, by: User) -> Membership:
    """Another person of the bureau, while the count waits."""
    post = check_may_keep(by, count.site)
    if count.state != PremisesCount.State.SUBMITTED:
        raise NotAllowedNow(
            f"这次清点已是“{count.get_state_display()}”，不用再办。请刷新页面看最新状态。"
        )
    if not separate(count.entered_as.actor, post.actor):
        raise NotAllowedNow("这次清点是您自己填报的，要由教育局另一位经办人核对。")
    return post
