"""What is typed when somebody is sent to another kindergarten, comes back, or never went."""

from __future__ import annotations

from typing import Any

from django import forms

from kindergartens.form_fields import DateField, KindergartenField, line
from staffing.models import Secondment
from staffing.secondments.rules import SentFacts


class SendForm(forms.Form):
    receiver = KindergartenField("接收园", required=True)
    purpose = forms.ChoiceField(label="方式", choices=Secondment.Purpose.choices)
    started_on = DateField("派出日期")
    ended_on = DateField(
        "返回日期", required=False, help_text="第一天不在接收园的日期；还没有定的留空"
    )
    document = line("依据文件", 200)

    def __init__(self, data: Any = None, *, kindergartens: Any) -> None:
        super().__init__(data)
        offered: Any = self.fields["receiver"]
        offered.offer(kindergartens)

    def facts(self) -> SentFacts:
        data = {name: value for name, value in self.cleaned_data.items() if name != "receiver"}
        return SentFacts(**data)


class BackForm(forms.Form):
    on = DateField("返回日期", help_text="第一天不在接收园的日期")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class WithdrawalForm(forms.Form):
    reason = line("撤销原因", 300, "请写明登记错了什么，会记入改动记录。")
