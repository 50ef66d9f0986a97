"""What people type about a ceiling of the care and education fee."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from fees.forms import WRONG_CHOICE, MoneyField
from fees.models import FeeCeiling
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField


class AmountForm(DatedForm):
    yuan_per_month = MoneyField("最高限价（每生每月）", min_value=Decimal("0.01"))


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


class CeilingCorrectionForm(AmountForm, Correcting):
    field_order = ("yuan_per_month", "valid_from", "valid_to", "document", "reason")
