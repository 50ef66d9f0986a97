"""Population of preschool age, the denominator of the gross enrolment rate."""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import tracked


@tracked()
class Population(models.Model):
    """Children of one age in a county or town on a reference date, on one base.

    Residents (常住) and registered households (户籍) are both kept: sources differ on which the
    rate uses, so every figure prints its base. City and province are sums of their counties.
    """

    class Base(models.TextChoices):
        RESIDENT = "resident", "常住"
        REGISTERED = "registered", "户籍"

    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="populations")
    reference_date = models.DateField("统计时点")
    base = models.CharField("口径", max_length=10, choices=Base.choices)
    age = models.PositiveSmallIntegerField("年龄")
    children = models.PositiveIntegerField("人数")
    source = models.CharField("来源", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "学前人口"
        ordering = ["region", "reference_date", "base", "age"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "reference_date", "base", "age"], name="population_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(age__gte=2, age__lte=6), name="population_of_preschool_age"
            ),
        ]
        indexes = [
            # The denominator of every region and month is read from this index alone.
            models.Index(
                fields=["region", "reference_date", "base"],
                include=["children"],
                condition=models.Q(age__in=[3, 4, 5]),
                name="population_3_5_by_region",
            )
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.reference_date} {self.get_base_display()} {self.age}岁"
