"""Who keeps projects and estates, who decides how one is run; each check says why not."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import Membership, Region, User
from kindergartens.models import ConstructionProject, EstateOperator, EstateProject
from kindergartens.policies import NotAllowedNow


def keeper_of(by: User, county: Region) -> Membership:
    """The post of the bureau that keeps the county's registry; PermissionDenied for others."""
    home = home_region(by)
    if by.acting is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if home is None or home.pk != county.pk:
        raise PermissionDenied("这件事由本区县教育局办理。")
    return by.acting


def check_may_keep_project(by: User, project: ConstructionProject) -> Membership:
    return keeper_of(by, project.county)


def check_may_keep_estate(by: User, estate: EstateProject) -> Membership:
    return keeper_of(by, estate.county)


def check_may_decide_operator(by: User, asked: EstateOperator) -> Membership:
    """A leader of the county's bureau who did not ask for it, while it waits."""
    home = home_region(by)
    if by.acting is None or not by.can(Permission.DECIDE_ESTATES):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if home is None or home.pk != asked.estate.county_id:
        raise PermissionDenied("这件事由本区县教育局领导办理。")
    if asked.state != EstateOperator.State.WAITING:
        raise NotAllowedNow(
            f"这份申请已是“{asked.get_state_display()}”，不用再办。请刷新页面看最新状态。"
        )
    if not separate(asked.asked_as.actor, by.acting.actor):
        raise NotAllowedNow("这份申请是您自己提出的，要由另一位领导批准。")
    return by.acting
