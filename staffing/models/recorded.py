"""What every paper of the roster has: who recorded it and when, and how one by mistake is withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q

from accounts.access.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from accounts.models import User

Row = TypeVar("Row", bound=models.Model, covariant=True)


class RecordedQuerySet(ScopedQuerySet[Row]):
    def standing(self) -> Self:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


class OfPersonQuerySet(RecordedQuerySet[Row]):
    """Papers that go with the person, whichever kindergarten recorded them."""

    def visible_to(self, user: User) -> Self:
        """Those of the people one sees."""
        from staffing.models.people import StaffMember

        return self.filter(person__in=StaffMember.objects.visible_to(user).values("pk"))


class OfAppointmentQuerySet(RecordedQuerySet[Row]):
    """Papers between a person and one kindergarten: another one has no business with them."""

    def visible_to(self, user: User) -> Self:
        """Those of the posts one sees."""
        from staffing.models.appointments import Appointment

        return self.filter(appointment__in=Appointment.objects.visible_to(user).values("pk"))


class Recorded(models.Model):
    """A row that is never deleted: withdrawn with a reason, it counts nowhere."""

    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="%(class)s_withdrawn_with_reason",
            ),
        ]


def in_order(name: str) -> models.CheckConstraint:
    """The last day is not before the first; null: no end."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
        name=name,
    )


def one_year_after(field: str) -> models.Func:
    """The last day of a yearly paper, as staffing.papers.rules.a_year_from says it."""
    return models.Func(
        models.F(field),
        template="(%(expressions)s + interval '1 year')::date",
        output_field=models.DateField(),
    )
