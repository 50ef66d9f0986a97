"""What a workbook of a return said when it was uploaded, while somebody fills the return in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.access.scope import NOTHING
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept

if TYPE_CHECKING:
    from accounts.models import User


class UploadedWorkbookQuerySet(ScopedQuerySet["UploadedWorkbook"]):
    def visible_to(self, user: User) -> UploadedWorkbookQuerySet:
        """The own kindergarten's: nobody else reads what was not submitted."""
        acting = user.acting
        if acting is None or acting.organisation.kind != "kindergarten":
            return self.filter(NOTHING)
        return self.filter(filing__kindergarten__organisation=acting.organisation_id)


@not_kept(
    "what a file said between two uploads; the draft as it stands and the versions are the record"
)
class UploadedWorkbook(models.Model):
    """The draft as one workbook had it, so that the same workbook corrected is read against it.

    Of each person apart: two people with copies of one file have not seen each other's numbers.
    Gone once a version is submitted.
    """

    filing = models.ForeignKey(
        "kindergartens.MonthlyFiling", models.PROTECT, related_name="uploaded_workbooks"
    )
    # Of which download it is: the save it was made of and the minute.
    workbook = models.CharField("填报表", max_length=60)
    # Null while what both sides changed waits to be picked from: then it is in no draft yet.
    revision = models.PositiveIntegerField("读入后是第几次保存", null=True)
    said = models.JSONField("填报表里的内容", default=dict)
    # Which row below the heads is which class: its number to the class's position in `said`.
    places = models.JSONField("各行是哪个班", default=dict)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")

    objects = UploadedWorkbookQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上传的填报表"
        ordering = ["filing", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "workbook", "uploaded_as"],
                condition=models.Q(revision__isnull=False),
                name="one_workbook_of_a_person_counts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.filing} 填报表"
