"""Columns of the registry as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from import_export import resources
from import_export.fields import Field
from import_export.widgets import BooleanWidget, CharWidget, DateWidget, IntegerWidget

from accounts.exports import CHUNK, Row, Table
from accounts.formatting import zhdate
from kindergartens.models import Kindergarten
from kindergartens.procedures.annual_checks import conclusion_name
from kindergartens.record.catalogue import FIELDS


class YesNoWidget(BooleanWidget):
    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "" if value is None else "是" if value else "否"


class DisplayField(Field):
    """A choice as its Chinese label; `attribute` is the path to the field."""

    def get_value(self, instance: Kindergarten) -> str:
        owner: Any = instance
        *path, name = self.attribute.split("__")
        for part in path:
            owner = getattr(owner, part, None)
        return getattr(owner, f"get_{name}_display")() if owner is not None else ""


class RecordField(Field):
    """A field of the record in words; empty where nothing is filled in."""

    def __init__(self, name: str) -> None:
        super().__init__(name, FIELDS[name].label)

    def get_value(self, instance: Kindergarten) -> str:
        return FIELDS[self.attribute].shown(instance)


class ConclusionField(Field):
    """What the latest yearly check ended with, in words."""

    def get_value(self, instance: Any) -> str:
        return conclusion_name(instance.annual_conclusion) if instance.annual_conclusion else ""


NUMBER = IntegerWidget(coerce_to_string=False)
DAY = DateWidget(coerce_to_string=False)
YES_NO = YesNoWidget()


class KindergartenResource(resources.Resource):
    """Reads rows of `kindergartens.selectors.registry`: status columns are those of the day."""

    code = Field("code", "学校标识码")
    name = Field("name", "园名")
    is_example = Field("is_example", "示例", YES_NO)
    county = Field("current__town__county__name", "区县", CharWidget())
    town = Field("current__town__name", "乡镇街道", CharWidget())
    sponsor_type = DisplayField("current__sponsor_type", "办别")
    ownership = DisplayField("current__ownership", "办园性质")
    for_profit = Field("current__for_profit", "营利性", YES_NO)
    operating_state = DisplayField("current__operating_state", "办园状态")
    since = Field("current__valid_from", "状态起始日期", DAY)
    counts_enrolment = Field("current__counts_enrolment", "计入在园幼儿", YES_NO)
    counts_public = Field("current__counts_public", "计入公办", YES_NO)
    counts_inclusive = Field("current__counts_inclusive", "计入普惠", YES_NO)
    counts_staff = Field("current__counts_staff", "计入教职工", YES_NO)
    opened_on = Field("opened_on", "建园日期", DAY)
    children = Field("children", "在园幼儿（最近接收的月报）", NUMBER)
    children_month = Field("children_month", "月报月份", DAY)
    uscc = RecordField("uscc")
    institution_type = RecordField("institution_type")
    sponsor_name = RecordField("sponsor_name")
    licence_number = RecordField("licence_number")
    licence_until = Field("licence_until", "许可证有效期止", DAY)
    annual_conclusion = ConclusionField("annual_conclusion", "最近年检结论")
    annual_year = Field("annual_year", "年检年度", NUMBER)
    address = RecordField("address")
    latitude = RecordField("latitude")
    longitude = RecordField("longitude")
    landline = RecordField("landline")
    meal_service = RecordField("meal_service")
    school_buses = Field("school_buses", "校车（辆）", NUMBER)
    boarding = RecordField("boarding")
    after_hours = RecordField("after_hours")
    nursery_classes = RecordField("nursery_classes")
    inclusion = RecordField("inclusion")
    party_body = RecordField("party_body")
    parent_committee = RecordField("parent_committee")
    former_names = Field("former_names", "曾用名")


def registry_table(rows: QuerySet[Kindergarten], *, place: str, day: dt.date) -> Table:
    """The rows of the list, in its order, all of them."""
    resource = KindergartenResource()
    return Table(
        name=f"{place}幼儿园名册_{day:%Y%m%d}",
        heads=resource.get_export_headers(),
        rows=_cells(resource, rows),
        notes=[lambda count: f"共{count}所，办园状态为{zhdate(day)}的状态。"],
    )


def _cells(resource: KindergartenResource, rows: QuerySet[Kindergarten]) -> Iterator[Row]:
    # The resource's own export() keeps every row until the last is read.
    for kindergarten in rows.iterator(CHUNK):
        cells = resource.export_resource(kindergarten)
        yield [None if cell == "" else cell for cell in cells]
