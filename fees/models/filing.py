"""A schedule that a kindergarten files (收费备案): its lines, what the fee costs, and its course."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from fees.filing.rules import COSTS, OPEN, STATES, cost_per_child_month, costs_together
from fees.models.schedule import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit

if TYPE_CHECKING:
    from accounts.models import User


class ScheduleFilingQuerySet(ScopedQuerySet["ScheduleFiling"]):
    def visible_to(self, user: User) -> ScheduleFilingQuerySet:
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))

    def open(self) -> ScheduleFilingQuerySet:
        return self.filter(state__in=OPEN)


@tracked()
class ScheduleFiling(models.Model):
    """One filing of one kindergarten: drafted, filed, returned or reviewed, published.

    Who files does not review: a trigger holds persons apart, deputies and whoever has two posts
    included, as for claims.

    Its lines are what is to be charged; on publication those that are new or other than what is
    in force become lines of the schedule. An ended one (published, withdrawn) never opens again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", STATES["draft"]
        FILED = "filed", STATES["filed"]
        RETURNED = "returned", STATES["returned"]
        REVIEWED = "reviewed", STATES["reviewed"]
        PUBLISHED = "published", STATES["published"]
        WITHDRAWN = "withdrawn", STATES["withdrawn"]

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="schedule_filings"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField("调整说明", max_length=300, blank=True)
    drafted_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="起草人", related_name="+"
    )
    drafted_at = models.DateTimeField("起草时间")
    filed_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="报送人", null=True, related_name="+"
    )
    filed_at = models.DateTimeField("报送时间", null=True)
    reviewed_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="审核人", null=True, related_name="+"
    )
    document_number = models.CharField("备案文号", max_length=100, blank=True)
    published_on = models.DateField("公示日期", null=True)
    published_where = models.CharField("公示地点", max_length=120, blank=True)

    objects = ScheduleFilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收费备案"
        ordering = ["-drafted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten"],
                condition=Q(state__in=OPEN),
                name="one_open_schedule_filing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(filed_as__isnull=False),
                name="schedule_filing_says_who_filed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["reviewed", "published"])
                | (Q(reviewed_as__isnull=False) & ~Q(document_number="")),
                name="reviewed_schedule_filing_has_document",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="published", published_on__isnull=False) & ~Q(published_where="")
                )
                | ~Q(state="published") & Q(published_on__isnull=True, published_where=""),
                name="published_schedule_filing_says_where",
            ),
        ]
        indexes = [models.Index(fields=["state", "filed_at"], name="schedule_filings_by_state")]

    def __str__(self) -> str:
        return f"{self.kindergarten}收费备案"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class OfFilingQuerySet(ScopedQuerySet[Any]):
    """Parts of a filing, seen by whoever sees it."""

    def visible_to(self, user: User) -> OfFilingQuerySet:
        path = "filing__kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@tracked()
class ProposedFee(models.Model):
    """One line of a filing: what is to be charged from `valid_from`, or, with `stops`, no more.

    `valid_from` is null in a line that goes on as it is in force. `reviewed_beside` is what of the
    same charge was in force on that day when it was reviewed, in words; empty where nothing was. It
    is published only while that is so. `recorded` is the line of the schedule that it became.
    """

    filing = models.ForeignKey(ScheduleFiling, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField("序号")
    item = models.CharField("收费项目", max_length=24, choices=FeeItem.choices)
    name = models.CharField("项目名称", max_length=40, blank=True)
    scope = models.CharField("收费对象", max_length=10, choices=FeeScope.choices)
    hours = models.CharField("作息", max_length=10, choices=FeeHours.choices, default=FeeHours.ANY)
    entrants = models.CharField(
        "适用幼儿", max_length=4, choices=Entrants.choices, default=Entrants.ALL
    )
    amount = models.DecimalField("标准（元）", max_digits=8, decimal_places=2)
    unit = models.CharField("计费单位", max_length=10, choices=FeeUnit.choices)
    before_waiver = models.DecimalField(
        "减免前标准（元）", max_digits=8, decimal_places=2, null=True, blank=True
    )
    valid_from = models.DateField("起始日期", null=True, blank=True)
    content = models.CharField("服务内容", max_length=200, blank=True)
    basis = models.CharField("定价依据", max_length=120, blank=True)
    stops = models.BooleanField("不再收", default=False)
    reviewed_beside = models.TextField("审核时的标准", blank=True)
    recorded = models.ForeignKey(
        "fees.ScheduledFee",
        models.PROTECT,
        verbose_name="成为的标准",
        related_name="proposed",
        null=True,
        blank=True,
    )

    objects = OfFilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拟定的收费"
        ordering = ["filing", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "position"], name="one_proposed_fee_a_position"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="proposed_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.amount}"

    @property
    def label(self) -> str:
        return self.name or self.get_item_display()


@tracked()
class CostSheet(models.Model):
    """What running the kindergarten cost in a year (成本核算表), in yuan; public input and gifts apart.

    `children` is the average number of the year, `months` how many were charged. What a child
    costs a month is computed (fees.filing.rules), never typed.
    """

    filing = models.OneToOneField(ScheduleFiling, models.PROTECT, related_name="cost_sheet")
    year = models.PositiveSmallIntegerField("核算年度")
    staff = models.DecimalField(COSTS["staff"], max_digits=12, decimal_places=2)
    activities = models.DecimalField(COSTS["activities"], max_digits=12, decimal_places=2)
    office = models.DecimalField(COSTS["office"], max_digits=12, decimal_places=2)
    premises = models.DecimalField(COSTS["premises"], max_digits=12, decimal_places=2)
    utilities = models.DecimalField(COSTS["utilities"], max_digits=12, decimal_places=2)
    other = models.DecimalField(COSTS["other"], max_digits=12, decimal_places=2)
    public_input = models.DecimalField("财政补助", max_digits=12, decimal_places=2)
    donations = models.DecimalField("捐赠", max_digits=12, decimal_places=2)
    children = models.PositiveIntegerField("年均在园幼儿数")
    months = models.PositiveSmallIntegerField("收费月数")

    objects = OfFilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成本核算表"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    **{f"{name}__gte": 0 for name in (*COSTS, "public_input", "donations")}
                ),
                name="cost_sheet_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(children__gt=0, months__gte=1, months__lte=12),
                name="cost_sheet_of_somebody_for_some_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年成本核算"

    @property
    def costs(self) -> Decimal:
        """Without abnormal losses, before public input and gifts are taken off."""
        return costs_together(getattr(self, name) for name in COSTS)

    @property
    def per_child_month(self) -> Decimal:
        return cost_per_child_month(
            [getattr(self, name) for name in COSTS],
            less=[self.public_input, self.donations],
            children=self.children,
            months=self.months,
        )


@sealed()
class ScheduleFilingEvent(models.Model):
    """What was done to a filing, by whom, when and why. Never changed afterwards."""

    class Action(models.TextChoices):
        DRAFTED = "drafted", "起草"
        FILED = "filed", "报送"
        RETURNED = "returned", "退回"
        REVIEWED = "reviewed", "审核通过"
        PUBLISHED = "published", "公示"
        WITHDRAWN = "withdrawn", "撤回"

    filing = models.ForeignKey(ScheduleFiling, models.PROTECT, related_name="events")
    action = models.CharField(max_length=10, choices=Action.choices)
    at = models.DateTimeField("时间")
    done_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    reason = models.CharField("意见", max_length=300, blank=True)

    objects = OfFilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收费备案办理记录"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.filing} {self.get_action_display()}"
