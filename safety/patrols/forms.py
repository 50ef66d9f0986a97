"""What people type about cameras, patrols, circulars, talks, and what a county sets for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import ReasonText, reason_field
from kindergartens.calendar.forms import MomentField
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, NumberField, WholeField, line
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of_texts
from safety.hazards.rules import FIELDS
from safety.models import DeviceFault, PatrolLook, VideoDevice
from safety.patrols.finding_kinds import finding_list
from safety.patrols.services.recording import Look

WRONG_CHOICE = {"required": "请选择。", "invalid_choice": "没有这一项，请重新选择。"}
LONGEST_NOTE = 200
Device = DeviceFault.State


class DeviceForm(forms.Form):
    number = line("设备编号", 20, "请填设备编号。", help_text="本园内不重复，例如录像机的通道号")
    place = line("安装位置", 60, "请填安装位置。", help_text="例如：大门东侧")
    spot = forms.ChoiceField(
        label="覆盖部位", choices=[("", "请选择"), *VideoDevice.Spot.choices],
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    installed_on = DateField("安装日期")


class DeviceCorrectionForm(DeviceForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class DeviceEndForm(forms.Form):
    on = DateField("自哪天起停用")
    reason = reason_field("停用原因")


class WithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")


class HazardForm(forms.Form):
    """What a finding leaves open when it becomes a hazard."""

    place = line("位置", 100, "请写明位置，别人找得到。", help_text="楼层、房间或设备")
    field = forms.ChoiceField(
        label="领域", choices=[("", "请选择"), *FIELDS.items()], error_messages=WRONG_CHOICE
    )
    description = reason_field("隐患情况", "请写明是什么隐患。")
    deadline = DateField("整改期限")
    requirement = line("整改要求", 300)


class IssueForm(forms.Form):
    reason = reason_field("更正原因", "请写明更正什么，会印在新的通报上。")


@dataclass(frozen=True)
class Place:
    """One kindergarten of a patrol's form: its cameras, and its fields."""

    kindergarten: Kindergarten
    devices: Sequence[VideoDevice]
    looked: bool
    faults: Sequence[forms.BoundField]
    found: forms.BoundField
    notes: Sequence[forms.BoundField]

    @property
    def is_open(self) -> bool:
        """Whether something was entered here, or is wrong."""
        fields = (*self.faults, self.found, *self.notes)
        return any(field.errors or field.value() for field in fields)

    @property
    def kinds(self) -> list[tuple[Any, forms.BoundField]]:
        """Each kind to tick with the field of what is said of it."""
        return list(zip(self.found, self.notes, strict=True))


class PatrolForm(forms.Form):
    """When, and for every kindergarten whether it was looked at and what was not as it should be.

    What is listed is what there was on the day of the patrol. Typed late, the day may have had other
    cameras than were listed; then nothing is saved before they were shown: a camera that nobody was
    shown is not normal.
    """

    at = MomentField("巡查时间")
    # The stamp of what was listed.
    listed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        kindergartens: Sequence[Kindergarten],
        devices: Mapping[int, Sequence[VideoDevice]],
        initial: dict[str, Any] | None = None,
    ) -> None:
        listed = stamp_of_texts(
            {
                str(one.pk): ",".join(str(row.pk) for row in devices.get(one.pk, []))
                for one in kindergartens
            }
        )
        self._was_listed = listed
        if data is not None:
            data = data.copy()
            self._was_listed = data.get("listed") or listed
            data["listed"] = listed
        super().__init__(data, initial={**(initial or {}), "listed": listed})
        self._kindergartens, self._devices, self._listed = kindergartens, devices, listed
        kinds = [(one.code, one.label) for one in finding_list().kinds.values()]
        self.fields["looked"] = self._ticks("已看", [(str(k.pk), k.name) for k in kindergartens])
        for one in kindergartens:
            cameras = [(str(row.pk), str(row)) for row in devices.get(one.pk, [])]
            for state in Device:
                self.fields[f"{state}-{one.pk}"] = self._ticks(state.label, cameras)
            self.fields[f"found-{one.pk}"] = self._ticks("看到的问题", kinds)
            for code, label in kinds:
                self.fields[f"note-{one.pk}-{code}"] = ReasonText(
                    label=f"{label}：说明", max_length=LONGEST_NOTE, required=False,
                    error_messages={"max_length": f"最多{LONGEST_NOTE}字，请删减。"},
                    widget=forms.TextInput(
                        attrs={"class": "form-control", "aria-label": f"{label}：说明"}
                    ),
                )  # fmt: skip

    @staticmethod
    def _ticks(label: str, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
        return forms.MultipleChoiceField(
            label=label, choices=choices, required=False,
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            error_messages={"invalid_choice": "有的选项巡查那天不在名单里，已去掉，请核对。"},
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self._was_listed != self._listed:
            self.add_error(
                "at", "这一天在用的设备和刚才列出的不一样，已按这一天重新列出，请核对后再保存。"
            )
        kinds = finding_list().kinds
        for one in self._kindergartens:
            key = one.pk
            offline, abnormal = data.get(f"offline-{key}", []), data.get(f"abnormal-{key}", [])
            found = data.get(f"found-{key}", [])
            noted = [code for code in kinds if data.get(f"note-{key}-{code}")]
            if set(offline) & set(abnormal):
                self.add_error(f"abnormal-{key}", "同一台设备不能既离线又画面异常，请只勾一项。")
            for code in noted:
                if code not in found:
                    self.add_error(
                        f"found-{key}",
                        f"“{kinds[code].label}”写了说明但没有勾。看到的请勾上，没有的请去掉说明。",
                    )
            if (offline or abnormal or found or noted) and str(key) not in data.get("looked", []):
                self.add_error(
                    f"found-{key}", "填了情况但没有勾“已看”。看过的请勾上，没看的请去掉情况。"
                )
        return data

    def looks(self) -> dict[int, Look]:
        """Of those that were looked at, once the form is valid."""
        data = self.cleaned_data
        return {
            one.pk: Look(
                faults={
                    int(device): str(state)
                    for state in Device
                    for device in data[f"{state}-{one.pk}"]
                },
                findings={kind: data[f"note-{one.pk}-{kind}"] for kind in data[f"found-{one.pk}"]},
            )
            for one in self._kindergartens
            if str(one.pk) in data["looked"]
        }

    def say(self, text: str, field: str) -> None:
        """A refusal of the service, at the kindergarten or field it is about."""
        place = field.removeprefix("kindergarten-")
        if place != field:
            field = f"found-{place}"
        self.add_error(field if field in self.fields else None, text)

    @property
    def places(self) -> list[Place]:
        looked = set(self["looked"].value() or [])
        return [
            Place(
                one,
                self._devices.get(one.pk, []),
                str(one.pk) in looked,
                [self[f"{state}-{one.pk}"] for state in Device],
                self[f"found-{one.pk}"],
                [self[f"note-{one.pk}-{code}"] for code in finding_list().kinds],
            )
            for one in self._kindergartens
        ]


def looks_as_initial(looks: Sequence[PatrolLook]) -> dict[str, Any]:
    """What a recorded patrol said, for typing it again rightly; rows with faults and findings read."""
    initial: dict[str, Any] = {"looked": [str(look.kindergarten_id) for look in looks]}
    for look in looks:
        key = look.kindergarten_id
        faults, findings = look.faults.all(), look.findings.all()
        for state in Device:
            initial[f"{state}-{key}"] = [str(row.device_id) for row in faults if row.state == state]
        initial[f"found-{key}"] = [row.kind for row in findings]
        initial |= {f"note-{key}-{row.kind}": row.note for row in findings}
    return initial


class TalkForm(forms.Form):
    held_on = DateField("约谈日期")
    speaker_post = ReasonText(
        label="约谈人职务", max_length=40, help_text="写职务，不写姓名，例如：学前教育科科长",
        error_messages={"required": "请填约谈人职务。", "max_length": "最多40字，请删减。"},
    )  # fmt: skip
    heard_post = ReasonText(
        label="被约谈人职务", max_length=40, initial="园长",
        error_messages={"required": "请填被约谈人职务。", "max_length": "最多40字，请删减。"},
    )  # fmt: skip
    result = reason_field("约谈结果", "请写明约谈结果和整改要求。")


class ThresholdForm(DatedForm):
    findings_at_least = WholeField(
        "当月发现问题不少于", unit="个", max_digits=3, min_value=Decimal(1)
    )
    offline_days_over = WholeField(
        "当月设备离线超过", unit="台天", max_digits=4, help_text="全园各台设备的离线天数相加"
    )
    field_order = (
        "findings_at_least", "offline_days_over", "valid_from", "valid_to", "document", "reason",
    )  # fmt: skip


class ThresholdCorrectionForm(ThresholdForm, Correcting):
    pass


def _points(label: str, help_text: str = "") -> NumberField:
    return NumberField(
        label, unit="分", max_digits=4, decimal_places=1, max_value=Decimal(100),
        help_text=help_text,
    )  # fmt: skip


class AppraisalForm(DatedForm):
    minor_points = _points("一般问题每个扣")
    serious_points = _points("较重问题每个扣", "不少于一般问题")
    grave_points = _points("严重问题每个扣", "不少于较重问题")
    offline_day_points = _points("设备离线每台每天扣")
    talk_points = _points("约谈每次扣")
    excellent_from = WholeField("优秀不低于", unit="分", max_digits=3)
    good_from = WholeField("良好不低于", unit="分", max_digits=3)
    pass_from = WholeField("合格不低于", unit="分", max_digits=3)
    field_order = (
        "minor_points", "serious_points", "grave_points", "offline_day_points", "talk_points",
        "excellent_from", "good_from", "pass_from", "valid_from", "valid_to", "document", "reason",
    )  # fmt: skip


class AppraisalCorrectionForm(AppraisalForm, Correcting):
    pass


def month_of(text: str, today: dt.date) -> dt.date:
    """The month of an address (2026-10), the running one for what is none or still to come."""
    try:
        return min(dt.date.fromisoformat(f"{text}-01"), today.replace(day=1))
    except ValueError:
        return today.replace(day=1)
