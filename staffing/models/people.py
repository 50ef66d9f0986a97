"""People who work in kindergartens, each once whatever the number of kindergartens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import Q

from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.privacy.fields import BlindIndexField, EncryptedTextField
from staffing.models.appointments import Appointment
from staffing.roster.identity import IDENTIFIER_TYPES, normal_number

if TYPE_CHECKING:
    from accounts.models import User


class IdentifierType(models.TextChoices):
    RESIDENT_ID = "resident_id", IDENTIFIER_TYPES["resident_id"]
    RESIDENCE_PERMIT = "residence_permit", IDENTIFIER_TYPES["residence_permit"]
    HK_MACAO_PERMIT = "hk_macao_permit", IDENTIFIER_TYPES["hk_macao_permit"]
    TAIWAN_PERMIT = "taiwan_permit", IDENTIFIER_TYPES["taiwan_permit"]
    PERMANENT_RESIDENCE = "permanent_residence", IDENTIFIER_TYPES["permanent_residence"]
    PASSPORT = "passport", IDENTIFIER_TYPES["passport"]


class Sex(models.TextChoices):
    FEMALE = "female", "女"
    MALE = "male", "男"


class Education(models.TextChoices):
    """The highest level that was finished."""

    POSTGRADUATE = "postgraduate", "研究生"
    BACHELOR = "bachelor", "大学本科"
    DIPLOMA = "diploma", "大学专科"
    UPPER_SECONDARY = "upper_secondary", "高中（含中专、职高）"
    LOWER = "lower", "初中及以下"


class Title(models.TextChoices):
    """职称 by which pay is reported: 高级, 一级, 二级, 三级, 未定级; other series by their own."""

    SENIOR_PROFESSOR = "full_senior", "正高级"
    SENIOR = "senior", "高级"
    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"
    OTHER_SERIES = "other_series", "其他系列"
    NONE = "none", "未定级"


class StaffMemberQuerySet(ScopedQuerySet["StaffMember"]):
    def visible_to(self, user: User) -> StaffMemberQuerySet:
        """Whoever holds or held a post where one works, or in the area one looks after.

        A post that was recorded by mistake opens nobody's data.
        """
        posts = Appointment.objects.visible_to(user).standing()
        return self.filter(pk__in=posts.values("person"))

    def with_number(self, kind: str, number: str) -> StaffMemberQuerySet:
        """The person with this number of this kind of paper, whichever key digested it."""
        field = self.model._meta.get_field("number_index")
        assert isinstance(field, BlindIndexField)  # noqa: S101 - for the type
        return self.filter(
            identifier_type=kind, number_index__in=field.digests(normal_number(number))
        )


# The index follows from the number: its change is the number's.
@tracked(secrets=["number"], leave_out=["number_index"])
class StaffMember(models.Model):
    """One person (教职工). The number of the paper is encrypted; its digest keeps the person single.

    No address, no photograph. `earlier_years`: whole years as a kindergarten's teacher or manager
    before the first post on the roster (学前教育法 Art 38); null is not known, which is never 0.
    A person is never deleted: a post recorded by mistake is withdrawn, and nobody sees the person.
    Whoever is recorded by that number next gets the row: by the same name as it stands, by another
    one written anew.
    """

    name = models.CharField("姓名", max_length=40)
    identifier_type = models.CharField(
        "证件类型", max_length=20, choices=IdentifierType.choices,
        default=IdentifierType.RESIDENT_ID,
    )  # fmt: skip
    # Encrypted; pages show it masked. Written by staffing.roster.services only.
    number = EncryptedTextField("证件号码", max_length=18)
    number_index = BlindIndexField("证件号码索引", source="number")
    sex = models.CharField("性别", max_length=6, choices=Sex.choices)
    birth_date = models.DateField("出生日期")
    education = models.CharField("学历", max_length=16, choices=Education.choices, blank=True)
    title = models.CharField("职称", max_length=16, choices=Title.choices, blank=True)
    specialism = models.CharField("所学专业", max_length=40, blank=True)
    earlier_years = models.PositiveSmallIntegerField("此前幼教年限", null=True, blank=True)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["identifier_type", "number_index"], name="one_staff_member_per_number"
            ),
            models.CheckConstraint(condition=~Q(number_index=""), name="staff_member_has_a_number"),
        ]

    def __str__(self) -> str:
        return self.name


def next_staff_keys(many: int) -> list[int]:
    """Keys for rows to come: a number is bound to its row's key, so the row has to know it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [StaffMember._meta.db_table, many],
        )
        return [row[0] for row in cursor.fetchall()]
