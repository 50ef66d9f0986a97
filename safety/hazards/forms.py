"""What is typed about hazards. Files are checked before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.access.roles import RoleCode
from accounts.files import FileRefused, intake
from accounts.files.intake import Accepted
from accounts.models import Organisation, User
from accounts.people.forms import ReasonText, reason_field
from kindergartens.form_fields import DateField, KindergartenField, line
from kindergartens.unlicensed.selectors import leads_in
from safety.hazards import rules, selectors
from safety.hazards.criteria import criteria_in
from safety.hazards.services import Found, Settled
from safety.models import Hazard

PICTURES = ".jpg,.jpeg,.png"
NO_FACES = "不拍幼儿的脸"
ON_SPOT, DATED = "spot", "dated"
# How a person usually comes upon a hazard, by role.
USUAL_SOURCE = {
    RoleCode.INSPECTOR: "inspector",
    RoleCode.TOWN_OFFICER: "town",
    RoleCode.BUREAU_OFFICER: "bureau",
}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FileNotTaken(forms.ValidationError):
    """A file that intake refused; `code` is kept with the record of refused uploads."""


class FilesField(forms.Field):
    """Up to `rules.MOST_PHOTOS` files; `cleaned_data` holds them as intake accepted them.

    Too many are refused before one of them is opened: each is drawn anew, which costs. `taken` are
    those that were accepted, also where another was not; `kept` what the page shows of them after a
    refusal, as mark and name.
    """

    def __init__(self, label: str, endings: str, **kwargs: Any) -> None:
        # Asked for pictures of any sort, a phone offers its camera too; what is not taken in the
        # page draws anew before it sends.
        accept = "image/*" if endings == PICTURES else endings
        widget = FilesInput(attrs={"accept": accept, "multiple": True})
        super().__init__(label=label, widget=widget, **kwargs)
        self.endings = endings.split(",")
        # Set anew for each form: of fields Django copies what they hold, not what that holds.
        self.taken: list[Accepted]
        self.kept: Sequence[tuple[str, str]] = ()

    def clean(self, value: Any) -> list[Accepted]:
        files: Sequence[UploadedFile] = value if isinstance(value, list) else [value]
        self.taken = []
        if len(files) > rules.MOST_PHOTOS:
            raise forms.ValidationError(rules.TOO_MANY_PHOTOS)
        refused = []
        for file in filter(None, files):
            try:
                self.taken.append(self._accepted(file))
            except forms.ValidationError as refusal:
                refused.append(refusal)
        if refused:
            raise forms.ValidationError(refused)
        return self.taken

    def _accepted(self, file: UploadedFile) -> Accepted:
        name = file.name or ""
        if not name.lower().endswith(tuple(self.endings)):
            raise forms.ValidationError(f"{name}：这里只收{'、'.join(self.endings)}。")
        try:
            if file.size is not None and file.size > intake.largest():
                raise intake.too_large(file.size)
            return intake.accept(name, file.read())
        except FileRefused as refusal:
            raise FileNotTaken(f"{name}：{refusal.reason}", refusal.code) from None


def file_fields(form: forms.Form) -> dict[str, FilesField]:
    return {name: one for name, one in form.fields.items() if isinstance(one, FilesField)}


def refused_files(form: forms.Form) -> list[str]:
    """Why intake took a file of this form not, as its codes."""
    errors = (one for found in form.errors.as_data().values() for one in found)
    return [str(one.code) for one in errors if isinstance(one, FileNotTaken)]


def _choice(label: str, choices: Any, *, blank: str = "请选择") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", blank), *choices],
        error_messages={
            "required": f"请选择{label}。",
            "invalid_choice": f"没有这个{label}，请重新选择。",
        },
    )


def _words(label: str, length: int, required: str = "", **kwargs: Any) -> ReasonText:
    """A text without identity or telephone numbers."""
    return ReasonText(
        label=label, max_length=length, required=bool(required),
        error_messages={"required": required, "max_length": f"最多{length}字，请删减。"}, **kwargs,
    )  # fmt: skip


class ReportForm(forms.Form):
    """A hazard as it was found; what is missing the service says at the field."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    earlier = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    kindergarten = KindergartenField("幼儿园", required=True)
    photos = FilesField(
        "照片", PICTURES, required=False,
        help_text=f"最多{rules.MOST_PHOTOS}张，{NO_FACES}。",
    )  # fmt: skip
    place = line("位置", 100, help_text="楼层、房间或设备，别人找得到。")
    description = _words("隐患情况", 300, widget=forms.Textarea(attrs={"rows": 2}))
    field = _choice("领域", rules.FIELDS.items())
    criterion = forms.ChoiceField(
        label="重大隐患判定标准",
        required=False,
        help_text="符合其中一条的就是重大隐患。",
        error_messages={"invalid_choice": "没有这条判定标准，请重新选择。"},
    )
    grade = forms.ChoiceField(
        label="等级",
        choices=list(rules.GRADES.items()),
        widget=forms.RadioSelect,
        initial=rules.GENERAL,
        error_messages={"required": "请选择等级。", "invalid_choice": "请选择一般或重大。"},
    )
    stop_use = forms.BooleanField(label="立即停止使用", required=False)
    mending = forms.ChoiceField(
        label="整改",
        choices=[(DATED, "限期整改"), (ON_SPOT, "当场整改")],
        widget=forms.RadioSelect,
        initial=DATED,
        error_messages={"required": "请选择限期整改或当场整改。"},
    )
    deadline = DateField("整改期限", required=False, help_text="当场整改的不填。")
    mended_photos = FilesField(
        "改好后的照片", PICTURES, required=False, help_text="当场整改的必须有。"
    )
    requirement = _words("整改要求", 300)
    responsible = line("责任岗位", 60, help_text="如：后勤主任。写岗位，不写姓名。")
    item = line("检查项目", 100)
    source = _choice("发现途径", rules.SOURCES.items())
    found_on = DateField("发现日期")

    def __init__(self, *args: Any, by: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acting = by.acting
        self.own = None
        if acting is not None and acting.is_of_kindergarten:
            self.own = acting.organisation.kindergarten
            del self.fields["kindergarten"]
            self.fields[
                "deadline"
            ].help_text = (
                f"当场整改的不填。一般隐患要{rules.LONG_FOR_GENERAL}天以上的，由教育局核定等级。"
            )
        else:
            kindergarten: Any = self.fields["kindergarten"]
            kindergarten.offer(selectors.kindergartens_for(by))
        region = acting.organisation.region if acting is not None else None
        self.criteria = criteria_in(region.code if region is not None else "", today)
        chosen: Any = self.fields["criterion"]
        chosen.choices = [("", "没有符合的"), *self._by_field()]
        self.fields["source"].initial = (
            USUAL_SOURCE.get(RoleCode(acting.role), "self_check") if acting is not None else ""
        )
        self.fields["found_on"].initial = today

    def _by_field(self) -> list[tuple[str, list[tuple[str, str]]]]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in self.criteria:
            groups.setdefault(rules.FIELDS[one.field], []).append((one.code, one.says))
        return list(groups.items())

    def follows(self) -> dict[str, dict[str, object]]:
        """What choosing a criterion sets at once on the page: its field, and the stop of use."""
        return {one.code: {"field": one.field, "stop": one.stop_use} for one in self.criteria}

    def found(self) -> Found:
        data = self.cleaned_data
        return Found(
            fixed_on_spot=data["mending"] == ON_SPOT,
            **{
                name: data[name]
                for name in (
                    "place", "field", "description", "source", "found_on", "item", "grade",
                    "criterion", "deadline", "requirement", "responsible", "stop_use",
                )
            },
        )  # fmt: skip


class SeenForm(forms.Form):
    """An act on what was shown; see services.stamp."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class GradeForm(SeenForm):
    grade = forms.ChoiceField(
        label="等级", choices=list(rules.GRADES.items()), widget=forms.RadioSelect,
        error_messages={"required": "请选择等级。", "invalid_choice": "请选择一般或重大。"},
    )  # fmt: skip
    deadline = DateField("整改期限", required=False)
    reason = _words("理由", 300, help_text="和登记的等级、判定标准不一样的必填。")


class ExtendForm(SeenForm):
    deadline = DateField("延期到")
    reason = reason_field("延期理由", "请写明为什么延期，这段时间怎么防护。")


class StopForm(SeenForm):
    reason = reason_field("理由", "请写明理由。")


class WithdrawForm(SeenForm):
    reason = reason_field("撤销理由", "请写明为什么撤销，如：选错了幼儿园。")


class MendForm(SeenForm):
    evidence = FilesField(
        "改好后的照片或文件", f"{PICTURES},.pdf", required=False,
        help_text=f"照片、检测报告、验收单等，最多{rules.MOST_PHOTOS}个，{NO_FACES}。",
    )  # fmt: skip
    reason = _words("怎么改的", 300)


class RecheckForm(SeenForm):
    passed = forms.ChoiceField(
        label="复查结果", choices=[("yes", "合格"), ("no", "不合格，退回整改")],
        widget=forms.RadioSelect, error_messages={"required": "请选择复查结果。"},
    )  # fmt: skip
    reason = _words("复查情况", 300, help_text="不合格的必填，写明哪里没有改好。")
    deadline = DateField("重新整改期限", required=False, help_text="不填的，原来的期限不变。")


class PlateForm(SeenForm):
    measures = _words("整改措施", 400, widget=forms.Textarea(attrs={"rows": 3}))
    responsibility = _words("整改责任", 200, help_text="责任单位和责任岗位。")
    funding = _words("整改资金", 200, help_text="数额和来源。")
    deadline = DateField("整改时限", required=False)
    plan = _words("应急预案", 400, widget=forms.Textarea(attrs={"rows": 3}))
    supervisor = forms.ModelChoiceField(
        label="督办单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择督办单位。",
            "invalid_choice": "没有这个单位，请重新选择。",
        },
    )
    document_number = line("督办文号", 60)
    hung_on = DateField("挂牌日期")

    def __init__(self, *args: Any, hazard: Hazard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        supervisor: Any = self.fields["supervisor"]
        supervisor.queryset = leads_in(hazard.county_id)

    def settled(self) -> Settled:
        data = self.cleaned_data
        return Settled(**{name: data[name] for name in Settled.__dataclass_fields__})


class DelistForm(SeenForm):
    decision = _words("摘牌决定", 400, widget=forms.Textarea(attrs={"rows": 3}))
    decision_number = line("摘牌文号", 60)
    delisted_on = DateField("摘牌日期")
