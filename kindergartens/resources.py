"""Columns of the registry as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from import_export import resources
from import_export.fields import Field
from import_export.widgets import BooleanWidget, CharWidget, DateWidget, IntegerWidget

from accounts.exports import CHUNK, Row, Table
from accounts.formatting import zhdate, zhmonth
from accounts.statuses import state_status
from kindergartens.models import Kindergarten
from kindergartens.procedures.annual_checks import conclusion_name
from kindergartens.record.catalogue import FIELDS
from kindergartens.record.presenters import whole_completeness
from kindergartens.search.columns import BY_KEY, Look


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

    def __init__(self, name: str, head: str = "") -> None:
        super().__init__(name, head or FIELDS[name].label)

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
    """Reads rows of `kindergartens.search.selectors.registry`: status columns are those of the day.

    Fields stand in the order of the list's columns; what the list has no column for stands beside
    what it belongs to.
    """

    code = Field("code", "学校标识码")
    name = Field("name", "园名")
    is_example = Field("is_example", "示例", YES_NO)
    county = Field("current__town__county__name", "区县", CharWidget())
    town = Field("current__town__name", "乡镇街道", CharWidget())
    sponsor_type = DisplayField("current__sponsor_type", "办别")
    ownership = DisplayField("current__ownership", "办园性质")
    for_profit = Field("current__for_profit", "营利性", YES_NO)
    recognition_document = Field("current__recognition_document", "普惠认定文件", CharWidget())
    recognised_until = Field("current__recognised_until", "普惠认定到期日", DAY)
    operating_state = DisplayField("current__operating_state", "办园状态")
    since = Field("current__valid_from", "状态起始日期", DAY)
    half_day = Field("current__half_day", "半日制", YES_NO)
    counts_enrolment = Field("current__counts_enrolment", "计入在园幼儿", YES_NO)
    counts_public = Field("current__counts_public", "计入公办", YES_NO)
    counts_inclusive = Field("current__counts_inclusive", "计入普惠", YES_NO)
    counts_staff = Field("current__counts_staff", "计入教职工", YES_NO)
    children = Field("children", "在园幼儿（最近接收的月报）", NUMBER)
    children_month = Field("children_month", "数据月份")
    filing = Field(column_name="月报")
    institution_type = RecordField("institution_type")
    host = RecordField("host")
    host_name = RecordField("host_name")
    level = DisplayField("current__level", "等级")
    urban_rural = DisplayField("current__urban_rural", "城乡分类")
    director = Field("director", "园长", CharWidget())
    inspector = RecordField("inspector")
    uscc = RecordField("uscc")
    sponsor_name = RecordField("sponsor_name")
    legal_person = RecordField("legal_person")
    licence_number = RecordField("licence_number")
    licence_from = Field("licence_from", "许可证有效期起", DAY)
    licence_until = Field("licence_until", "许可证有效期止", DAY)
    licence_state = Field(column_name="许可证状态")
    opened_on = Field("opened_on", "建园日期", DAY)
    annual_conclusion = ConclusionField("annual_conclusion", "最近年检结论")
    annual_year = Field("annual_year", "年检年度", NUMBER)
    address = RecordField("address")
    latitude = RecordField("latitude")
    longitude = RecordField("longitude")
    landline = RecordField("landline", "联系电话（座机）")
    party_body = RecordField("party_body")
    party_organisation = RecordField("party_organisation")
    parent_committee = RecordField("parent_committee")
    arrival = RecordField("arrival")
    leaving_summer = RecordField("leaving_summer")
    leaving_winter = RecordField("leaving_winter")
    meal_service = RecordField("meal_service")
    school_buses = Field("school_buses", "校车（辆）", NUMBER)
    after_hours = RecordField("after_hours")
    nursery_classes = RecordField("nursery_classes")
    inclusion = RecordField("inclusion")
    boarding = RecordField("boarding")
    former_names = Field("former_names", "曾用名")
    completeness = Field(column_name="资料完整度（%）", widget=NUMBER)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        if look.month is not None:
            self.fields["filing"].column_name = f"{zhmonth(look.month)}月报"

    def dehydrate_children_month(self, row: Any) -> str:
        return zhmonth(row.children_month) if row.children_month else ""

    def dehydrate_filing(self, row: Any) -> str:
        cell = BY_KEY["filing"].cell(row, self.look)
        return state_status(cell.tag).word if cell.tag else cell.text

    def dehydrate_licence_state(self, row: Any) -> str:
        tag = BY_KEY["licence_until"].cell(row, self.look).tag
        return state_status(tag).word if tag else ""

    def dehydrate_completeness(self, row: Any) -> int:
        return whole_completeness(row).percent


# What names the row, before the columns of anybody's choice.
ALWAYS = ("code", "name", "is_example")
# Fields that are not named like the column of the list they say.
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "town": ("county", "town"),
    "sponsor": ("sponsor_type",),
    "state": ("operating_state",),
    "type": ("institution_type",),
    "licence_until": ("licence_until", "licence_state"),
    "annual_check": ("annual_conclusion", "annual_year"),
}


def fields_of(columns: Collection[str] | None, look: Look) -> list[str]:
    """Fields of the list's columns, in the order of the file; None is all there are."""
    if columns is None:
        wanted = set(KindergartenResource.fields)
    else:
        wanted = {*ALWAYS, *(name for key in columns for name in FIELDS_OF.get(key, (key,)))}
        if not look.shows_county:
            wanted.discard("county")
    if look.month is None:
        wanted.discard("filing")
    return [name for name in KindergartenResource.fields if name in wanted]


def registry_table(
    rows: QuerySet[Kindergarten], columns: Collection[str] | None, look: Look, *, place: str
) -> Table:
    """The rows of the list, in its order, all of them; `columns` of it, or all there are for None.

    `rows` carry what the columns need (selectors.registry).
    """
    resource = KindergartenResource(look)
    fields = fields_of(columns, look)
    return Table(
        name=f"{place}幼儿园名册_{look.day:%Y%m%d}",
        heads=resource.get_export_headers(selected_fields=fields),
        rows=_cells(resource, fields, rows),
        notes=[lambda count: f"共{count}所，办园状态为{zhdate(look.day)}的状态。"],
    )


def _cells(
    resource: KindergartenResource, fields: list[str], rows: QuerySet[Kindergarten]
) -> Iterator[Row]:
    # The resource's own export() keeps every row until the last is read.
    for kindergarten in rows.iterator(CHUNK):
        cells = resource.export_resource(kindergarten, selected_fields=fields)
        yield [None if cell == "" else cell for cell in cells]
