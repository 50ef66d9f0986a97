"""Surveys of what people think of the preschools of a county (社会认可度)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import home_region
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class SurveyQuerySet(models.QuerySet["RecognitionSurvey"]):
    def visible_to(self, user: User) -> SurveyQuerySet:
        """Of the own county, or of all counties of one's city or province."""
        home = home_region(user)
        if home is None:
            return self.none()
        own = home.county or home
        return self.filter(region__in=Region.objects.within(own).values("pk"))

    def standing(self) -> SurveyQuerySet:
        return self.filter(withdrawn_at=None)


@tracked()
class RecognitionSurvey(models.Model):
    """One survey of a county: whom it asked, how many answers were valid, how many were satisfied.

    教督〔2020〕1号 asks for 85 % satisfied, of teachers, parents, heads and people of public life
    together: no answer of a single person is kept.
    """

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, related_name="+", verbose_name="区县"
    )
    surveyed_on = models.DateField("调查日期")
    asked = models.PositiveIntegerField("发出份数")
    valid_answers = models.PositiveIntegerField("有效份数")
    satisfied_answers = models.PositiveIntegerField("满意份数")
    surveyor = models.CharField("调查单位", max_length=80)
    method = models.CharField("调查方式", max_length=120)
    document = models.CharField("依据材料", max_length=120, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "社会认可度调查"
        ordering = ["-surveyed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "surveyed_on", "surveyor"],
                condition=Q(withdrawn_at=None),
                name="survey_once_a_day_by_a_body",
            ),
            models.CheckConstraint(
                condition=Q(satisfied_answers__lte=F("valid_answers"))
                & Q(valid_answers__lte=F("asked"))
                & Q(valid_answers__gt=0),
                name="survey_answers_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.surveyed_on} {self.surveyor}"
