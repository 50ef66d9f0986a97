"""What is filled in for a procedure; the fields and documents are those its kind names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.files import FileRefused, intake
from accounts.files.intake import Accepted
from accounts.models import Region
from accounts.people.forms import DATE_ERRORS, CleanText, DateInput, reason_field
from accounts.typed_text import clean
from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.form_fields import NumberField
from kindergartens.models import Kindergarten, KindergartenStatus, Placement, Procedure
from kindergartens.procedures.kinds import OPINIONS, Field, Kind
from kindergartens.procedures.rules import (
    audited_problem,
    expiry_problem,
    renewal_problem,
    term_problem,
)
from kindergartens.procedures.services import Asked

PLACEMENT_ROWS = 8
# So many are shown at once; most kindergartens that close send their children to few places.
ROWS_AT_FIRST = 3
OTHERS_OF_COUNTY = "kindergartens of the own county to choose from, by name"


def _date(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), error_messages=DATE_ERRORS, **kwargs)


def _number(label: str, low: int, high: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=low, max_value=high,
        error_messages={
            "required": "请填数字。", "invalid": "请填整数。",
            "min_value": f"最小填{low}。", "max_value": f"最大填{high}。",
        },
    )  # fmt: skip


class AskForm(forms.Form):
    """One procedure of one kindergarten; `asked()` is what was filled in, once it is valid."""

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        kindergarten: Kindergarten,
        procedure: Procedure | None = None,
        today: dt.date,
        **kwargs: Any,
    ) -> None:
        if procedure is not None:
            kwargs.setdefault("initial", {}).update(_initial(procedure))
        else:
            kwargs.setdefault("initial", {}).update(
                {"d_year": today.year - 1, "d_expires": kindergarten.licence_until}
            )
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.county = kindergarten.organisation.region.county_id
        self.kindergarten = kindergarten
        self.today = today
        if kind.occurs:
            self.fields["occurred_on"] = _date(kind.occurs)
        for field in kind.fields:
            self.fields[f"d_{field.name}"] = self._field(field)
        if kind.has_effect:
            self.fields["effective_on"] = _date(
                "从哪一天起生效", help_text="要在今天之后。统计时点在这一天之前的月份，三率不变。"
            )
        self.fields["reason"] = reason_field("事由", "请写明事由。")
        if kind.places_children:
            self._add_placements()
        there = set(procedure.documents.values_list("title", flat=True)) if procedure else set()
        for number, title in enumerate(kind.documents):
            self.fields[f"file_{number}"] = forms.FileField(
                label=title,
                required=title not in there,
                widget=forms.ClearableFileInput(attrs={"accept": intake.ACCEPT}),
                help_text="已交，不用再传；另选文件则补交新的。" if title in there else "",
                error_messages={
                    "required": "请上传这份材料。",
                    "empty": "文件是空的，请重新选择。",
                },
            )

    def _field(self, field: Field) -> forms.Field:
        if field.type == "date":
            return _date(field.label)
        if field.type == "number":
            return _number(field.label, 0, 999)
        if field.type == "money":
            return NumberField(field.label)
        if field.type == "opinion":
            return self._choice(field.label, OPINIONS.items())
        if field.type == "year":
            # A year is audited when it is over.
            return _number(field.label, 2010, self.today.year - 1)
        if field.type == "town":
            towns = Region.objects.filter(
                level=Region.Level.TOWN, county=self.county, is_active=True
            ).order_by("code")
            return self._choice(field.label, [(town.pk, town.name) for town in towns])
        if field.type == "sponsor":
            own = self.kindergarten.statuses.order_by("-valid_from").first()
            public = own is not None and own.sponsor_type not in PRIVATE_SPONSORS
            choices = [
                choice
                for choice in KindergartenStatus.SponsorType.choices
                if not (public and choice[0] in PRIVATE_SPONSORS)
            ]
            return self._choice(field.label, choices)
        if field.type == "receiver":
            return self._choice(field.label, self._others())
        return CleanText(label=field.label, max_length=120, error_messages={"required": "请填写。"})

    def _choice(self, label: str, choices: Any) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=label, choices=[("", "请选择"), *choices],
            error_messages={"required": "请选择。", "invalid_choice": "请在列表里选。"},
        )  # fmt: skip

    def _others(self) -> list[tuple[int, str]]:
        rows = (
            Kindergarten.objects.unscoped(OTHERS_OF_COUNTY)
            .filter(organisation__region__county=self.county)
            .exclude(pk=self.kindergarten.pk)
        )
        return list(rows.order_by("organisation__region__code", "name").values_list("pk", "name"))

    def _add_placements(self) -> None:
        others = self._others()
        for row in range(PLACEMENT_ROWS):
            self.fields[f"p{row}_destination"] = forms.ChoiceField(
                label="去向", required=False, choices=[("", "—"), *Placement.Destination.choices]
            )
            self.fields[f"p{row}_receiver"] = forms.ChoiceField(
                label="接收园", required=False, choices=[("", "—"), *others]
            )
            self.fields[f"p{row}_children"] = forms.IntegerField(
                label="人数", required=False, min_value=1, max_value=5000,
                error_messages={"invalid": "请填整数。", "min_value": "请填人数。"},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.kind.code == "licence_renewal":
            self._check_renewal(cleaned.get("d_expires"), cleaned.get("d_until"))
        if self.kind.code == "recognition":
            self._check_term(cleaned.get("effective_on"), cleaned.get("d_until"))
        year, audited_on = cleaned.get("d_year"), cleaned.get("d_audited_on")
        if year is not None and audited_on is not None:
            problem = audited_problem(year, audited_on, self.today)
            if problem:
                self.add_error("d_audited_on", problem)
        if self.kind.places_children:
            for row in range(PLACEMENT_ROWS):
                destination = cleaned.get(f"p{row}_destination")
                receiver = cleaned.get(f"p{row}_receiver")
                children = cleaned.get(f"p{row}_children")
                if not (destination or receiver or children):
                    continue
                if not destination or not children:
                    self.add_error(f"p{row}_children", f"第{row + 1}行要填去向和人数。")
                elif (destination == Placement.Destination.KINDERGARTEN) != bool(receiver):
                    self.add_error(
                        f"p{row}_receiver", f"第{row + 1}行：转入幼儿园要选接收园，其他去向不选。"
                    )
        return cleaned

    def _check_renewal(self, expires: dt.date | None, until: dt.date | None) -> None:
        if expires is None:
            return
        problem = expiry_problem(expires, self.kindergarten.licence_until)
        if problem:
            self.add_error("d_expires", problem)
        elif until is not None:
            problem = renewal_problem(expires, until, licence_from=self.kindergarten.licence_from)
            if problem:
                self.add_error("d_until", problem)

    def _check_term(self, effective_on: dt.date | None, until: dt.date | None) -> None:
        if effective_on is not None and until is not None:
            problem = term_problem(effective_on, until)
            if problem:
                self.add_error("d_until", problem)

    def rows(self) -> list[dict[str, Any]]:
        """The placement rows as bound fields."""
        if not self.kind.places_children:
            return []
        names = ("destination", "receiver", "children")
        return [{name: self[f"p{row}_{name}"] for name in names} for row in range(PLACEMENT_ROWS)]

    def first_rows(self) -> list[dict[str, Any]]:
        return self.rows()[:ROWS_AT_FIRST]

    def rest_of_rows(self) -> list[dict[str, Any]]:
        """Those that open when they are needed."""
        return self.rows()[ROWS_AT_FIRST:]

    def rest_is_used(self) -> bool:
        rest = self.rest_of_rows()
        return any(bound.value() or bound.errors for row in rest for bound in row.values())

    def plain_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith(("p", "file_"))]

    def file_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("file_")]

    def take_files(self) -> dict[str, Accepted]:
        """The uploaded documents, looked through. Errors are put at their fields."""
        found: dict[str, Accepted] = {}
        for number, title in enumerate(self.kind.documents):
            upload: UploadedFile | None = self.cleaned_data.get(f"file_{number}")
            if not upload:
                continue
            try:
                if upload.size is not None and upload.size > intake.largest():
                    raise intake.too_large(upload.size)
                found[title] = intake.accept(upload.name or "", upload.read())
            except FileRefused as refusal:
                self.add_error(f"file_{number}", refusal.reason)
        return found

    def asked(self, files: dict[str, Accepted]) -> Asked:
        cleaned = self.cleaned_data
        details: dict[str, object] = {}
        for field in self.kind.fields:
            value = cleaned[f"d_{field.name}"]
            if isinstance(value, dt.date):
                value = value.isoformat()
            if field.type in {"town", "receiver"}:
                value = int(value)
            if field.type == "money":
                value = str(value)
            details[field.name] = value
        placements = [
            (
                cleaned[f"p{row}_destination"],
                int(cleaned[f"p{row}_receiver"]) if cleaned[f"p{row}_receiver"] else None,
                int(cleaned[f"p{row}_children"]),
            )
            for row in range(PLACEMENT_ROWS if self.kind.places_children else 0)
            if cleaned.get(f"p{row}_children")
        ]
        return Asked(
            reason=cleaned["reason"],
            details=details,
            occurred_on=cleaned.get("occurred_on"),
            effective_on=cleaned.get("effective_on"),
            placements=placements,
            files=files,
        )


def _initial(procedure: Procedure) -> dict[str, Any]:
    values: dict[str, Any] = {f"d_{name}": value for name, value in procedure.details.items()}
    values |= {
        "reason": procedure.reason,
        "occurred_on": procedure.occurred_on,
        "effective_on": procedure.effective_on,
    }
    for number, row in enumerate(
        procedure.placements.values("destination", "receiver", "children")
    ):
        values |= {f"p{number}_{name}": value for name, value in row.items()}
    return values


class OpinionForm(forms.Form):
    reason = CleanText(
        label="意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回、不予同意要写明理由；退回时一次写全要补正的内容。",
        error_messages={"max_length": "最多300字，请删减。"},
    )  # fmt: skip


class Lines(CleanText):
    """Several lines, one a point."""

    def to_python(self, value: Any) -> str:
        return clean(value)


class ConclusionForm(OpinionForm):
    """What a yearly check ends with. Asked for only where the check is ended by it."""

    conclusion = forms.ChoiceField(
        label="年检结论", required=False,
        error_messages={"invalid_choice": "请在列表里选年检结论。"},
    )  # fmt: skip
    to_mend = Lines(
        label="要整改的内容", max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "最多1000字，请删减。"},
    )  # fmt: skip
    field_order = ("conclusion", "to_mend", "reason")

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mends = [one.name for one in kind.conclusions if one.mend]
        self.fields["conclusion"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"), *((one.code, one.name) for one in kind.conclusions)
        ]  # fmt: skip
        self.fields[
            "to_mend"
        ].help_text = (
            f"{'、'.join(mends)}必填，逐条写明改什么、改到什么程度；本园看得到。退回补正时不填。"
        )


class DecisionForm(OpinionForm):
    decision_number = CleanText(
        label="决定文号", max_length=100, required=False,
        help_text="同意时必填，如：武教审〔2026〕12号。",
        error_messages={"max_length": "最多100字，请删减。"},
    )  # fmt: skip


def acting_form(procedure: Procedure, kind: Kind, data: Any = None) -> OpinionForm:
    """What is typed with the next act on a procedure."""
    if procedure.state == Procedure.State.CHECKED:
        return DecisionForm(data)
    if procedure.state == Procedure.State.ASKED and kind.conclusions:
        return ConclusionForm(data, kind=kind)
    return OpinionForm(data)
