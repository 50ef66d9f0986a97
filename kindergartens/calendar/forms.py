"""What is typed about reporting periods: the rule, the dates, an extension."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.formatting import zhmonth
from accounts.people.forms import DATE_ERRORS, DateInput, reason_field
from kindergartens.calendar.rules import PeriodDates, PeriodDays, PeriodTimes, PreReview

MOMENT_ERRORS = {"required": "请填日期和时间。", "invalid": "日期和时间写成2026-11-26 18:00这样。"}
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A moment to the minute. Shown so, it comes back changed only if somebody changed it."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(
            label=label, widget=MomentInput(), input_formats=MOMENT_FORMATS,
            error_messages=MOMENT_ERRORS, **kwargs,
        )  # fmt: skip


class _Seen(forms.Form):
    # The stamp of what was there when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def _number(label: str, least: int, most: int, help_text: str) -> forms.IntegerField:
    wrong = f"请填{least}到{most}的整数。"
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=help_text,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )


class RuleForm(_Seen):
    """How the county's months are computed; `times()` once it is valid."""

    reference_day = _number("统计时点", 1, 31, "当月几日；31是月末。")
    opens_day = _number("开放填报", 1, 31, "当月几日8:00起可以填；不晚于统计时点。")
    due_after = _number("报送截止", 1, 20, "统计时点以后第几个工作日，18:00截止。")
    locks_after = _number("锁定", 0, 20, "截止以后第几个工作日，18:00锁定；0是截止就锁定。")
    reason = reason_field("修改原因")

    def times(self) -> PeriodTimes:
        data = self.cleaned_data
        return PeriodTimes(
            data["reference_day"], data["opens_day"], data["due_after"], data["locks_after"]
        )


class PreReviewForm(_Seen):
    """Whether the towns look at returns first, and from which month on."""

    is_on = forms.ChoiceField(
        label="乡镇初审",
        choices=[
            ("on", "要：月报先由乡镇街道初审，再由教育局审核"),
            ("off", "不用：月报直接由教育局审核"),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选择要不要乡镇初审。"),
    )
    from_month = forms.DateField(
        label="从哪个月的月报起",
        widget=forms.Select,
        help_text="这个月和以后各月都按新的办；更早的月份不变。",
        error_messages=dict.fromkeys(("required", "invalid"), "请选择从哪个月起。"),
    )
    reason = reason_field("原因", "如：会议议定、通知文号。会记入改动记录。")

    def __init__(self, *args: Any, months: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_month"].widget.choices = [
            (month.isoformat(), zhmonth(month)) for month in months
        ]

    def wanted(self) -> PreReview:
        data = self.cleaned_data
        return PreReview(data["from_month"], data["is_on"] == "on")


class OpenForm(_Seen):
    """Up to which of the proposed months periods are made."""

    until = forms.DateField(
        label="开设到",
        widget=forms.Select,
        help_text="所选月份和它前面的月份一起开设。寒暑假不报的月份不要开设，先开设到它前面一个月。",
        error_messages={"required": "请选择开设到哪个月。", "invalid": "请选择开设到哪个月。"},
    )

    def __init__(self, *args: Any, proposed: list[PeriodDays], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.choices = [
            (one.month.isoformat(), zhmonth(one.month)) for one in proposed
        ]


class PeriodForm(_Seen):
    """The dates of one month; what cannot be changed any more is shown and not asked for."""

    reference_date = forms.DateField(
        label="统计时点", widget=DateInput(), error_messages=DATE_ERRORS
    )
    opens_at = MomentField("开放填报")
    due_at = MomentField("报送截止")
    locks_at = MomentField("锁定时间")
    reason = reason_field("修改原因")

    def __init__(self, *args: Any, now_is: PeriodDates, runs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now_is = now_is
        if runs:
            del self.fields["reference_date"], self.fields["opens_at"]

    def wanted(self) -> PeriodDates:
        """To the second where a time was left as it was shown, to the minute."""
        return PeriodDates(
            self.cleaned_data.get("reference_date", self._now_is.reference_date),
            *(self._moment(name) for name in ("opens_at", "due_at", "locks_at")),
        )

    def _moment(self, name: str) -> dt.datetime:
        before: dt.datetime = getattr(self._now_is, name)
        typed = self.cleaned_data.get(name, before)
        return before if typed == before.replace(second=0, microsecond=0) else typed


class ExtensionForm(forms.Form):
    until = MomentField("延期到", help_text="到这个时间为止，只有这所园可以补报这个月。")
    reason = reason_field("延期原因", "请写明为什么延期，园所会看到。")


class RefuseForm(forms.Form):
    reason = reason_field("不同意的原因", "请写明为什么不延期、园所可以怎么办，园所会看到。")


class RevokeForm(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销，园所会看到。")
