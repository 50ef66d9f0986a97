"""What is typed about a change of dated status."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core import signing

from accounts.files import intake
from accounts.models import Region
from accounts.people.forms import DATE_ERRORS, CleanText, DateInput, reason_field
from kindergartens.changes import rules
from kindergartens.models import Kindergarten, KindergartenStatus

KEPT_SALT = "reports.planning.kept"
KEEP = "keep"
UNCHANGED = (KEEP, "不变")


def _choices(choices: Any) -> list[tuple[str, str]]:
    return [UNCHANGED, *((value, label) for value, label in choices)]


def _choice(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=_choices(choices), initial=KEEP, required=False, **kwargs
    )


def _named(choices: Any) -> list[tuple[str, str]]:
    """Choices whose empty value has a name, so that it can be chosen."""
    return [(value or "none", label) for value, label in choices]


class StatusChangeForm(forms.Form):
    """Fields left at 不变 stay. Recognition and closing go through their procedures instead."""

    valid_from = forms.DateField(
        label="生效日期", widget=DateInput(), error_messages=DATE_ERRORS,
        help_text="当天起算。统计时点在这一天之前的月份，三率不变。",
    )  # fmt: skip
    town = forms.ChoiceField(label="乡镇街道", required=False)
    sponsor_type = _choice("办别", KindergartenStatus.SponsorType.choices)
    ownership = _choice(
        "办园性质",
        [(rules.PUBLIC, "公办")],
        help_text="认定和退出普惠、民办转公办走“备案审批”，由领导决定；公办不得转民办。",
    )
    for_profit = _choice("营利性", [("no", "非营利性"), ("yes", "营利性")])
    half_day = _choice("作息", [("no", "全日制"), ("yes", "半日制")])
    level = _choice("等级", _named(KindergartenStatus.Level.choices))
    urban_rural = _choice("城乡分类", _named(KindergartenStatus.UrbanRural.choices))
    counts_enrolment = _choice("计入在园幼儿", [("yes", "计入"), ("no", "不计入")])
    counts_staff = _choice("计入教职工", [("yes", "计入"), ("no", "不计入")])
    reason = reason_field("变更原因", "请写明变更原因。")
    document_number = CleanText(
        label="文号",
        max_length=100,
        required=False,
        help_text="如：武教审〔2026〕12号。有文件的请上传。",
    )
    document = forms.FileField(
        label="依据文件", required=False,
        widget=forms.ClearableFileInput(attrs={"accept": intake.ACCEPT}),
        help_text="批复、登记证书等，pdf、jpg、png或xlsx。",
    )  # fmt: skip
    kept = forms.CharField(widget=forms.HiddenInput(), required=False)

    COUNTING = ("counts_enrolment", "counts_staff")

    def __init__(self, *args: Any, kindergarten: Kindergarten, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        county = kindergarten.organisation.region.county_id
        towns = Region.objects.filter(
            level=Region.Level.TOWN, county=county, is_active=True
        ).order_by("code")
        self.towns = {str(town.pk): town for town in towns}
        field = self.fields["town"]
        field.choices = _choices((key, town.name) for key, town in self.towns.items())  # type: ignore[attr-defined]
        field.initial = KEEP

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            raise forms.ValidationError("还没有选要变更的内容。请至少改一项。")
        has_paper = cleaned.get("document") or cleaned.get("document_number") or self.kept_file()
        if not has_paper and "document" not in self.errors:
            self.add_error("document", "请上传依据文件，或填写文号。")
        return cleaned

    def values(self) -> dict[str, object]:
        """What changes, as change_status takes it; a town is its key."""
        found: dict[str, object] = {}
        for name in ("town", "sponsor_type", "ownership", "level", "urban_rural"):
            value = self.cleaned_data.get(name) or KEEP
            if value != KEEP:
                found[name] = "" if value == "none" else value
        for name in ("for_profit", "half_day", *self.COUNTING):
            value = self.cleaned_data.get(name) or KEEP
            if value != KEEP:
                found[name] = value == "yes"
        if "town" in found:
            found["town"] = int(str(found["town"]))
        return found

    def kept_file(self) -> tuple[int, str] | None:
        """The file uploaded with an earlier try of this form."""
        try:
            number, name = signing.loads(
                self.data.get("kept", ""), salt=KEPT_SALT, max_age=12 * 60 * 60
            )
        except signing.BadSignature:
            return None
        return int(number), str(name)


class DecideForm(forms.Form):
    """What is decided with: the paper's number and the day it takes effect on."""

    decision_number = CleanText(
        label="决定文号", max_length=100, help_text="如：武教审〔2026〕12号。",
        error_messages={"required": "请填决定的文号。", "max_length": "最多100字，请删减。"},
    )  # fmt: skip
    effective_on = forms.DateField(
        label="生效日期", widget=DateInput(), error_messages=DATE_ERRORS,
        help_text="先按申请的日期；统计时点在这一天之前的月份，三率不变。",
    )  # fmt: skip


def kept_token(number: int, name: str) -> str:
    return signing.dumps([number, name], salt=KEPT_SALT)


def first_of_next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


class FirstDayForm(forms.Form):
    """Another first day for a kindergarten that has not begun."""

    first_day = forms.DateField(
        label="在册起始日期", widget=DateInput(), error_messages=DATE_ERRORS,
        help_text="从这一天起计入三率，不能早于建园日期。",
    )  # fmt: skip
    first_day_reason = reason_field("更改原因", "请写明更改原因。")
    first_day_seen = forms.DateField(widget=forms.HiddenInput())
