"""What the bureau types about the people it plans to hire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Region
from kindergartens.form_fields import NumberField, WholeField, line
from staffing.models import RecruitmentLine

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


class LineForm(forms.Form):
    year = WholeField("年度", max_digits=4, min_value=Decimal(2000), max_value=Decimal(2100))
    scope = line(
        "范围",
        80,
        "请填给哪些幼儿园补充，例如“区属12所教办幼儿园”。",
        help_text="给哪些幼儿园补充，例如“区属公办幼儿园”",
    )
    town = forms.ModelChoiceField(
        label="乡镇街道",
        queryset=Region.objects.none(),
        required=False,
        empty_label="全区县，或不止一个乡镇",
        error_messages=CHOOSE,
    )
    post = forms.ChoiceField(
        label="岗位",
        choices=[("", "请选择"), *RecruitmentLine.Post.choices],
        error_messages=CHOOSE,
    )
    gap = WholeField("缺口", unit="人", max_digits=6)
    planned = WholeField("计划补充", unit="人", max_digits=6)
    hired = WholeField(
        "已到岗", unit="人", max_digits=6, required=False, help_text="还不知道就留空，没有人到岗填0"
    )
    yearly_cost_yuan = NumberField("每人每年费用", unit="元", max_digits=10, required=False)
    cost_source = line("费用依据", 100)
    way = line("补充方式", 80, help_text="例如公开招聘、政府购买服务")
    document = line("依据文件", 200)
    clause = line("条款", 60)

    def __init__(self, *args: Any, county: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["town"].queryset = Region.objects.filter(county=county, is_active=True).order_by(
            "code"
        )
        for name, words in (
            ("min_value", "请填2000至2100之间的年份。"),
            ("max_value", "请填2000至2100之间的年份。"),
        ):
            fields["year"].error_messages[name] = words

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("yearly_cost_yuan") is not None and not data.get("cost_source"):
            self.add_error("cost_source", "填了费用的，请写这个数从哪里来，例如预算文件。")
        return data


class LineChangeForm(LineForm):
    reason = line("更正原因", 300, "请写明为什么改，例如“第一批20人到岗”，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class LineWithdrawalForm(forms.Form):
    reason = line("撤销原因", 300, "请写明登记错了什么，会记入改动记录。")


NAMES = tuple(LineForm.base_fields)
