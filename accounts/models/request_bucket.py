"""How full the buckets are that limit sign-ins, exports and prints."""

from django.db import models

from accounts.history.tracking import not_kept


@not_kept("a counter that may be emptied at any time")
class RequestBucket(models.Model):
    """One bucket of accounts/hardening/limits.py. May be emptied at any time: it is no record."""

    # A keyed digest: it names neither a person nor an address.
    key = models.CharField("桶", max_length=32, primary_key=True)
    empty_at = models.DateTimeField("流空时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "访问计数"

    def __str__(self) -> str:
        return self.key
