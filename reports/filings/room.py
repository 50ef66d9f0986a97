"""How much may be attached: to one return, and to all returns of a kindergarten together."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from accounts.models import StoredFile
from kindergartens.models import FilingAttachment, MonthlyFiling
from kindergartens.policies import NotAllowedNow

MOST_ATTACHMENTS = 10
MEGABYTE = 1024 * 1024


def check_room(filing: MonthlyFiling, size: int) -> None:
    """Raise NotAllowedNow unless one more attachment of so many bytes has room.

    In the return: a number of files and their bytes. In the kindergarten: the bytes of all files
    that any version of its returns keeps, each counted once.
    """
    there = filing.attachments.filter(until_version__isnull=True)
    present = there.aggregate(files=Count("pk"), size=Coalesce(Sum("file__size"), 0))
    if present["files"] >= MOST_ATTACHMENTS:
        raise NotAllowedNow(f"附件最多{MOST_ATTACHMENTS}个。请先删去不要的，或合成一个PDF再传。")
    if present["size"] + size > settings.FILES_PER_RETURN_BYTES:
        raise NotAllowedNow(
            f"一份月报的附件合计最多{_megabytes(settings.FILES_PER_RETURN_BYTES)}，已有"
            f"{_megabytes(present['size'])}，这个文件{_megabytes(size)}。"
            "请压缩图片，或先删去不要的再传。"
        )
    kept = StoredFile.objects.filter(
        pk__in=FilingAttachment.objects.unscoped("a sum of sizes, shown to nobody")
        .filter(filing__kindergarten=filing.kindergarten_id)
        .values("file")
    ).aggregate(size=Coalesce(Sum("size"), 0))["size"]
    if kept + size > settings.FILES_PER_KINDERGARTEN_BYTES:
        raise NotAllowedNow(
            f"本园历次月报的附件已有{_megabytes(kept)}，最多"
            f"{_megabytes(settings.FILES_PER_KINDERGARTEN_BYTES)}。月报不带附件也可以提交；"
            "确需再传的，请联系本区县教育局的系统管理员。"
        )


def _megabytes(size: int) -> str:
    return f"{Decimal(size) / MEGABYTE:.1f}MB".replace(".0MB", "MB")
