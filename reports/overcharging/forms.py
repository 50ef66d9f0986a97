"""What people type about money that was given back."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from accounts.people.forms import reason_field
from fees.forms import MoneyField
from fees.overcharging.services import RepaymentFacts
from kindergartens.form_fields import DateField, WholeField, line


class RepaymentForm(forms.Form):
    repaid_on = DateField("退还日期", help_text="钱退给家长的那天")
    children = WholeField("退还人数", unit="人", max_digits=6)
    yuan = MoneyField("退还金额合计", min_value=Decimal("0.01"), max_digits=12)
    document = line("凭证号", 120, required="请写退款凭证或收据的编号，以后好核对。")
    note = line("说明", 300, help_text="例如退现金还是抵下月；不写家长和幼儿姓名")
    reason = line("多退的原因", 300, help_text="退的比应退的多才写")
    # The stamp of what was owed and given back when the form was opened (repaid_stamp).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def facts(self) -> RepaymentFacts:
        data = self.cleaned_data
        return RepaymentFacts(**{name: data[name] for name in RepaymentFacts.__dataclass_fields__})


class RepaymentWithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")
