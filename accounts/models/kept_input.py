"""What somebody typed into a form whose session had ended, until the same person is back."""

from __future__ import annotations

from django.db import models

from accounts.access.scoping import OwnRows
from accounts.history.tracking import not_kept


@not_kept("passing: a form not yet sent; what is sent later is history of what it changes")
class KeptInput(models.Model):
    """The fields of one form, encrypted; see accounts/sign_in/kept.py and docs/adr/0011."""

    # Whose session had ended. Nobody else is ever shown it.
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    # Of the random token in the browser's cookie, without which it cannot be decrypted.
    digest = models.CharField("摘要", max_length=64)
    path = models.CharField("提交地址", max_length=500)
    sealed = models.TextField("填写内容密文")
    kept_at = models.DateTimeField("保留时间")
    expires_at = models.DateTimeField("失效时间", db_index=True)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保留的填写内容"
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "user", "path"], name="kept_input_once_per_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kept_at:%Y-%m-%d %H:%M}"
