"""What is typed into a meal account, and about a county's meal fee."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from fees.forms import WRONG_CHOICE, MoneyField
from fees.meals.rules import MEALS, EntryFacts
from fees.meals.services import WHY
from fees.models import MealFee
from fees.rules import FEE_UNITS
from kindergartens.dated.forms import Correcting, DatedForm, PercentField
from kindergartens.form_fields import DateField, WholeField, line

# The most that an account holds, in digits.
DIGITS = 11
# A term may close short, and the next one begins with it.
LEAST_OPENING = Decimal("-999999999.99")


def _why(form: forms.Form) -> None:
    form.fields["reason"] = reason_field("更正原因", WHY)


class OpeningForm(forms.Form):
    opening = MoneyField(
        "期初结余", max_digits=DIGITS, min_value=LEAST_OPENING,
        help_text="上学期期末的结余；上学期亏的，前面加负号",
    )  # fmt: skip
    opening_reason = line("和上学期不一样的原因", 300, help_text="一样的留空")

    def __init__(self, data: Any = None, *, initial: Any = None, corrects: bool = False) -> None:
        super().__init__(data, initial=initial)
        if corrects:
            _why(self)


class EntryForm(forms.Form):
    receipts = MoneyField("收入", max_digits=DIGITS, help_text="收到的伙食费，单位是元")
    food = MoneyField("食材支出", max_digits=DIGITS)
    fuel = MoneyField("燃料和加工支出", max_digits=DIGITS)
    other = MoneyField("其他支出", max_digits=DIGITS)
    refunds = MoneyField("退给家长", max_digits=DIGITS, help_text="没有的填0")
    child_days = WholeField(
        "用餐人天", unit="人天", max_digits=7, help_text="每天用餐的幼儿人数相加"
    )
    breakfast = WholeField(
        "早餐", unit="人次", max_digits=7, required=False, help_text="不供的餐留空"
    )
    morning_snack = WholeField("早点", unit="人次", max_digits=7, required=False)
    lunch = WholeField("午餐", unit="人次", max_digits=7, required=False)
    afternoon_snack = WholeField("午点", unit="人次", max_digits=7, required=False)
    dinner = WholeField("晚餐", unit="人次", max_digits=7, required=False)
    published_on = DateField("向家长公布日期", required=False, help_text="还没有公布的留空")
    # The stamp of what was there when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: Any = None, corrects: bool = False) -> None:
        super().__init__(data, initial=initial)
        if corrects:
            _why(self)

    def facts(self) -> EntryFacts:
        data = self.cleaned_data
        return EntryFacts(
            receipts=data["receipts"],
            food=data["food"],
            fuel=data["fuel"],
            other=data["other"],
            refunds=data["refunds"],
            child_days=data["child_days"],
            meals={kind: data[kind] for kind in MEALS},
            published_on=data["published_on"],
        )


class SubmitForm(forms.Form):
    counted_cash = MoneyField(
        "期末盘点", max_digits=DIGITS, help_text="现金和专户里实际有的伙食费，单位是元"
    )
    explanation = line("情况说明", 300, help_text="盘点数和账面不一样、或支出超过收入的，写明原因")
    # The stamp of the account when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    reason = reason_field("退回原因", "请写明要改什么，幼儿园会看到。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


# ---- what a county sets -------------------------------------------------------------------------


class FeeFields(forms.Form):
    amount = MoneyField("标准", min_value=Decimal("0.01"))
    breakfast = forms.BooleanField(label=MEALS["breakfast"], required=False)
    morning_snack = forms.BooleanField(label=MEALS["morning_snack"], required=False)
    lunch = forms.BooleanField(label=MEALS["lunch"], required=False)
    afternoon_snack = forms.BooleanField(label=MEALS["afternoon_snack"], required=False)
    dinner = forms.BooleanField(label=MEALS["dinner"], required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(kind) for kind in MEALS):
            self.add_error("lunch", "请勾选这个标准包括哪几餐。")
        return data


class FeeForm(FeeFields, DatedForm):
    scope = forms.ChoiceField(
        label="适用", choices=MealFee.Scope.choices, error_messages=WRONG_CHOICE
    )
    unit = forms.ChoiceField(
        label="计费单位", choices=[(unit, FEE_UNITS[unit]) for unit in ("day", "meal", "month")],
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    field_order = ("scope", "amount", "unit", *MEALS, "valid_from", "document")


class FeeCorrectionForm(FeeFields, DatedForm, Correcting):
    field_order = ("amount", *MEALS, "valid_from", "valid_to", "document", "reason")


class LimitForm(DatedForm):
    percent = PercentField("盈亏上限", help_text="结余或亏损占收入的百分比，两边一样")
    field_order = ("percent", "valid_from", "document")


class LimitCorrectionForm(DatedForm, Correcting):
    percent = PercentField("盈亏上限", help_text="结余或亏损占收入的百分比，两边一样")
    field_order = ("percent", "valid_from", "valid_to", "document", "reason")


FORMS: dict[str, tuple[type[DatedForm], type[DatedForm]]] = {
    "fee": (FeeForm, FeeCorrectionForm),
    "limit": (LimitForm, LimitCorrectionForm),
}
