"""What people type about an item of the county's list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from fees.forms import WRONG_CHOICE, MoneyField
from fees.local_list.rules import most_problem
from fees.models import FeeUnit, LocalFeeItem
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, line


class LocalFactsForm(DatedForm):
    unit = forms.ChoiceField(
        label="计费单位", choices=[("", "不限"), *FeeUnit.choices], required=False,
        help_text="清单规定了按什么收的才选", error_messages=WRONG_CHOICE,
    )  # fmt: skip
    most = MoneyField(
        "最高标准", required=False, min_value=Decimal("0.01"), help_text="清单没有规定的留空"
    )
    content = line("服务内容", 200, help_text="清单里写的内容")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        problem = most_problem(most=data.get("most"), unit=data.get("unit", ""))
        if problem:
            self.add_error("unit", problem)
        return data


class LocalItemForm(LocalFactsForm):
    """A new one; the row of the same name that is in force ends on the day it begins."""

    item = forms.ChoiceField(
        label="收费类别", choices=[("", "请选择"), *LocalFeeItem.Item.choices],
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    name = line("项目名称", 40, required="请写清单里的项目名称。")
    valid_from = DateField(
        "起始日期", help_text="同名的正在执行的到这一天为止；以前的仍按当时的清单核查"
    )
    field_order = ("item", "name", "unit", "most", "content", "valid_from", "document")


class LocalCorrectionForm(LocalFactsForm, Correcting):
    valid_to = DateField("截止日期", required=False, help_text="这一天起不再收；没有截止就留空")
    field_order = ("unit", "most", "content", "document", "valid_from", "valid_to", "reason")


class LocalEndForm(forms.Form):
    on = DateField("自哪天起不再收")
    reason = reason_field()
