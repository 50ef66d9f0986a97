"""What is typed about a survey."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from accounts.people.forms import reason_field
from indicators.recognition.services import NAMES
from kindergartens.form_fields import DateField, NumberField, line

COUNTS = ("asked", "valid_answers", "satisfied_answers")


def _number(label: str) -> NumberField:
    return NumberField(label, unit="份", decimal_places=0, max_digits=7)


class SurveyForm(forms.Form):
    surveyed_on = DateField("调查日期", help_text="调查结束的那天")
    asked = _number("发出份数")
    valid_answers = _number("有效份数")
    satisfied_answers = _number("满意份数")
    surveyor = line("调查单位", 80, required="请写调查单位，如区教育督导室或受委托的单位。")
    method = line("调查方式", 120, required="请写怎么调查的，如网上问卷、入户。")
    document = line("依据材料", 120, help_text="调查报告的名称和文号")

    def values(self) -> dict[str, Any]:
        counts = {name: int(self.cleaned_data[name]) for name in COUNTS}
        return {name: self.cleaned_data[name] for name in NAMES} | counts

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("surveyed_on")
        if day and day > timezone.localdate():
            self.add_error("surveyed_on", "调查日期还没有到，请核对。")
        asked, valid = cleaned.get("asked"), cleaned.get("valid_answers")
        satisfied = cleaned.get("satisfied_answers")
        if valid == 0:
            self.add_error("valid_answers", "没有有效答卷就没有认可度，请核对。")
        if asked is not None and valid is not None and valid > asked:
            self.add_error("valid_answers", f"有效{valid}份，多于发出{asked}份，请核对。")
        if valid is not None and satisfied is not None and satisfied > valid:
            self.add_error("satisfied_answers", f"满意{satisfied}份，多于有效{valid}份，请核对。")
        return cleaned


class SurveyCorrection(SurveyForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class SurveyWithdrawal(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销，会记入改动记录。")
