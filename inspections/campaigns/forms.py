"""What is typed about a campaign: itself, its departments and places, what was found, its circular."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Organisation, Region, User
from accounts.people.forms import reason_field
from accounts.typed_text import clean
from inspections.campaigns.rules import MOST_FOUND, CheckFacts
from inspections.campaigns.services import LEADERS
from inspections.models import Campaign
from kindergartens.form_fields import DateField, KindergartenField, WholeField, line
from kindergartens.models import Kindergarten

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


class CampaignForm(forms.Form):
    name = line("名称", 80, "请填名称，例如“2026年秋季幼儿园安全联合检查”。")
    document = line("依据文件", 120, "请写依据文件的名称和文号。", help_text="文件名和文号")
    starts_on = DateField("开始日期")
    ends_on = DateField("结束日期")


class SetUpForm(CampaignForm):
    towns = forms.ModelMultipleChoiceField(
        label="乡镇街道",
        queryset=Region.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个乡镇街道。", "invalid_choice": "请从列表中选择。"},
        help_text="这些地方在办的幼儿园都列入，登记后还可以增减",
    )

    def __init__(self, *args: Any, county: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["towns"].queryset = Region.objects.filter(county=county, is_active=True).order_by(
            "code"
        )

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CampaignForm.base_fields}


class CorrectForm(CampaignForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def _items() -> forms.CharField:
    return forms.CharField(
        label="检查内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一项，例如“疏散通道和安全出口”",
        error_messages={
            "required": "请写检查内容，一行一项。",
            "max_length": "最多1000字，请删减。",
        },
    )


class PartForm(forms.Form):
    department = forms.ModelChoiceField(
        label="部门", queryset=Organisation.objects.none(), empty_label="请选择",
        error_messages=CHOOSE,
    )  # fmt: skip
    items = _items()

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["department"].queryset = Organisation.objects.filter(
            region=campaign.county_id, kind__in=LEADERS
        ).order_by("kind", "name")

    def clean_items(self) -> str:
        return clean(self.cleaned_data["items"])


class ChangePartForm(forms.Form):
    items = _items()
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_items(self) -> str:
        return clean(self.cleaned_data["items"])


class PlaceForm(forms.Form):
    kindergarten = KindergartenField("幼儿园", required=True)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kindergarten"].offer(Kindergarten.objects.visible_to(by))


class ReasonForm(forms.Form):
    reason = reason_field("原因", "请写明为什么，会记入改动记录。")


class CheckForm(forms.Form):
    checked_on = DateField("检查日期")
    found = WholeField("发现问题", unit="个", max_digits=3, max_value=Decimal(MOST_FOUND))
    fixed = WholeField(
        "其中当场整改", unit="个", max_digits=3, max_value=Decimal(MOST_FOUND), initial=0
    )
    note = line("情况", 300, help_text="发现了问题的写明是什么；没有问题可以不写")
    reason = line("更正原因", 300, help_text="第一次登记不用填")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def facts(self) -> CheckFacts:
        data = self.cleaned_data
        return CheckFacts(data["checked_on"], data["found"], data["fixed"], data["note"])


class HazardForm(forms.Form):
    number = line("隐患编号", 20, "请填隐患编号，例如YH1502032026-0001。")


class CircularForm(forms.Form):
    demand = reason_field("下一步要求", "请写明整改要求和时间。", 500)
    reason = line("更正原因", 300, help_text="第一次签发不用填")
