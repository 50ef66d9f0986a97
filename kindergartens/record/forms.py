"""What officers and directors type into a record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from accounts.models import Region, User
from accounts.people.forms import DATE_ERRORS, CleanText, DateInput
from accounts.typed_text import clean
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.record import rules, selectors
from kindergartens.record.books import NEEDS_HOST, REASON_OF
from kindergartens.record.catalogue import (
    FIELDS,
    REASON_LABELS,
    SITES,
    UNFILLED,
    YES_NO,
    Section,
)
from kindergartens.record.values import current_texts

TIME_ERRORS = {"invalid": "时间写成17:00这样。"}
REASON_HINT = "系统提示要核对、而证照上确实如此的，在这里写明依据；没有提示的不用写"


def line(label: str, length: int, needed: str = "", **kwargs: Any) -> CleanText:
    """One line of text; `needed` is what to say where it must be filled in and is not."""
    errors = {"required": needed, "max_length": f"最多{length}字，请删减。"}
    return CleanText(
        label=label, max_length=length, required=bool(needed), error_messages=errors, **kwargs
    )


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class CodeText(CleanText):
    """A number: full-width digits, blanks and hyphens are put right."""

    def to_python(self, value: Any) -> str:
        return rules.normal_code(super().to_python(value))


class LandlineText(CleanText):
    def to_python(self, value: Any) -> str:
        return rules.normal_landline(super().to_python(value))


MOST_DEGREES = 360


class Degrees(forms.DecimalField):
    """Degrees with at most six places: a hand's breadth on the ground."""

    def to_python(self, value: Any) -> Any:
        typed = clean(value).rstrip("°").replace("．", ".")
        number = super().to_python(typed)
        if number is None:
            return None
        # Of what is no place on the globe the digits after the point cannot be cut either.
        if not number.is_finite() or abs(number) > MOST_DEGREES:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number.quantize(Decimal("0.000001"))


def _choices(name: str, field: Any) -> list[tuple[str, str]]:
    return [("", UNFILLED), *((value, label) for value, label in field.flatchoices if value)]


def record_field(name: str, *, by: User, kindergarten: Kindergarten | None, today: dt.date) -> Any:
    """The form's field for a field of the record."""
    model: Any = Kindergarten._meta.get_field(name)
    listed = FIELDS.get(name)
    common: dict[str, Any] = {
        "label": str(model.verbose_name),
        "required": not (model.blank or model.null),
        "help_text": listed.hint if listed else "",
    }
    if name == "host":
        return forms.ModelChoiceField(
            selectors.possible_hosts(by, kindergarten), empty_label="没有", **common
        )
    if name == "inspector":
        chosen = selectors.inspectors(by, today)
        if kindergarten is not None and kindergarten.inspector_id:
            # Who has left is kept until somebody else is chosen.
            before = User.objects.unscoped("the inspector of a kindergarten in hand")
            chosen = chosen | before.filter(pk=kindergarten.inspector_id)
        return forms.ModelChoiceField(chosen.distinct(), empty_label=UNFILLED, **common)
    if name in {"code", "uscc"}:
        return CodeText(max_length=40, **common)
    if name == "landline":
        return LandlineText(max_length=40, **common)
    if isinstance(model, models.BooleanField):
        yes, no = YES_NO[name]
        return forms.TypedChoiceField(
            choices=[("", UNFILLED), ("true", yes), ("false", no)],
            coerce=lambda value: value == "true",
            empty_value=None,
            **common,
        )
    if model.flatchoices:
        return forms.ChoiceField(choices=_choices(name, model), **common)
    if isinstance(model, models.DateField):
        return forms.DateField(widget=DateInput(), error_messages=DATE_ERRORS, **common)
    if isinstance(model, models.TimeField):
        return forms.TimeField(widget=TimeInput(), error_messages=TIME_ERRORS, **common)
    if isinstance(model, models.DecimalField):
        errors = {"invalid": "请填度数，如39.383512。", "max_decimal_places": "最多填6位小数。"}
        return Degrees(max_digits=12, error_messages=errors, **common)
    if isinstance(model, models.IntegerField):
        errors = {"invalid": "请填整数。", "min_value": "不能小于0。", "max_value": "最多填500。"}
        return forms.IntegerField(min_value=0, max_value=500, error_messages=errors, **common)
    needed = f"请填{model.verbose_name}。" if common["required"] else ""
    return line(common["label"], model.max_length, needed, help_text=common["help_text"])


class SectionForm(forms.Form):
    """One section. `values()` is what the services take; `seen` is what the form was made from."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=40)

    def __init__(
        self,
        *args: Any,
        section: Section,
        kindergarten: Kindergarten,
        by: User,
        today: dt.date,
        officer: bool,
        proposes: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        self.names = section.field_names(officer=officer)
        for name in self.names:
            self.fields[name] = record_field(name, by=by, kindergarten=kindergarten, today=today)
        for column in section.reasons:
            self.fields[column] = line(REASON_LABELS[column], 200, help_text=REASON_HINT)
        if proposes:
            self.fields["proposal_reason"] = line(
                "依据",
                200,
                "请写明依据，教育局核对时要看。",
                help_text="如证书名称和编号、变更原因",
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.initial = {
            **current_texts(kindergarten, [*self.names, *section.reasons]),
            **self.initial,
        }

    def clean_institution_type(self) -> str:
        value: str = self.cleaned_data["institution_type"]
        if not value:
            raise forms.ValidationError("请选择办学类型。")
        return value

    def clean_opened_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["opened_on"]
        if not 1900 <= day.year <= 2100:
            raise forms.ValidationError("请核对年份。")
        return day

    def clean_uscc(self) -> str | None:
        return self.cleaned_data["uscc"] or None

    def clean(self) -> dict[str, Any]:
        """A site without its host is asked for it, whatever else is wrong."""
        cleaned = super().clean() or {}
        asked = "host" in self.fields and cleaned.get("institution_type") in SITES
        if asked and cleaned.get("host") is None and not self.has_error("host"):
            self.add_error("host", NEEDS_HOST)
        return cleaned

    def values(self) -> dict[str, Any]:
        kept = [*self.names, *self.section.reasons]
        return {name: self.cleaned_data[name] for name in kept if name in self.cleaned_data}

    def add_findings(self, findings: list[rules.Finding]) -> None:
        """Put each finding under its field; one that wants a reason under the reason too."""
        for finding in findings:
            name = finding.field if finding.field in self.fields else None
            self.add_error(name, finding.text)
            reason = REASON_OF.get(finding.field)
            if finding.severity == rules.Severity.REASON and reason in self.fields:
                self.add_error(reason, "请写明依据，或改正上面的内容。")


class RenameForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=120)
    name = line("新名称", 120, "请填新名称。")
    valid_from = forms.DateField(label="启用日期", widget=DateInput(), error_messages=DATE_ERRORS)
    reason = line(
        "更名原因和批准文号",
        200,
        "请写明更名原因和批准文号。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    name_reason = line("名称的说明", 200, help_text=REASON_HINT)


class DeclineForm(forms.Form):
    reason = line("不采用的原因", 200, "请写明为什么不采用，园长要看。")


# What a kindergarten is registered with; the rest is filled in on its page.
REGISTERED_WITH = (
    "code", "uscc", "institution_type", "host", "host_name", "opened_on", "sponsor_name", "address",
)  # fmt: skip
STATUS_FIELDS = ("sponsor_type", "ownership", "for_profit", "half_day")


class RegisterForm(forms.Form):
    """Says all its own problems; those of the books and the law come by add_findings."""

    name = line("园名", 120, "请填园名，与批准文件一致。")
    town = forms.ModelChoiceField(
        Region.objects.none(),
        label="乡镇街道",
        empty_label="请选择",
        error_messages={"required": "请选择乡镇街道。", "invalid_choice": "请从列表中选择。"},
    )
    sponsor_type = forms.ChoiceField(
        label="办别",
        choices=[("", "请选择"), *KindergartenStatus.SponsorType.choices],
        error_messages={"required": "请选择办别。"},
    )
    ownership = forms.ChoiceField(
        label="办园性质",
        choices=[("", "请选择"), *KindergartenStatus.Ownership.choices],
        error_messages={"required": "请选择办园性质。"},
        help_text="普惠性民办要有认定文件，下面写认定文号；还没认定的按非普惠登记",
    )
    for_profit = forms.BooleanField(label="营利性", required=False)
    half_day = forms.BooleanField(label="半日制", required=False)
    valid_from = forms.DateField(
        label="在册起始日期",
        widget=DateInput(),
        error_messages=DATE_ERRORS,
        help_text="从这一天起计入三率；筹建的园最多填到12个月以后",
    )
    document_number = line("批准文号或许可证号", 100, "请写明批准文号或办学许可证号。")
    reason = line("登记原因", 200, "请写明登记原因。", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, by: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in REGISTERED_WITH:
            self.fields[name] = record_field(name, by=by, kindergarten=None, today=today)
        for column in ("name_reason", "code_reason", "uscc_reason"):
            self.fields[column] = line(REASON_LABELS[column], 200, help_text=REASON_HINT)
        region = by.acting.organisation.region if by.acting else None
        towns = Region.objects.none()
        if region is not None:
            towns = Region.objects.within(region).active().filter(level=Region.Level.TOWN)
        self.fields["town"].queryset = towns.order_by("code")  # type: ignore[attr-defined]
        self.initial = {"valid_from": today, "institution_type": "independent", **self.initial}

    def clean_uscc(self) -> str | None:
        return self.cleaned_data["uscc"] or None

    def record_values(self) -> dict[str, Any]:
        """The record as far as it could be read: all of it in a valid form."""
        names = ("name", *REGISTERED_WITH, "name_reason", "code_reason", "uscc_reason")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def status_values(self) -> dict[str, Any]:
        """The status as far as it could be read: all of it in a valid form."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in STATUS_FIELDS if name in cleaned}
        if values.get("ownership") == KindergartenStatus.Ownership.INCLUSIVE_PRIVATE:
            # Recognised by the paper it is registered on.
            values["recognition_document"] = cleaned.get("document_number", "")
        return values

    def add_findings(self, findings: list[rules.Finding]) -> None:
        for finding in findings:
            name = finding.field if finding.field in self.fields else None
            self.add_error(name, finding.text)
            reason = REASON_OF.get(finding.field)
            if finding.severity == rules.Severity.REASON and reason in self.fields:
                self.add_error(reason, "请写明依据，或改正上面的内容。")
