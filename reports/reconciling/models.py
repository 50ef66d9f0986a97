"""What officers wrote about a difference between two papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, reads_business_data, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from accounts.models import Organisation, Region

if TYPE_CHECKING:
    from accounts.models import User


class DifferenceNoteQuerySet(ScopedQuerySet["DifferenceNote"]):
    def visible_to(self, user: User) -> DifferenceNoteQuerySet:
        """Those about kindergartens of the person's region; the kindergarten itself sees none."""
        acting = user.acting
        if acting is None or acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
            return self.filter(NOTHING)
        return self.filter(region_scope(user, "town"))


class ListNoteQuerySet(ScopedQuerySet["ListNote"]):
    def visible_to(self, user: User) -> ListNoteQuerySet:
        """As of DifferenceNote; what belongs to no town is the county's."""
        acting = user.acting
        if (
            acting is None
            or not reads_business_data(user)
            or acting.organisation.kind == Organisation.Kind.KINDERGARTEN
        ):
            return self.filter(NOTHING)
        if acting.organisation.region.level == Region.Level.COUNTY:
            return self.filter(county=acting.organisation.region_id)
        if acting.organisation.region.level < Region.Level.COUNTY:
            return self.filter(region_scope(user, "county"))
        return self.filter(region_scope(user, "town"))


@sealed()
class ListNote(models.Model):
    """Why a published list and the registry differ about one school code, in an officer's words.

    Kept with both values and never changed: of an aspect of a list the last one counts, as long as
    both values are still those. Empty is: not registered, or not on the list. `town` is that of the
    status on the month's statistical date, null where the registry has none.
    """

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    town = models.ForeignKey("accounts.Region", models.PROTECT, null=True, related_name="+")
    code = models.CharField("学校标识码", max_length=10)
    month = models.DateField("月份")
    kind = models.CharField("名单", max_length=10)
    aspect = models.CharField("项目", max_length=10)
    registered = models.CharField("登记的", max_length=120, blank=True)
    published = models.CharField("名单上的", max_length=120, blank=True)
    published_on = models.DateField("名单公布日期")
    text = models.CharField("说明", max_length=300)
    written_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    written_at = models.DateTimeField("写明时间")

    objects = ListNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单对账说明"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="list_note_has_text"),
            models.CheckConstraint(
                condition=~Q(registered=F("published")), name="list_note_has_a_difference"
            ),
        ]
        indexes = [models.Index(fields=["county", "code"])]

    def __str__(self) -> str:
        return f"{self.code}{self.month:%Y年%-m月}名单对账说明"


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
