"""Papers that qualify a person for a post, whichever kindergarten it is in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class CertificateQuerySet(ScopedQuerySet["Certificate"]):
    def visible_to(self, user: User) -> CertificateQuerySet:
        """Those of the people one sees."""
        from staffing.models.people import StaffMember

        return self.filter(person__in=StaffMember.objects.visible_to(user).values("pk"))

    def standing(self) -> CertificateQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)

    def valid_on(self, day: dt.date) -> CertificateQuerySet:
        return self.standing().filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day), issued_on__lte=day
        )


@tracked()
class Certificate(models.Model):
    """One paper of one person. `valid_until` is its last day; null: for good.

    Whether somebody is certified (持证) is computed from these, never ticked. One recorded by
    mistake is withdrawn with a reason.
    """

    class Kind(models.TextChoices):
        TEACHING = "teaching", "教师资格证"
        PRESCHOOL_TRAINING = "preschool_training", "学前教育专业培训合格证"
        PRINCIPAL_TRAINING = "principal_training", "园长任职资格培训合格证"
        CHILDCARE_QUALIFICATION = "childcare_qualification", "保育员（保育师）职业资格证"
        CHILDCARE_TRAINING = "childcare_training", "幼儿保育培训合格证"
        PHYSICIAN = "physician", "医师执业证"
        NURSE = "nurse", "护士执业证"
        HEALTH_TRAINING = "health_training", "卫生保健培训合格证"

    class Stage(models.TextChoices):
        """教师资格条例 Art 4: the kinds of teaching certificates."""

        KINDERGARTEN = "kindergarten", "幼儿园"
        PRIMARY = "primary", "小学"
        JUNIOR = "junior", "初级中学"
        SENIOR = "senior", "高级中学"
        VOCATIONAL = "vocational", "中等职业学校"
        VOCATIONAL_PRACTICE = "vocational_practice", "中等职业学校实习指导"
        HIGHER = "higher", "高等学校"

    person = models.ForeignKey(
        "staffing.StaffMember", models.PROTECT, verbose_name="教职工", related_name="certificates"
    )
    kind = models.CharField("证书", max_length=24, choices=Kind.choices)
    stage = models.CharField("学段", max_length=20, choices=Stage.choices, blank=True)
    number = models.CharField("证书编号", max_length=40)
    issued_on = models.DateField("发证日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工证书"
        ordering = ["person", "kind", "-issued_on", "-pk"]
        # A number stands for one person (staffing.roster.services.people).
        indexes = [models.Index(fields=["number"], name="certificates_by_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "number"],
                condition=Q(withdrawn_at__isnull=True),
                name="certificate_recorded_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="teaching") & ~Q(stage="") | ~Q(kind="teaching") & Q(stage=""),
                name="teaching_certificate_has_its_stage",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("issued_on")),
                name="certificate_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="certificate_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        stage = f"（{self.get_stage_display()}）" if self.stage else ""
        return f"{self.get_kind_display()}{stage}"
