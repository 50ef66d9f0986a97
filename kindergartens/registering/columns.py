"""The columns of the registry as a table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.exchange.declaring import Column
from accounts.exchange.kinds import (
    Amount,
    Cell,
    Choice,
    Clock,
    Code,
    Day,
    Kind,
    Named,
    Text,
    Whole,
    YesNo,
)
from kindergartens.changes import rules as status_rules
from kindergartens.models import InstitutionType, KindergartenStatus
from kindergartens.models.record import Inclusion, MealService, PartyBody
from kindergartens.record import rules
from kindergartens.record.books import REASON_OF
from kindergartens.record.catalogue import REASON_LABELS

Status = KindergartenStatus
STATUS = status_rules.FIELDS
# What of the dated status a table may change of a kindergarten that is there: no rate counts by it.
OPEN_STATUS = tuple(name for name in STATUS if name not in status_rules.COUNTED_BY)
# Plain fields of the record that a table may change later, beside the host. Names are changed on
# the page, inspectors chosen there; the legal person's name stays out of this table.
RECORD = (
    "uscc", "institution_type", "host_name", "sponsor_name", "licence_number", "licence_from",
    "licence_until", "address", "longitude", "latitude", "landline", "opened_on", "boarding",
    "arrival", "leaving_summer", "leaving_winter", "meal_service", "school_buses", "after_hours",
    "nursery_classes", "inclusion", "party_body", "party_organisation", "parent_committee",
)  # fmt: skip
REASONS = tuple(REASON_OF.values())
# Those in which a stored text is compared as the table would spell it.
TEXTS = ("host_name", "sponsor_name", "licence_number", "address", "landline", "party_organisation")
KEPT = "已登记的空着不改"
BY_PAGE = "已登记的不能用表格改，到幼儿园的页面“变更状态”"
FOLLOWS = "已登记的不能单独改，随办园性质"
BY_PROCEDURE = "已登记的不能用表格改，走“备案审批”"


@dataclass(frozen=True)
class Number(Code):
    """A number as certificates print it, with blanks and hyphens."""

    def read(self, cell: Cell) -> str:
        return super().read(rules.normal_code(cell) if isinstance(cell, str) else cell)


@dataclass(frozen=True)
class Landline(Text):
    def read(self, cell: Cell) -> str:
        return rules.normal_landline(super().read(cell))


def _choices(choices: type[Any]) -> Choice:
    return Choice({value: str(label) for value, label in choices.choices})


def _record(
    name: str, head: str, kind: Kind, *aliases: str, note: str = "", example: Cell = None
) -> Column:
    """A column of the second version: left as it is where the cell is empty."""
    said = f"{note}；{KEPT}" if note else KEPT
    return Column(name, head, kind, said, example=example, aliases=aliases, since=2)


def _reason(name: str, about: str) -> Column:
    note = f"{about}要核对而证照上确实如此的，在这里写依据；随那一格一起改，单独填不改"
    return Column(name, REASON_LABELS[name], Text(200), note, since=2, once=True)


HOST = Number(r"11\d{8}", "应为以11开头的10位数字。")
# Classes of a school have the school's code: which fits which is judged by record.rules.
CODE = Number(r"[1-9]\d{9}", "应为10位数字，幼儿园以11开头，附设幼儿班填所附学校的码。")
COLUMNS = (
    Column(
        "code", "学校标识码", CODE, required=True,
        example="1112000001", aliases=("标识码", "学校（机构）标识码", "机构代码"),
    ),
    Column(
        "name", "园名", Text(120), required=True, example="示例区第一幼儿园",
        aliases=("幼儿园名称", "幼儿园", "学校名称", "单位名称"), note="与办学许可证一致",
    ),
    Column(
        "town", "乡镇街道", Named("乡镇街道"), required=True,
        aliases=("乡镇", "街道", "所属乡镇", "镇街"), note=BY_PAGE,
    ),
    Column("sponsor_type", "办别", _choices(Status.SponsorType), required=True, example="教育部门",
           aliases=("举办者类型",), note=BY_PAGE),
    Column(
        "ownership", "办园性质", _choices(Status.Ownership), required=True, example="公办",
        aliases=("性质",), note=BY_PROCEDURE,
    ),
    Column("for_profit", "营利性", YesNo(), example="否", note=f"新登记的空着为否；{BY_PAGE}"),
    Column("operating_state", "办园状态", _choices(Status.OperatingState), example="在办",
           note=f"新登记的空着为在办；{BY_PROCEDURE}"),
    Column("half_day", "半日制", YesNo(), example="否", note="新登记的空着为否"),
    Column("level", "等级", _choices(Status.Level), example="一级园", aliases=("示范等级",)),
    Column("urban_rural", "城乡分类", _choices(Status.UrbanRural), example="121镇中心区"),
    Column("recognition_document", "普惠认定文件", Text(100), note=f"普惠性民办园填认定文号；{BY_PROCEDURE}"),
    Column("recognised_until", "普惠认定到期日", Day(), note=f"普惠性民办园填；{BY_PROCEDURE}"),
    Column("opened_on", "建园日期", Day(), required=True, example=dt.date(2012, 9, 1),
           aliases=("成立日期", "建园时间", "开办日期")),
    _record(
        "uscc", "统一社会信用代码",
        Number(rules.USCC_ALPHABET.pattern, "是18位数字和大写字母，不用I、O、S、V、Z。请对照证书核对。"),
        "信用代码", "社会信用代码", "组织机构代码",
    ),
    _record("institution_type", "办学类型", _choices(InstitutionType), "机构类型", "机构类别",
            note="新登记的空着为独立幼儿园；分园、教学点要填所属园标识码", example="独立幼儿园"),
    Column(
        "host", "所属园标识码", HOST, aliases=("所属园", "所属园代码", "总园标识码"), since=3,
        note=f"分园、教学点必填：所属园已登记，或写在这一行上面；其他的空着；{KEPT}",
    ),
    _record("host_name", "所附设的学校", Text(120), "附设学校", note="附设幼儿班填小学等的全称"),
    _record("sponsor_name", "举办者名称", Text(120), "举办者", "举办单位", note="单位全称",
            example="示例区教育局"),
    _record("licence_number", "办学许可证号", Text(40), "许可证号"),
    _record("licence_from", "许可证有效期起", Day(), "有效期起"),
    _record("licence_until", "许可证有效期止", Day(), "有效期止", "许可证有效期"),
    _record("address", "办园地址", Text(200), "地址", "园址", "详细地址", example="示例路1号"),
    _record("longitude", "经度", Amount(6, Decimal(0), Decimal(180)), note="度数，和纬度一起填",
            example=Decimal("117.044388")),
    _record("latitude", "纬度", Amount(6, Decimal(0), Decimal(180)), note="度数，和经度一起填",
            example=Decimal("39.383512")),
    _record("landline", "联系电话（座机）", Landline(24), "座机", "联系电话", "办公电话", "固定电话",
            note="区号-号码；个人手机号不在这里填", example="022-29990000"),
    _record("boarding", "寄宿", YesNo(), "寄宿制"),
    _record("arrival", "入园时间", Clock(), example="07:30"),
    _record("leaving_summer", "夏季离园时间", Clock(), "离园时间", example="17:30"),
    _record("leaving_winter", "冬季离园时间", Clock(), example="17:00"),
    _record("meal_service", "供餐", _choices(MealService)),
    _record("school_buses", "校车", Whole(0, 500, "辆"), "校车数", note="没有校车填0", example=0),
    _record("after_hours", "延时服务", YesNo()),
    _record("nursery_classes", "开设托班", YesNo(), "托班"),
    _record("inclusion", "融合教育", _choices(Inclusion)),
    _record("party_body", "党组织", _choices(PartyBody), "党组织组建方式"),
    _record("party_organisation", "党组织名称", Text(80)),
    _record("parent_committee", "家长委员会", YesNo(), "家委会"),
    Column("counts_enrolment", "计入在园幼儿", YesNo(), note=f"新登记的空着随办学类型；{BY_PAGE}"),
    Column("counts_public", "计入公办", YesNo(), note=f"新登记的空着随办园性质和办学类型；{FOLLOWS}"),
    Column("counts_inclusive", "计入普惠", YesNo(), note=f"新登记的空着随办园性质和办学类型；{FOLLOWS}"),
    Column("counts_staff", "计入教职工", YesNo(), note=f"新登记的空着随办学类型；{BY_PAGE}"),
    _reason("name_reason", "园名"),
    _reason("code_reason", "学校标识码"),
    _reason("uscc_reason", "统一社会信用代码"),
    _reason("position_reason", "经纬度"),
    Column(
        "valid_from", "状态起始日期", Day(), required=True, once=True,
        example=dt.date(2020, 9, 1), aliases=("生效日期", "变更日期"),
        note="新登记的：从哪天起是现在的状态；改半日制、等级、城乡分类的：从哪天起变",
    ),
    Column("reason", "变更原因", Text(200), once=True, note="改半日制、等级、城乡分类的必填"),
    Column("document_number", "依据文号", Text(100), once=True,
           note="改半日制、等级、城乡分类的必填，如津教委〔2026〕1号；新登记的填批准文号，空着用办学许可证号"),
)  # fmt: skip
HEADS = {column.name: column.head for column in COLUMNS}
