"""What every kindergarten of a place shall have against harm from people (安全防范): a dated list."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from kindergartens.models.demand import Demand, DemandQuerySet
from safety.rules import safety_items


@tracked()
class SafetyMeasure(Demand):
    """One line of the list of a place: one of its 四个100%, or beside them (硬隔离, 护学岗).

    Cities have different fours, so the nearest place's list holds as a whole, never line by line.
    `meaning` says what meeting it is; whoever changes that gives the line a new code, because
    evidence goes with the code. `answers` are the items of the monthly return that ask the same
    (safety/items.toml).
    """

    class JudgedBy(models.TextChoices):
        EVIDENCE = "evidence", "凭核对过的佐证"
        GUARDS = "guards", "按名册上的保安和配备标准计算"

    code = models.SlugField("代码", max_length=40)
    label = models.CharField("名称", max_length=30)
    meaning = models.CharField("达标标准", max_length=200)
    one_of_four = models.BooleanField("列入四个100%", default=False)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    judged_by = models.CharField(
        "怎样判定", max_length=10, choices=JudgedBy.choices, default=JudgedBy.EVIDENCE
    )
    answers = ArrayField(
        models.CharField(max_length=20), verbose_name="月报里问同一件事的", default=list, blank=True
    )

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "安全防范项目"
        ordering = ["position", "pk"]
        constraints = [
            Demand.dates_in_order("safety_measure_dates_in_order"),
            no_overlap("one_safety_measure_at_a_time", "region", "code"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """The return asks all that is compared with it."""
        super().clean()
        unknown = set(self.answers) - safety_items().keys()
        if unknown:
            raise ValidationError({"answers": f"月报里没有这些项目：{'、'.join(sorted(unknown))}"})
