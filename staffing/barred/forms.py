"""What people type about a ban."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, line
from staffing.barred.rules import GROUNDS, BanFacts
from staffing.models import IdentifierType
from staffing.roster.forms import WRONG_CHOICE
from staffing.roster.identity import normal_number


class BanForm(forms.Form):
    name = line("姓名", 40, "请照决定文件填写姓名。")
    identifier_type = forms.ChoiceField(
        label="证件类型", choices=IdentifierType.choices, error_messages=WRONG_CHOICE
    )
    number = line(
        "证件号码", 30, "请照决定文件填写号码；文件上没有的，请公安部门核实。",
        help_text="加密存放，页面上遮挡显示；登记任职时按号码拦",
    )  # fmt: skip
    ground = forms.ChoiceField(
        label="事由", choices=[("", "请选择"), *GROUNDS.items()], error_messages=WRONG_CHOICE,
        help_text="学前教育法第四十四条、第八十条",
    )  # fmt: skip
    document = line("依据文件", 100, "请填决定或判决的文号。", help_text="文号和发文机关")
    document_date = DateField("文件日期")
    barred_from = DateField("禁止起始日期")
    barred_until = DateField("禁止截止日期", required=False, help_text="最后一天；终身禁止的留空")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["autocomplete"] = "off"

    def clean_number(self) -> str:
        return normal_number(self.cleaned_data["number"])

    def facts(self) -> BanFacts:
        return BanFacts(**self.cleaned_data)


class LiftForm(forms.Form):
    reason = reason_field("解除原因", "请写明依据哪份决定解除，或错在哪里，会记入改动记录。")
