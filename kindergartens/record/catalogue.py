"""The sections of a record: which fields stand where, who fills them in, and when one is asked for.

Pages, forms, proposals, completeness, the columns of the list and its export all read this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kindergartens.models import InstitutionType, Kindergarten
from kindergartens.models.record import PartyBody

BUREAU, DIRECTOR = "教育局", "园长"
UNFILLED = "未填"


class Editing(StrEnum):
    """What a director may do with a section; bureau officers edit all of them."""

    PROPOSES = "proposes"  # the bureau accepts it
    DIRECT = "direct"  # harmless, and known best in the kindergarten


def _always(kindergarten: Kindergarten) -> bool:
    return True


def _is_site(kindergarten: Kindergarten) -> bool:
    return kindergarten.institution_type in SITES


def _has_host_school(kindergarten: Kindergarten) -> bool:
    return kindergarten.institution_type == InstitutionType.ATTACHED


def _has_own_licence(kindergarten: Kindergarten) -> bool:
    """Preschool Education Law Art 30: every kindergarten; a site stands under its host's."""
    return kindergarten.institution_type not in {*SITES, InstitutionType.ATTACHED}


def _has_party_body(kindergarten: Kindergarten) -> bool:
    return kindergarten.party_body in {PartyBody.OWN, PartyBody.JOINT, PartyBody.ATTACHED}


# Places that belong to another kindergarten of the registry.
SITES = frozenset({InstitutionType.TEACHING_POINT, InstitutionType.BRANCH})


@dataclass(frozen=True)
class Field:
    """One line of the record. `unit` follows the value; `officer_only` fields no director edits."""

    name: str
    filled_by: str = BUREAU
    unit: str = ""
    officer_only: bool = False
    asked: Callable[[Kindergarten], bool] = _always
    hint: str = ""

    @property
    def label(self) -> str:
        return str(Kindergarten._meta.get_field(self.name).verbose_name)  # type: ignore[union-attr]

    def value(self, kindergarten: Kindergarten) -> Any:
        return getattr(kindergarten, self.name)

    def shown(self, kindergarten: Kindergarten) -> str:
        """The value in words; "" where nothing is filled in."""
        value = self.value(kindergarten)
        if value is None or value == "":
            return ""
        return in_words(self.name, value) + self.unit


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    icon: str
    editing: Editing
    fields: tuple[Field, ...]
    # Columns that say why a value stands although a check asks to look again.
    reasons: tuple[str, ...] = ()

    def field_names(self, *, officer: bool) -> list[str]:
        return [field.name for field in self.fields if officer or not field.officer_only]

    @property
    def columns(self) -> list[str]:
        """Every column the section keeps, reasons too."""
        return [field.name for field in self.fields] + list(self.reasons)


SECTIONS: tuple[Section, ...] = (
    Section(
        "identity",
        "名称与代码",
        "id-badge-2",
        Editing.PROPOSES,
        (
            Field("code", officer_only=True),
            Field("uscc", asked=_has_own_licence, filled_by=DIRECTOR),
            Field("institution_type", hint="改类型不改计入哪些数；要改，另办状态变更"),
            Field(
                "host", asked=_is_site, officer_only=True, hint="分园、教学点必填：属于哪所幼儿园"
            ),
            Field("host_name", asked=_has_host_school, hint="附设幼儿班所在的小学等"),
            Field("opened_on"),
        ),
        ("code_reason", "uscc_reason"),
    ),
    Section(
        "licence",
        "举办与证照",
        "license",
        Editing.PROPOSES,
        (
            Field("sponsor_name", filled_by=DIRECTOR, hint="单位全称；个人举办的写姓名"),
            Field("legal_person", filled_by=DIRECTOR, hint="只写姓名，证件号不登记"),
            Field("licence_number", asked=_has_own_licence, filled_by=DIRECTOR),
            Field("licence_from", asked=_has_own_licence, filled_by=DIRECTOR),
            Field("licence_until", asked=_has_own_licence, filled_by=DIRECTOR),
        ),
    ),
    Section(
        "place",
        "地址与位置",
        "map-pin",
        Editing.PROPOSES,
        (
            Field("address", filled_by=DIRECTOR),
            Field("latitude", filled_by=DIRECTOR, hint="十进制度数，如39.383512"),
            Field("longitude", filled_by=DIRECTOR, hint="十进制度数，如117.044388"),
        ),
        ("position_reason",),
    ),
    Section(
        "daily",
        "作息与服务",
        "clock-hour-4",
        Editing.DIRECT,
        (
            Field("landline", filled_by=DIRECTOR, hint="写成区号-号码，如022-29990000"),
            Field("boarding", filled_by=DIRECTOR),
            Field("arrival", filled_by=DIRECTOR),
            Field("leaving_summer", filled_by=DIRECTOR),
            Field("leaving_winter", filled_by=DIRECTOR),
            Field("meal_service", filled_by=DIRECTOR),
            Field("school_buses", filled_by=DIRECTOR, unit="辆", hint="没有校车填0"),
            Field("after_hours", filled_by=DIRECTOR, hint="离园后继续照看幼儿"),
            Field("nursery_classes", filled_by=DIRECTOR, hint="招收不满3岁的幼儿"),
            Field("inclusion", filled_by=DIRECTOR),
        ),
    ),
    Section(
        "governance",
        "党建、家长与督学",
        "users-group",
        Editing.DIRECT,
        (
            Field("party_body", filled_by=DIRECTOR),
            Field("party_organisation", filled_by=DIRECTOR, asked=_has_party_body),
            Field("parent_committee", filled_by=DIRECTOR),
            Field("inspector", officer_only=True),
        ),
    ),
)
BY_KEY = {section.key: section for section in SECTIONS}
FIELDS = {field.name: field for section in SECTIONS for field in section.fields}
SECTION_OF = {field.name: section for section in SECTIONS for field in section.fields}
REASON_LABELS = {
    "name_reason": "名称的说明",
    "code_reason": "学校标识码的说明",
    "uscc_reason": "信用代码的说明",
    "position_reason": "位置的说明",
}
YES_NO = {
    "boarding": ("有寄宿", "没有寄宿"),
    "after_hours": ("提供", "不提供"),
    "nursery_classes": ("开设", "没有开设"),
    "parent_committee": ("已成立", "没有成立"),
}


def in_words(name: str, value: Any) -> str:
    """A value of the field as pages show it."""
    field = Kindergarten._meta.get_field(name)
    if isinstance(value, bool):
        yes, no = YES_NO.get(name, ("是", "否"))
        return yes if value else no
    if getattr(field, "flatchoices", None):
        return str(dict(field.flatchoices).get(value, value))  # type: ignore[union-attr]
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def asked_fields(kindergarten: Kindergarten) -> list[Field]:
    """The fields this kindergarten's record is complete with."""
    return [field for section in SECTIONS for field in section.fields if field.asked(kindergarten)]
