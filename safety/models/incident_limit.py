"""How long a place allows from an incident until it is first reported, and until parents know."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from safety.incidents.rules import MOST_MINUTES, TIMED, spoken
from safety.rules import INCIDENT_KINDS

EVERY_KIND = ""


@tracked()
class IncidentLimit(models.Model):
    """Minutes allowed from the occurrence; a row of one kind outranks one of every kind.

    The law says 及时 (学前教育法 Art 52) and no hours, so without a row of the place there is no verdict.
    """

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="incident_limits"
    )
    step = models.CharField("事项", max_length=12, choices=list(TIMED.items()))
    kind = models.CharField(
        "类别",
        max_length=10,
        choices=[(EVERY_KIND, "各类"), *INCIDENT_KINDS.items()],
        blank=True,
    )
    minutes = models.PositiveSmallIntegerField("时限（分钟）")
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "事故上报时限"
        ordering = ["region", "step", "kind", "-valid_from"]
        constraints = [
            no_overlap("one_incident_limit_at_a_time", "region", "step", "kind"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="incident_limit_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0, minutes__lte=MOST_MINUTES),
                name="incident_limit_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.get_step_display()}{self.in_words}"

    @property
    def in_words(self) -> str:
        return spoken(self.minutes)
