"""What people did besides changing rows: signed in, printed, exported, looked at personal data.

Changes of rows are kept by database triggers; these acts leave no row behind and are written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Cast

from accounts.access.permissions import Permission
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed

if TYPE_CHECKING:
    from accounts.models import Membership, Region, User


class AccessRecordQuerySet(ScopedQuerySet["AccessRecord"]):
    def visible_to(self, user: User) -> AccessRecordQuerySet:
        """Acts of people of the audit administrator's region, and about their accounts.

        A refused sign-in is nobody's act yet names the account tried: it is shown where that
        account holds or held a post. What names nobody at all (an unknown name, a command) belongs
        to no county and is shown to all; where from, only from the city up (`shown_address`).
        """
        if user.acting is None or not user.can(Permission.READ_AUDIT):
            return self.none()
        posts = posts_in_region(user.acting.organisation.region)
        shown = (
            models.Q(acting__in=posts)
            | models.Q(acting=None, user__in=posts.values("user"))
            | models.Q(
                user=None, object_kind="accounts.user", object_id__in=_as_text(posts, "user_id")
            )
            | models.Q(
                user=None, object_kind="accounts.membership", object_id__in=_as_text(posts, "pk")
            )
            | models.Q(
                user=None,
                object_kind="accounts.apitoken",
                object_id__in=_as_text(tokens_in_region(user.acting.organisation.region), "pk"),
            )
        )
        of_somebody = models.Q(
            object_kind__in=["accounts.user", "accounts.membership", "accounts.apitoken"]
        )
        return self.filter(shown | (models.Q(user=None) & ~of_somebody))

    def own(self, user: User) -> AccessRecordQuerySet:
        """What the person did, in whatever post: everyone may look back at that."""
        return self.filter(user=user).unscoped("one's own acts")


def _as_text(rows: models.QuerySet[Any, Any], key: str) -> models.QuerySet[Any, Any]:
    """Keys spelt as `object_id` keeps them."""
    return rows.annotate(spelt=Cast(key, models.CharField())).values("spelt")


def posts_in_region(region: Region) -> models.QuerySet[Membership]:
    """Posts in organisations of a region and below it."""
    from accounts.models import Membership, Region

    return Membership.objects.unscoped("of the region that the caller has found").filter(
        organisation__region__in=Region.objects.within(region).values("pk")
    )


def tokens_in_region(region: Region) -> models.QuerySet[Any, Any]:
    """Keys of organisations of a region and below it."""
    from accounts.models import ApiToken, Region

    return ApiToken.objects.unscoped("of the region that the caller has found").filter(
        organisation__region__in=Region.objects.within(region).values("pk")
    )


@sealed(age="at")
class AccessRecord(models.Model):
    """One act of one person. Only ever added; a database trigger refuses the rest.

    Holds no personal data beyond who acted: objects are named by kind and id, people by user.
    """

    class Action(models.TextChoices):
        SIGN_IN = "sign_in", "登录"
        SIGN_OUT = "sign_out", "退出"
        SECOND_FACTOR = "second_factor", "第二因素验证"
        REAUTHENTICATE = "reauthenticate", "再次验证身份"
        CHANGE_PASSWORD = "change_password", "修改密码"
        SWITCH_POST = "switch_post", "切换岗位"
        LOCK = "lock", "锁定"
        UNLOCK = "unlock", "解锁"
        END_SESSION = "end_session", "结束登录"
        PRINT = "print", "打印"
        DOWNLOAD = "download", "下载"
        EXPORT = "export", "导出"
        IMPORT = "import", "导入"
        UPLOAD = "upload", "上传"
        REVEAL = "reveal", "查看个人信息"
        READ_LIST = "read_list", "查阅限制名单"
        DENIED = "denied", "被拒绝"
        VERIFY_HISTORY = "verify_history", "核对记录"
        API = "api", "调用接口"

    class Outcome(models.TextChoices):
        DONE = "done", "成功"
        REFUSED = "refused", "拒绝"
        FAILED = "failed", "失败"

    at = models.DateTimeField("时间", db_index=True)
    action = models.CharField("行为", max_length=20, choices=Action.choices)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    # Null for somebody who did not get in. No foreign key from what was looked at.
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, verbose_name="人员", related_name="+"
    )
    acting = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, verbose_name="身份", related_name="+"
    )
    request_id = models.CharField("请求编号", max_length=16, blank=True)
    address = models.GenericIPAddressField("地址", null=True)
    object_kind = models.CharField("对象类别", max_length=60, blank=True)
    object_id = models.CharField("对象编号", max_length=60, blank=True)
    rows = models.PositiveIntegerField("行数", null=True)
    persons = models.PositiveIntegerField("涉及人数", null=True)
    reason = models.CharField("理由", max_length=300, blank=True)

    objects = AccessRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="access_by_user")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_action_display()}"

    def shown_address(self, region: Region) -> str:
        """Where from, for the audit administrator of a region.

        An unknown name may have been tried in any county: its address is read from the city up.
        """
        of_no_county = self.user_id is None and not self.object_kind
        if of_no_county and region.level not in (region.Level.PROVINCE, region.Level.CITY):
            return ""
        return self.address or ""
