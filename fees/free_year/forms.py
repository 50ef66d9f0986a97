"""What people type about the free last year of preschool."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from accounts.people.forms import reason_field
from fees.forms import WRONG_CHOICE, MoneyField
from fees.free_year.rules import MONTHS_RULES
from fees.models import FeeHours
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, WholeField, line


class AmountForm(DatedForm):
    yuan_per_month = MoneyField("公办园标准（每生每月）", min_value=Decimal("0.01"))
    months_rule = forms.ChoiceField(
        label="补助哪些月份",
        choices=[("", "请选择"), *MONTHS_RULES.items()],
        error_messages=WRONG_CHOICE,
        help_text="按10个月的，一学期算5个月，按学期收的保教费折成每月",
    )
    months_document = line(
        "补助月份的依据", 120, required="请写补助月份按哪份文件，没有文件的写谁定的。"
    )


class StandardForm(AmountForm):
    """A new one; the one of the same hours that is in force ends on the day it begins."""

    hours = forms.ChoiceField(
        label="作息", choices=FeeHours.choices, initial=FeeHours.ANY, error_messages=WRONG_CHOICE
    )
    valid_from = DateField(
        "起始日期", help_text="正在执行的标准到这一天为止；以前的月份仍按当时的标准算"
    )
    field_order = (
        "hours",
        "yuan_per_month",
        "valid_from",
        "document",
        "months_rule",
        "months_document",
    )


class StandardCorrectionForm(AmountForm, Correcting):
    field_order = (
        "yuan_per_month",
        "valid_from",
        "valid_to",
        "document",
        "months_rule",
        "months_document",
        "reason",
    )


class ClaimWithdrawalForm(forms.Form):
    reason = reason_field("撤回原因", "请写明为什么撤回，会记入改动记录。")


class _SeenForm(forms.Form):
    # The stamp of the claim as it stood when the page was opened (free_year.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ClaimReturnForm(_SeenForm):
    reason = reason_field("退回原因", "请写明哪里不对、要怎么改，幼儿园看得到。")


class ApprovalForm(_SeenForm):
    children = WholeField("核定人数", unit="人", max_digits=5)
    waived = MoneyField(
        "核定每生减免（每月）", min_value=Decimal("0.01"), help_text="不能比现在算的多"
    )
    reason = line("说明", 300, help_text="和申报的不一样，或申报以后数字变了的，要写原因")


class PaymentForm(_SeenForm):
    amount = MoneyField("拨付金额", min_value=Decimal("0.01"))
    paid_on = DateField("拨付日期")
    document = line("拨付凭证或文件", 120, required="请写拨付凭证号或文件名，以后好核对。")


class PaymentWithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，或哪天退的款，会记入改动记录。")
