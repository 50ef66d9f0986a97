"""What a kindergarten charged in a month, as each version of its return states it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from fees.models.schedule import FeeHours, FeeItem, FeeScope, FeeUnit, ScheduledFee

if TYPE_CHECKING:
    from accounts.models import User


class ChargeQuerySet(ScopedQuerySet["Charge"]):
    def visible_to(self, user: User) -> ChargeQuerySet:
        filing = "filing_version__filing"
        return self.filter(
            organisation_scope(user, f"{filing}__kindergarten__organisation", f"{filing}__town")
        )

    def held_to(self, line: Iterable[ScheduledFee]) -> ChargeQuerySet:
        """Charges of submitted versions that a line was beside, at the amount it then had.

        `line` is one line in every state it ever had: what was submitted stays held to the line
        as it then stood, whatever it was corrected to since.
        """
        held = Q(pk__in=())
        for state in line:
            held |= _beside(state)
        return self.filter(held)


def _beside(state: ScheduledFee) -> Q:
    """Of which charges a line is the standard: those of its own children and hours.

    A line for any hours is that of its grade at all hours, and one of all that of every grade,
    because a charge without a line of its own is held to the wider one.
    """
    day = "filing_version__filing__period__reference_date"
    whose = {"scope": state.scope, "hours": state.hours}
    if state.hours == FeeHours.ANY:
        del whose["hours"]
        if state.scope == FeeScope.ALL:
            del whose["scope"]
    until = Q() if state.valid_to is None else Q(**{f"{day}__lt": state.valid_to})
    return until & Q(
        **whose,
        filing_version__filing__kindergarten=state.kindergarten_id,
        item=state.item,
        name=state.name,
        unit=state.unit,
        scheduled=state.amount,
        **{f"{day}__gte": state.valid_from},
    )


@sealed()
class Charge(models.Model):
    """One item that was charged, in one submitted version of a monthly return.

    `amount` is what was asked of a child for each `unit`, in yuan; `payers` how many children paid
    it. `scheduled` is the amount of the schedule on the statistical day, as it stood when the
    version was submitted; null where the schedule did not have the item, which is never 0.
    `published` says of that line whether it was published by that day (fees.rules.published_by),
    null where nobody knows.
    """

    filing_version = models.ForeignKey(
        "kindergartens.FilingVersion", models.PROTECT, related_name="charges"
    )
    position = models.PositiveSmallIntegerField("序号")
    item = models.CharField("收费项目", max_length=24, choices=FeeItem.choices)
    name = models.CharField("项目名称", max_length=40, blank=True)
    scope = models.CharField("收费对象", max_length=10, choices=FeeScope.choices)
    hours = models.CharField("作息", max_length=10, choices=FeeHours.choices)
    unit = models.CharField("计费单位", max_length=10, choices=FeeUnit.choices)
    amount = models.DecimalField("实际收取（元）", max_digits=8, decimal_places=2)
    payers = models.PositiveIntegerField("收费人数")
    # How many months or terms were paid at once; null is only the one of the return.
    periods = models.PositiveSmallIntegerField("一次收取期数", null=True)
    # How many of the payers paid so many at once; null is all of them.
    prepaid = models.PositiveIntegerField("一次收取人数", null=True)
    scheduled = models.DecimalField("公示标准（元）", max_digits=8, decimal_places=2, null=True)
    published = models.BooleanField("当日已公示", null=True)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报收费"
        ordering = ["filing_version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing_version", "position"], name="one_charge_a_position"
            ),
            models.UniqueConstraint(
                fields=["filing_version", "item", "name", "scope", "hours", "unit"],
                name="charge_once_in_a_version",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & (Q(scheduled__isnull=True) | Q(scheduled__gte=0)),
                name="charge_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(periods__isnull=True)
                | Q(periods__gte=1, unit__in=[FeeUnit.MONTH, FeeUnit.TERM]),
                name="charge_periods_of_month_or_term",
            ),
            models.CheckConstraint(
                condition=Q(prepaid__isnull=True)
                | Q(prepaid__gte=1, periods__gte=2, prepaid__lte=F("payers")),
                name="charge_prepaid_within_payers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.get_item_display()} {self.amount}"
