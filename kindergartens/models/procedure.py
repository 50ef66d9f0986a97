"""Filings under law (变更备案、合并、停办、年检审计、普惠认定): asked for, checked, decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class ProcedureQuerySet(ScopedQuerySet["Procedure"]):
    def visible_to(self, user: User) -> ProcedureQuerySet:
        """Of the own kindergarten, or of those in the person's region."""
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))

    def open(self) -> ProcedureQuerySet:
        return self.filter(state__in=Procedure.OPEN)

    def overdue(self, today: dt.date) -> ProcedureQuerySet:
        return self.open().filter(due_on__lt=today)


@tracked()
class Procedure(models.Model):
    """One filing or application of one kindergarten, under a number that is never used again.

    `kind` is a key of kinds.toml; `details` holds its fields as typed (dates as ISO, towns and
    kindergartens as keys). `due_on` is until when the present step is to be done. An ended one
    never opens again: what comes after is a new one.
    """

    class State(models.TextChoices):
        ASKED = "asked", "待核对"
        RETURNED = "returned", "待补正"
        CHECKED = "checked", "待决定"
        APPROVED = "approved", "已办结"
        REFUSED = "refused", "不予同意"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = ("asked", "returned", "checked")

    number = models.CharField("编号", max_length=16, unique=True)
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="procedures"
    )
    kind = models.CharField("事项", max_length=30)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ASKED)
    details = models.JSONField("填报内容", default=dict)
    reason = models.CharField("事由", max_length=300)
    occurred_on = models.DateField("发生日期", null=True, blank=True)
    effective_on = models.DateField("生效日期", null=True, blank=True)
    due_on = models.DateField("本步办理期限", null=True, blank=True)
    # When the law wanted it reported; later than this it came late, and that stays visible.
    report_by = models.DateField("应报日期", null=True, blank=True)
    asked_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    checked_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+"
    )
    decided_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField("办结时间", null=True)
    decision_number = models.CharField("决定文号", max_length=100, blank=True)
    # What a yearly check ended with: a code of the kind's conclusions, and what is to be mended.
    conclusion = models.CharField("年检结论", max_length=20, blank=True)
    to_mend = models.CharField("要整改的内容", max_length=1000, blank=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "备案和审批事项"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "returned", "checked"], ended_at__isnull=True)
                | Q(
                    state__in=["approved", "refused", "withdrawn"],
                    ended_at__isnull=False,
                    due_on__isnull=True,
                ),
                name="ended_procedure_has_no_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "returned", "checked", "withdrawn"])
                | Q(decided_as__isnull=False),
                name="decided_procedure_says_who",
            ),
            models.CheckConstraint(
                condition=Q(decided_as__isnull=True) | ~Q(decided_as=F("asked_as")),
                name="who_asks_does_not_decide",
            ),
            models.CheckConstraint(
                condition=Q(conclusion="", to_mend="") | (~Q(conclusion="") & Q(state="approved")),
                name="conclusion_comes_with_the_end",
            ),
            models.UniqueConstraint(
                fields=["kindergarten", "kind"],
                condition=Q(state__in=["asked", "returned", "checked"]),
                name="one_open_procedure_of_a_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_on"], name="procedures_by_deadline"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def came_late(self) -> bool:
        # The day of the place: asked at seven in the morning is still the day before in UTC.
        return self.report_by is not None and timezone.localdate(self.asked_at) > self.report_by


class OfProcedureQuerySet(ScopedQuerySet[Any]):
    """Parts of a procedure, seen by whoever sees it."""

    def visible_to(self, user: User) -> OfProcedureQuerySet:
        path = "procedure__kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@sealed()
class ProcedureEvent(models.Model):
    """What was done to a procedure, by whom, when and why. Never changed afterwards."""

    class Action(models.TextChoices):
        ASKED = "asked", "提出"
        RETURNED = "returned", "退回补正"
        ASKED_AGAIN = "asked_again", "补正后再报"
        CHECKED = "checked", "核对通过"
        APPROVED = "approved", "同意"
        REFUSED = "refused", "不予同意"
        WITHDRAWN = "withdrawn", "撤回"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="events")
    action = models.CharField(max_length=12, choices=Action.choices)
    at = models.DateTimeField("时间")
    done_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    reason = models.CharField("意见", max_length=300, blank=True)

    objects = OfProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事项办理记录"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.procedure} {self.get_action_display()}"


@sealed()
class ProcedureDocument(Attachment):
    """A paper handed in under one of the names the kind asks for; the newest of a name counts."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="documents")
    title = models.CharField("材料", max_length=60)

    objects = OfProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事项材料"
        ordering = ["procedure", "added_at", "pk"]


@tracked()
class Placement(models.Model):
    """Where some of the children go when their kindergarten stops. Counts, never names."""

    class Destination(models.TextChoices):
        KINDERGARTEN = "kindergarten", "转入幼儿园"
        SCHOOL = "school", "升入小学"
        ELSEWHERE = "elsewhere", "随家庭去外地"
        HOME = "home", "家长自行照料"

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="placements")
    destination = models.CharField("去向", max_length=12, choices=Destination.choices)
    receiver = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, null=True, blank=True,
        related_name="placements_received", verbose_name="接收园",
    )  # fmt: skip
    children = models.PositiveIntegerField("人数")

    objects = OfProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "在园幼儿安置"
        ordering = ["procedure", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(children__gt=0), name="placement_of_somebody"),
            models.CheckConstraint(
                condition=Q(destination="kindergarten", receiver__isnull=False)
                | (~Q(destination="kindergarten") & Q(receiver__isnull=True)),
                name="placement_names_its_receiver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_destination_display()}{self.children}名"
