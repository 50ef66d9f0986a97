"""What officers wrote about a difference between two papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from accounts.models import Organisation

if TYPE_CHECKING:
    from accounts.models import User


class DifferenceNoteQuerySet(ScopedQuerySet["DifferenceNote"]):
    def visible_to(self, user: User) -> DifferenceNoteQuerySet:
        """Those about kindergartens of the person's region; the kindergarten itself sees none."""
        acting = user.acting
        if acting is None or acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
            return self.filter(NOTHING)
        return self.filter(region_scope(user, "town"))


@sealed()
class DifferenceNote(models.Model):
    """Why a month's return and the annual statistics differ in one figure, in an officer's words.

    Kept with the two numbers and never changed: of a figure the last one counts, as long as both
    numbers are still those. `town` is that of the status on the month's statistical date.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="difference_notes"
    )
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    month = models.DateField("月份")
    figure = models.CharField("项目", max_length=20)
    returned = models.PositiveIntegerField("月报的数")
    stated = models.PositiveIntegerField("事业统计的数")
    stated_on = models.DateField("事业统计时点")
    text = models.CharField("说明", max_length=300)
    written_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    written_at = models.DateTimeField("写明时间")

    objects = DifferenceNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对账说明"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="difference_note_has_text"),
            models.CheckConstraint(
                condition=~Q(returned=F("stated")), name="difference_note_has_a_difference"
            ),
        ]
        indexes = [models.Index(fields=["kindergarten", "figure"])]

    def __str__(self) -> str:
        return f"{self.kindergarten}{self.month:%Y年%-m月}对账说明"
