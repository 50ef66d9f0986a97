"""What is typed about unlicensed places. Choices are limited to the person's scope."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.files import intake
from accounts.models import Organisation, Region, User
from accounts.people.forms import DATE_ERRORS, DateInput, ReasonText, reason_field, text
from kindergartens.form_fields import KindergartenField
from kindergartens.models import UnlicensedKindergarten, UnlicensedPlacement, UnlicensedPlan
from kindergartens.unlicensed import rules, selectors
from kindergartens.unlicensed.services import Description, Found

MOST_PEOPLE = 2000
NO_NAMES = "不写幼儿姓名。"


def _day(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), error_messages=DATE_ERRORS, **kwargs)


def _people(label: str, *, required: bool = False, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=0,
        max_value=MOST_PEOPLE,
        error_messages={
            "required": "请填人数。",
            "invalid": "请填整数。",
            "min_value": "人数不能小于0。",
            "max_value": f"一处最多{MOST_PEOPLE}人，请核对。",
        },
        **kwargs,
    )


def _optional(label: str, length: int, **kwargs: Any) -> ReasonText:
    """A remark without identity or telephone numbers."""
    return ReasonText(
        label=label,
        max_length=length,
        required=False,
        error_messages={"max_length": f"最多{length}字，请删减。"},
        **kwargs,
    )


def _choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "请选择"), *choices],
        error_messages={
            "required": f"请选择{label}。",
            "invalid_choice": f"没有这个{label}，请重新选择。",
        },
    )


class TownField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Region) -> str:
        return obj.name


class DescriptionForm(forms.Form):
    """Name, place and head; `description()` once it is valid."""

    name = text("名称", "请填名称，没有招牌的写大家怎么叫它。", 120)
    town = TownField(
        label="乡镇街道",
        queryset=Region.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择乡镇街道。",
            "invalid_choice": "这个乡镇街道不在您的范围内，请重新选择。",
        },
    )
    address = text("地址", "请填地址，复查时要找得到。", 200)
    head_name = _optional(
        "负责人姓名", 40, help_text="送达文书、执行不受理申请的年限时用，用不到的不填。"
    )
    premises = _optional("场所情况", 300, help_text="如：住宅一层，约120平方米，没有户外场地。")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns: Any = self.fields["town"]
        towns.queryset = selectors.towns_of(by)

    def description(self) -> Description:
        data = self.cleaned_data
        return Description(
            name=data["name"],
            address=data["address"],
            town=data["town"],
            head_name=data["head_name"],
            premises=data["premises"],
        )


class FoundFields(forms.Form):
    """What a check finds; `found()` once it is valid."""

    day = _day("查看日期")
    children = _people("幼儿", help_text="点到的人数；没有点的不填，没有幼儿写0。")
    staff = _people("教职工", help_text="没有查明的不填。")
    note = _optional("情况", 300, help_text=NO_NAMES)

    def found(self) -> Found:
        data = self.cleaned_data
        return Found(
            day=data["day"],
            running=data.get("running", "yes") == "yes",
            children=data["children"],
            staff=data["staff"],
            note=data["note"],
        )


class ReportForm(DescriptionForm, FoundFields):
    field_order = (
        "name", "town", "address", "day", "children", "staff", "head_name", "premises", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].label = "发现日期"


class CorrectForm(DescriptionForm):
    reason = reason_field("修改原因")


class CheckForm(FoundFields):
    running = _choice("是否在办", [("yes", "在办"), ("no", "没有在办")])

    field_order = ("day", "running", "children", "staff", "note")


class RouteForm(forms.Form):
    route = _choice("处置方式", UnlicensedPlan.Route.choices)
    lead = forms.ModelChoiceField(
        label="牵头单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择牵头单位。",
            "invalid_choice": "没有这个单位，请重新选择。",
        },
    )
    decided_on = _day("确定日期")
    deadline = _day("期限", help_text="过了这一天没有办结，列为逾期。")
    reason = reason_field("原因", "请写明为什么定这个处置方式。")

    def __init__(self, *args: Any, place: UnlicensedKindergarten, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead: Any = self.fields["lead"]
        lead.queryset = selectors.leads_for(place)


class _WithKindergarten(forms.Form):
    """A form that chooses a kindergarten of the place's county."""

    kindergarten_field = ""

    def __init__(
        self, *args: Any, by: User, place: UnlicensedKindergarten, day: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields[self.kindergarten_field]
        field.offer(selectors.kindergartens_for(by, place, day))


class PlacementForm(_WithKindergarten):
    kindergarten_field = "kindergarten"

    day = _day("安置日期")
    destination = _choice("去向", UnlicensedPlacement.Destination.choices)
    kindergarten = KindergartenField(
        "接收的幼儿园", help_text="输园名或学校标识码，从列表里选。不是到幼儿园的不填。"
    )
    children = _people("幼儿", required=True, help_text=f"人数，{NO_NAMES}")
    note = _optional("说明", 300, help_text=f"不是到幼儿园的必填。{NO_NAMES}")


class CloseForm(_WithKindergarten):
    kindergarten_field = "licensed_as"

    outcome = _choice("结果", UnlicensedKindergarten.Outcome.choices)
    closed_on = _day("办结日期")
    licensed_as = KindergartenField(
        "登记成的幼儿园", help_text="输园名或学校标识码，从列表里选。没有取得办园许可的不填。"
    )
    barred_years = forms.TypedChoiceField(
        label="不受理申请的年限",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "没有取缔"), *((years, f"{years}年") for years in rules.BAR_YEARS)],
        error_messages={"invalid_choice": "不受理申请的年限是五到十年。"},
        help_text="学前教育法第七十八条，取缔的必填。从办结日期起算。",
    )
    bar_reason = _optional("年限的理由", 300, help_text="情节轻重。")
    document = forms.FileField(
        label="依据文件",
        widget=forms.ClearableFileInput(attrs={"accept": intake.ACCEPT}),
        help_text="处罚决定书、办园许可证、托育备案等，pdf、jpg、png或xlsx。",
        error_messages={
            "required": "请上传依据文件。",
            "empty": "这个文件是空的，请重新选择。",
            "missing": "没有收到文件，请重新选择。",
        },
    )


class WithdrawForm(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销。")
