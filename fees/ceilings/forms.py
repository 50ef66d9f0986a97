"""What people type about a ceiling of the care and education fee."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from accounts.people.forms import reason_field
from fees.forms import WRONG_CHOICE, MoneyField
from fees.models import FeeCeiling
from kindergartens.form_fields import DateField, line


class AmountForm(forms.Form):
    yuan_per_month = MoneyField("最高限价（每生每月）", min_value=Decimal("0.01"))
    document = line(
        "依据文件", 120, required="请写依据文件的名称和文号。", help_text="文件名和文号"
    )


class CeilingForm(AmountForm):
    """A new one; the one of the same class that is in force ends on the day it begins."""

    scope = forms.ChoiceField(
        label="适用", choices=[("", "请选择"), *FeeCeiling.Scope.choices],
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    valid_from = DateField(
        "起始日期", help_text="同一类正在执行的限价到这一天为止；以前的月份仍按当时的限价核查"
    )
    field_order = ("scope", "yuan_per_month", "valid_from", "document")


class CeilingCorrectionForm(AmountForm):
    valid_from = DateField("起始日期")
    valid_to = DateField("截止日期", required=False, help_text="这一天起不再执行；没有截止就留空")
    field_order = ("yuan_per_month", "valid_from", "valid_to", "document", "reason")
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class CeilingEndForm(forms.Form):
    on = DateField("自哪天起不再执行")
    reason = reason_field()
