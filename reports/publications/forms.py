"""What is chosen and written when figures are prepared for publishing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts import formatting
from accounts.people.forms import reason_field
from accounts.typed_text import clean
from indicators.models import PublicationKind

LONGEST_REASON = 300
CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


class WhatForm(forms.Form):
    """What is to be published: it decides what the page shows before anything is written."""

    kind = forms.ChoiceField(
        label="种类", choices=PublicationKind.choices, error_messages=CHOOSE,
        initial=PublicationKind.MONTHLY,
    )  # fmt: skip
    month = forms.ChoiceField(label="月份", error_messages=CHOOSE)

    def __init__(self, *args: Any, months: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["month"]
        field.choices = [(f"{month:%Y-%m}", formatting.zhmonth(month)) for month in months]

    def clean_month(self) -> dt.date:
        return dt.date.fromisoformat(f"{self.cleaned_data['month']}-01")


class PrepareForm(forms.Form):
    agreed = forms.BooleanField(label="没有报齐，按暂计公布", required=False)
    incomplete_reason = forms.CharField(
        label="没有报齐的原因", required=False, max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}), help_text="公报和自评没有报齐时要写明，印在公布的数据上",
    )  # fmt: skip
    reason = forms.CharField(
        label="更正原因", required=False, max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}), help_text="印在更正后的数据上",
    )  # fmt: skip

    def __init__(self, *args: Any, asks: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - asks:
            del self.fields[name]

    def clean_incomplete_reason(self) -> str:
        return clean(self.cleaned_data["incomplete_reason"])

    def clean_reason(self) -> str:
        return clean(self.cleaned_data["reason"])

    def values(self) -> dict[str, Any]:
        blank: dict[str, Any] = {"agreed": False, "incomplete_reason": "", "reason": ""}
        return blank | self.cleaned_data


class WithdrawForm(forms.Form):
    reason = reason_field("退回或撤回的原因", "请写明为什么不公布，会记入改动记录。")
