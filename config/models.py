"""What the demo loader has done, so that it never does it twice."""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import not_kept


@not_kept("progress of loading invented data; no real deployment has a row")
class DemoPart(models.Model):
    """One finished part of the demo data, written in the part's own transaction.

    `anchor` is the day the first run took as today; a run that goes on after an interruption
    keeps it, so that all counties have the same months.
    """

    name = models.CharField(primary_key=True, max_length=60)
    anchor = models.DateField("载入日期")
    finished_at = models.DateTimeField("完成时间")

    class Meta:
        verbose_name = verbose_name_plural = "演示数据进度"

    def __str__(self) -> str:
        return self.name
