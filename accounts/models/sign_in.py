"""What the front door keeps: sessions, earlier passwords, second factors, devices known to it."""

from __future__ import annotations

import hashlib
import logging

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.access.scoping import OwnRows
from accounts.history.tracking import not_kept, tracked
from accounts.privacy.cipher import NotDecrypted
from accounts.privacy.fields import EncryptedTextField
from accounts.privacy.keys import UnknownKey

logger = logging.getLogger(__name__)


class SessionQuerySet(OwnRows["Session"]):
    def open(self) -> SessionQuerySet:
        """Those in which one is signed in now, the latest used first."""
        return self.filter(ended_at__isnull=True, expire_date__gt=timezone.now()).order_by(
            "-seen_at"
        )


@not_kept("passing; signing in, out and being signed out are access records")
class Session(AbstractBaseSession):
    """One browser's session. Ended ones stay as rows until they expire, to say why they ended."""

    class Ended(models.TextChoices):
        IDLE = "idle", "长时间没有操作"
        ABSOLUTE = "absolute", "登录已满最长时间"
        ELSEWHERE = "elsewhere", "同时登录的地方超过上限"
        BY_SELF = "by_self", "本人在别处结束"
        BY_ADMINISTRATOR = "by_administrator", "安全管理员结束"
        PASSWORD = "password", "改了密码"
        SECOND_FACTOR = "second_factor", "第二因素有变动"
        ROLE = "role", "岗位有变动"
        DISABLED = "disabled", "账号已停用"

    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    # Written here and not in the session's data, so that a poll cannot lengthen it nor two
    # requests overwrite each other.
    signed_in_at = models.DateTimeField("登录时间", null=True)
    seen_at = models.DateTimeField("最近操作", null=True)
    address = models.GenericIPAddressField("地址", null=True)
    device = models.CharField("设备", max_length=80, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_why = models.CharField("结束原因", max_length=20, choices=Ended.choices, blank=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = verbose_name_plural = "会话"
        indexes = [models.Index(fields=["user", "-seen_at"], name="session_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_why="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_why="")),
                name="session_ended_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.device

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.sign_in.store import SessionStore

        return SessionStore

    @property
    def handle(self) -> str:
        """A name for pages: the key itself would let its reader in."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:24]


@not_kept("hashes must not be copied; that a password changed is history of the account")
class PastPassword(models.Model):
    """The hash of a password a person has had, so that it is not taken again."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="past_passwords")
    password = models.CharField("密码散列", max_length=128)
    replaced_at = models.DateTimeField("更换时间")
    # Somebody else knew it: it is never the person's own, however long ago it was.
    was_one_time = models.BooleanField("是一次性密码", default=False)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.replaced_at:%Y-%m-%d}"


class Authenticator(TOTPDevice):
    """The app on a person's phone that shows six digits. Its key is an AuthenticatorKey.

    The library's own column for it stays empty.
    """

    objects = OwnRows.as_manager()

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "验证器"

    @property
    def bin_key(self) -> bytes:
        """Raises NotDecrypted and UnknownKey for a key that is not there, or not this person's."""
        keys = AuthenticatorKey.objects.unscoped("the key of an app already in hand")
        held = keys.filter(pk=self.pk, user=self.user_id).first()
        if held is None:
            raise NotDecrypted("this authenticator has no key of its person")
        return bytes.fromhex(held.key)

    def opens(self) -> bool:
        """Whether its key can be read; the log says if not."""
        try:
            return bool(self.bin_key)
        except (NotDecrypted, UnknownKey) as error:
            logger.error(
                "The authenticator of user %s cannot be read: %s",
                self.user_id,
                type(error).__name__,
            )
            return False

    def verify_token(self, token: str) -> bool:
        """Whether the code is right now; no code of an app whose key cannot be read is."""
        return self.opens() and bool(super().verify_token(token))


@tracked(secrets=["key"])
class AuthenticatorKey(models.Model):
    """What an authenticator app and the portal share, encrypted for its row. Never changed."""

    device = models.OneToOneField(
        Authenticator,
        models.CASCADE,
        primary_key=True,
        related_name="sealed",
        verbose_name="验证器",
    )
    # Whose it is, so that an app moved to another person opens nothing.
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name="本人")
    # 40 hexadecimal digits
    key = EncryptedTextField("密钥")

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "验证器密钥"

    def __str__(self) -> str:
        return f"{self.user_id}"


@not_kept("digests of secrets; making and using them are access records")
class RecoveryCode(models.Model):
    """A code that stands in once for a lost phone. Only its digest is kept."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="recovery_codes")
    # 16 letters of 31 make 79 bits: a plain digest cannot be searched through.
    digest = models.CharField("摘要", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


@not_kept("passing: which browsers may try again while a name is locked")
class KnownDevice(models.Model):
    """A browser in which the person has signed in: a lock put on by others does not keep it out."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="known_devices")
    digest = models.CharField("摘要", max_length=64, unique=True)
    used_at = models.DateTimeField("最近使用")
    failures = models.PositiveSmallIntegerField("连续输错次数", default=0)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "认得的设备"

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_at:%Y-%m-%d}"
