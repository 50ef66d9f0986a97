"""In which post a person does something, and for which county."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import Membership, Region, User


def acting_with(by: User, *permissions: Permission) -> Membership:
    """The post in which a person does this; PermissionDenied without one of the permissions."""
    if by.acting is None or not any(by.can(permission) for permission in permissions):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return by.acting


def own_county(by: User) -> Region:
    """The county whose registry the person keeps."""
    acting_with(by, Permission.MANAGE_REGISTRY)
    region = home_region(by)
    if region is None or region.level != Region.Level.COUNTY:
        raise PermissionDenied("这件事由区县教育局办理。")
    return region
