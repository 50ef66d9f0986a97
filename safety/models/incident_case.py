"""The bureau's register of incidents (一事一档): a case each, what was reported, what it was found to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.permissions import Permission
from accounts.access.scope import NOTHING, organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from safety.incidents.rules import HARMS, MOST_IN_A_CASE, NATURES
from safety.rules import INCIDENT_KINDS

if TYPE_CHECKING:
    from accounts.models import User


def _read_by(user: User, path: str) -> Q:
    """Rows of a case, for those who may read accounts of incidents in its kindergarten."""
    if not user.can(Permission.READ_INCIDENTS):
        return NOTHING
    return organisation_scope(
        user, f"{path}kindergarten__organisation", f"{path}kindergarten__organisation__region"
    )


class IncidentCaseQuerySet(ScopedQuerySet["IncidentCase"]):
    def visible_to(self, user: User) -> IncidentCaseQuerySet:
        """Of the own kindergarten or region, for whoever may read accounts; nobody else's."""
        return self.filter(_read_by(user, ""))

    def standing(self) -> IncidentCaseQuerySet:
        """Without those that were recorded by mistake and withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class IncidentCase(models.Model):
    """One accident or emergency (事故与突发事件) of one kindergarten. Counts, never names.

    `harm` is that of the gravest hurt. `reported_to` are codes of RECIPIENTS. A case that concerns
    no child (a fire at night) owes parents nothing. Closed, nothing of it changes any more: what
    turns out wrong is a supplement (IncidentReport). One recorded by mistake is withdrawn with a
    reason; its number is not used again.
    """

    number = models.CharField("编号", max_length=20, unique=True)
    # Tells a form that was sent twice; null where none was.
    submission = models.UUIDField("提交编号", null=True, blank=True, unique=True)
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="incident_cases"
    )
    kind = models.CharField("类别", max_length=10, choices=list(INCIDENT_KINDS.items()))
    occurred_at = models.DateTimeField("发生时间")
    place = models.CharField("发生地点", max_length=60)
    harm = models.CharField("伤害程度", max_length=10, choices=list(HARMS.items()))
    children_hurt = models.PositiveSmallIntegerField("伤病儿童")
    children_dead = models.PositiveSmallIntegerField("死亡儿童")
    staff_hurt = models.PositiveSmallIntegerField("伤病教职工")
    staff_dead = models.PositiveSmallIntegerField("死亡教职工")
    concerns_children = models.BooleanField("涉及儿童")
    account = models.CharField("简要经过", max_length=MOST_IN_A_CASE)
    measures = models.CharField("应急处置", max_length=MOST_IN_A_CASE)
    reported_at = models.DateTimeField("首次上报时间", null=True, blank=True)
    reported_to = models.JSONField("报给", default=list, blank=True)
    parents_told_at = models.DateTimeField("告知家长时间", null=True, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    closed_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        verbose_name="结案人岗位",
        null=True,
        blank=True,
        related_name="+",
    )
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    closing_note = models.CharField("结案意见", max_length=300, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = IncidentCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事故档案"
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(harm="death") & (Q(children_dead__gt=0) | Q(staff_dead__gt=0))
                | ~Q(harm="death") & Q(children_dead=0, staff_dead=0),
                name="incident_death_is_the_gravest_harm",
            ),
            models.CheckConstraint(
                condition=Q(harm="none", children_hurt=0, staff_hurt=0)
                | Q(harm="death")
                | ~Q(harm="none") & (Q(children_hurt__gt=0) | Q(staff_hurt__gt=0)),
                name="incident_harm_is_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(concerns_children=True)
                | Q(children_hurt=0, children_dead=0, parents_told_at__isnull=True),
                name="incident_children_are_concerned",
            ),
            models.CheckConstraint(
                condition=(Q(reported_at__isnull=True) | Q(reported_at__gte=F("occurred_at")))
                & (Q(parents_told_at__isnull=True) | Q(parents_told_at__gte=F("occurred_at"))),
                name="incident_told_after_it_happened",
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, reported_to=[])
                | Q(reported_at__isnull=False) & ~Q(reported_to=[]),
                name="incident_reported_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_as__isnull=True, closing_note="")
                | Q(
                    closed_at__isnull=False,
                    closed_as__isnull=False,
                    reported_at__isnull=False,
                    withdrawn_at__isnull=True,
                )
                & ~Q(closing_note="")
                & (Q(concerns_children=False) | Q(parents_told_at__isnull=False)),
                name="incident_closed_whole",
            ),
        ]
        indexes = [models.Index(fields=["kindergarten", "occurred_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.withdrawn_at is None

    @property
    def hurt(self) -> int:
        return self.children_hurt + self.staff_hurt

    @property
    def dead(self) -> int:
        return self.children_dead + self.staff_dead


class OfCaseQuerySet(ScopedQuerySet[Any]):
    """Parts of a case, seen by whoever sees it."""

    def visible_to(self, user: User) -> OfCaseQuerySet:
        return self.filter(_read_by(user, "case__"))


@sealed()
class IncidentReport(models.Model):
    """What was reported of a case after the first report. Never changed afterwards.

    A supplement corrects a closed case, with a reason; follow-ups and final reports come before
    it is closed. The last final report is the one that counts.
    """

    class Kind(models.TextChoices):
        FOLLOW_UP = "follow_up", "续报"
        FINAL = "final", "终报"
        SUPPLEMENT = "supplement", "补充更正"

    case = models.ForeignKey(IncidentCase, models.PROTECT, related_name="reports")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    reported_at = models.DateTimeField("报告时间")
    text = models.CharField("内容", max_length=MOST_IN_A_CASE)
    reason = models.CharField("更正原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事故续报"
        ordering = ["case", "entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="supplement") & ~Q(reason="")
                | ~Q(kind="supplement") & Q(reason=""),
                name="incident_supplement_says_why",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


@tracked()
class IncidentFinding(models.Model):
    """As what the bureau found a case, by a document; what follows is computed (rules.brought_by).

    Found wrongly, it is withdrawn with a reason, and brings nothing any more.
    """

    case = models.ForeignKey(
        IncidentCase, models.PROTECT, verbose_name="事故档案", related_name="findings"
    )
    nature = models.CharField("认定性质", max_length=10, choices=list(NATURES.items()))
    document = models.CharField("认定文件", max_length=120)
    decided_on = models.DateField("认定日期")
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事故认定"
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "nature"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_finding_of_a_nature",
            )
        ]

    def __str__(self) -> str:
        return self.get_nature_display()
