"""What each monthly return says of safety: the self-check, and what happened in the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from safety.rules import ANSWERS, INCIDENT_KINDS, MOST_IN_AN_ACCOUNT

if TYPE_CHECKING:
    from accounts.models import User

FILING = "filing_version__filing"


class SafetyAnswerQuerySet(ScopedQuerySet["SafetyAnswer"]):
    def visible_to(self, user: User) -> SafetyAnswerQuerySet:
        return self.filter(
            organisation_scope(user, f"{FILING}__kindergarten__organisation", f"{FILING}__town")
        )


@sealed(guard=False)
class SafetyAnswer(models.Model):
    """One item of the self-check (安全自查), in one submitted version of a monthly return.

    `item` is a code of safety/items.toml. 否 says what is wrong and by when it will be mended.
    """

    filing_version = models.ForeignKey(
        "kindergartens.FilingVersion", models.PROTECT, related_name="safety_answers"
    )
    item = models.CharField("自查项目", max_length=20)
    answer = models.CharField("是否落实", max_length=3, choices=list(ANSWERS.items()))
    account = models.CharField("说明", max_length=MOST_IN_AN_ACCOUNT, blank=True)
    repair_by = models.DateField("计划整改完成日期", null=True)

    objects = SafetyAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "安全自查"
        ordering = ["filing_version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["filing_version", "item"], name="one_answer_per_item"),
            models.CheckConstraint(
                condition=~Q(answer="no") | (~Q(account="") & Q(repair_by__isnull=False)),
                name="no_says_what_and_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.get_answer_display()}"


class IncidentQuerySet(ScopedQuerySet["Incident"]):
    def visible_to(self, user: User) -> IncidentQuerySet:
        return self.filter(
            organisation_scope(user, f"{FILING}__kindergarten__organisation", f"{FILING}__town")
        )


@sealed(guard=False)
class Incident(models.Model):
    """One accident or emergency (事故与突发事件), in one submitted version of a monthly return.

    Without names: `account` says so beside its field. A version without any says 本月无 where
    FilingVersion.incidents is 0; where that is null nobody was asked.
    """

    filing_version = models.ForeignKey(
        "kindergartens.FilingVersion", models.PROTECT, related_name="incident_rows"
    )
    number = models.PositiveSmallIntegerField("第几起")
    occurred_on = models.DateField("发生日期")
    kind = models.CharField("类别", max_length=10, choices=list(INCIDENT_KINDS.items()))
    children_hurt = models.PositiveSmallIntegerField("受伤儿童")
    staff_hurt = models.PositiveSmallIntegerField("受伤教职工")
    account = models.CharField("简要经过", max_length=MOST_IN_AN_ACCOUNT)
    reported_at = models.DateTimeField("上报时间")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事故与突发事件"
        ordering = ["filing_version", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing_version", "number"], name="incident_number_unique_in_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.get_kind_display()}"
