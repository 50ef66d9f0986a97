"""The bureau's list of people barred from work in kindergartens (从业禁止)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import F, Q

from accounts.access.permissions import Permission
from accounts.access.scope import NOTHING
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.privacy.fields import BlindIndexField, EncryptedTextField
from staffing.barred.rules import GROUNDS
from staffing.models.people import IdentifierType
from staffing.roster.identity import normal_number

if TYPE_CHECKING:
    from accounts.models import User


class EmploymentBanQuerySet(ScopedQuerySet["EmploymentBan"]):
    def visible_to(self, user: User) -> EmploymentBanQuerySet:
        """Those the own county keeps, for whoever may look at the list; nobody else's."""
        acting = user.acting
        if acting is None or not user.can(Permission.KEEP_BANS):
            return self.filter(NOTHING)
        return self.filter(county=acting.organisation.region_id)

    def standing(self) -> EmploymentBanQuerySet:
        """Without those that were lifted."""
        return self.filter(lifted_at__isnull=True)

    def not_over(self, day: dt.date) -> EmploymentBanQuerySet:
        """In force on the day, or yet to begin."""
        return self.standing().filter(Q(barred_until__isnull=True) | Q(barred_until__gte=day))

    def over(self, day: dt.date) -> EmploymentBanQuerySet:
        return self.filter(Q(lifted_at__isnull=False) | Q(barred_until__lt=day))

    def with_number(self, number: str) -> EmploymentBanQuerySet:
        """Of this number, whichever key digested it and whatever kind of paper it is said to be of.

        A number of one kind often looks like one of another: naming another kind must not pass.
        """
        field = self.model._meta.get_field("number_index")
        assert isinstance(field, BlindIndexField)  # noqa: S101 - for the type
        return self.filter(number_index__in=field.digests(normal_number(number)))


# The index follows from the number: its change is the number's.
@tracked(secrets=["number"], leave_out=["number_index"])
class EmploymentBan(models.Model):
    """One person on the list of one county, whether on the roster or not (学前教育法 Art 44, 80).

    Each document is a row of its own: a second one, or one that makes five years a whole life, is
    entered beside the first, and each of them stops.
    `barred_until` is the last day; null is for life. Nothing of it is ever changed: it is lifted with
    a reason, by another person than who entered it, and stops nobody from then on.
    """

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=40)
    identifier_type = models.CharField("证件类型", max_length=20, choices=IdentifierType.choices)
    # Encrypted; pages show it masked. Written by staffing.barred.services only.
    number = EncryptedTextField("证件号码", max_length=18)
    number_index = BlindIndexField("证件号码索引", source="number")
    ground = models.CharField("事由", max_length=20, choices=list(GROUNDS.items()))
    document = models.CharField("依据文件", max_length=100)
    document_date = models.DateField("文件日期")
    barred_from = models.DateField("禁止起始日期")
    barred_until = models.DateField("禁止截止日期", null=True, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    lifted_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="解除人岗位",
    )
    lifted_at = models.DateTimeField("解除时间", null=True)
    lifted_reason = models.CharField("解除原因", max_length=300, blank=True)

    objects = EmploymentBanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "从业禁止"
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "number_index", "document"],
                condition=Q(lifted_at__isnull=True),
                name="one_ban_of_a_person_by_a_document",
            ),
            models.CheckConstraint(condition=~Q(number_index=""), name="ban_has_a_number"),
            models.CheckConstraint(
                condition=Q(barred_until__isnull=True) | Q(barred_until__gte=F("barred_from")),
                name="ban_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_as__isnull=True, lifted_reason="")
                | Q(lifted_at__isnull=False, lifted_as__isnull=False) & ~Q(lifted_reason=""),
                name="ban_lifted_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_as__isnull=True) | ~Q(lifted_as=F("entered_as")),
                name="who_bars_does_not_lift",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"从业禁止名单第{self.pk}号"

    def is_over(self, day: dt.date) -> bool:
        """The same rule as `over` of the QuerySet."""
        past = self.barred_until is not None and self.barred_until < day
        return self.lifted_at is not None or past


def next_ban_key() -> int:
    """The key of a row to come: the number is bound to it, so the row has to know it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [EmploymentBan._meta.db_table]
        )
        return int(cursor.fetchone()[0])
