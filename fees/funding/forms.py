"""What people type about standards, payments and aid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.people.forms import ReasonText, reason_field
from fees.forms import WRONG_CHOICE, MoneyField
from fees.funding.rules import Aided, aid_problem, standard_problem
from fees.funding.services import AidLines, PaymentFacts, stamp_of_aid
from fees.models import AidCount, FundingPayment, FundingStandard
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, WholeField, line


class AmountsForm(DatedForm):
    yuan_per_year = MoneyField("每生每年")
    disabled_yuan_per_year = MoneyField(
        "残疾儿童每生每年", required=False, help_text="文件另定了更高标准的填；没有另定就留空"
    )
    counted_year_before = forms.TypedChoiceField(
        label="幼儿数按哪年的月报", choices=[("1", "上一年"), ("0", "当年")], initial="1",
        coerce=lambda text: text == "1", error_messages=WRONG_CHOICE,
    )  # fmt: skip
    counted_month = forms.TypedChoiceField(
        label="按几月的月报", choices=[(str(month), f"{month}月") for month in range(1, 13)],
        initial="9", coerce=int, error_messages=WRONG_CHOICE,
        help_text="这个月已接收的月报里的在园幼儿数（不含托班）就是全年拨款的人数",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "yuan_per_year" in data and "disabled_yuan_per_year" in data:
            field, problem = standard_problem(data["yuan_per_year"], data["disabled_yuan_per_year"])
            if problem:
                self.add_error(field, problem)
        return data


class StandardForm(AmountsForm):
    """A new one; the one of the same scope that is in force ends on the day it begins."""

    scope = forms.ChoiceField(
        label="类别", choices=[("", "请选择"), *FundingStandard.Scope.choices],
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    valid_from = DateField("起始日期", help_text="1月1日有效的标准算全年：年中起执行的，从下一年算")
    field_order = (
        "scope", "yuan_per_year", "disabled_yuan_per_year", "counted_year_before",
        "counted_month", "valid_from", "document",
    )  # fmt: skip


class StandardCorrectionForm(AmountsForm, Correcting):
    field_order = (
        "yuan_per_year", "disabled_yuan_per_year", "counted_year_before", "counted_month",
        "valid_from", "valid_to", "document", "reason",
    )  # fmt: skip


class PaymentForm(forms.Form):
    """One payment. Whether it is one more of what is there already is asked when it looks so."""

    year = WholeField("拨付年度", max_digits=4, unit="年", help_text="这笔钱是哪一年的经费")
    kind = forms.ChoiceField(
        label="拨款种类", choices=[("", "请选择"), *FundingPayment.Kind.choices],
        error_messages=WRONG_CHOICE, help_text="只有生均经费对照应拨数",
    )  # fmt: skip
    paid_on = DateField("拨付日期")
    yuan = MoneyField("金额", max_digits=12)
    document = line("拨款文件", 120, "请写拨款文件的名称和文号。", help_text="文件名和文号")

    def __init__(self, data: Any = None, *, today: dt.date) -> None:
        super().__init__(data, initial={"year": today.year, "paid_on": today})
        if data and "another" in data:
            self.ask_whether_another()

    def ask_whether_another(self) -> None:
        self.fields["another"] = forms.BooleanField(label="确实是另一笔，不是重复", required=False)

    def clean_yuan(self) -> Any:
        yuan = self.cleaned_data["yuan"]
        if not yuan:
            raise forms.ValidationError("金额要大于0。没有拨付的不用登记。")
        return yuan

    def facts(self) -> PaymentFacts:
        data = self.cleaned_data
        return PaymentFacts(**{name: data[name] for name in PaymentFacts.__dataclass_fields__})


class PaymentWithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")


class AidForm(forms.Form):
    """Every kind: children, and yuan altogether."""

    def __init__(self, data: Any = None, *, there: AidLines, note: str = "") -> None:
        initial: dict[str, Any] = {"seen": stamp_of_aid(there), "note": note}
        for kind, one in there.items():
            initial |= {f"{kind}-children": one.children, f"{kind}-yuan": one.yuan}
        super().__init__(data, initial=initial)
        for kind, label in AidCount.Kind.choices:
            self.fields[f"{kind}-children"] = WholeField(
                f"{label}：人数", max_digits=4, unit="人", help_text="没有填0"
            )
            self.fields[f"{kind}-yuan"] = WholeField(
                f"{label}：金额合计", max_digits=9, unit="元", required=False
            )
        self.fields["note"] = ReasonText(
            label="人数说明", max_length=300, required=False,
            help_text="资助人数比在园人数多的，写明原因；不写姓名",
            error_messages={"max_length": "最多300字，请删减。"},
        )  # fmt: skip
        if there:
            self.fields["reason"] = reason_field("更正原因", "请写明为什么更正，会记入改动记录。")
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A kind of nobody may leave its yuan blank."""
        data = super().clean() or {}
        for kind in AidCount.Kind.values:
            name = f"{kind}-yuan"
            children = data.get(f"{kind}-children")
            if children is None or name in self.errors:
                continue
            data[name] = data.get(name) or 0
            if problem := aid_problem(children, data[name]):
                self.add_error(name, problem)
        return data

    def lines(self) -> Mapping[str, Aided]:
        data = self.cleaned_data
        return {
            kind: Aided(data[f"{kind}-children"], data[f"{kind}-yuan"])
            for kind in AidCount.Kind.values
        }
