"""Which columns a person wants in a list."""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import not_kept


@not_kept("how one person looks at a list; without it the list shows its usual columns")
class ColumnChoice(models.Model):
    user = models.OneToOneField(
        "accounts.User", models.CASCADE, verbose_name="人员", related_name="kindergarten_columns"
    )
    columns = models.JSONField("列", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "名册的列"

    def __str__(self) -> str:
        return f"{self.user_id}"
