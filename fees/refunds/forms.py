"""What is typed to set a rule of refunds, and to compute one refund."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

from accounts.formatting import zhdate
from fees.forms import WRONG_CHOICE
from fees.models import RefundRule, ScheduledFee
from fees.refunds.rules import BASES, REFUNDED, Band, Basis, Rule, band_problem
from kindergartens.dated.forms import Correcting, DatedForm, PercentField
from kindergartens.form_fields import DateField, KindergartenField, WholeField

MOST_BANDS = 5
INCLUDED = (("yes", "含"), ("no", "不含"))


class RuleFields(forms.Form):
    """Bands are typed from the fewest days attended on; lines left blank are no bands."""

    basis = forms.ChoiceField(
        label="办法", choices=[(one.value, text) for one, text in BASES.items()],
        error_messages=WRONG_CHOICE,
        help_text="分档的填下面的各档；按月份或天数的填退费比例",
    )  # fmt: skip
    percent = PercentField("退费比例", required=False, help_text="按月份或天数退的填")
    least_days = WholeField(
        "缺勤满几天才退", unit="天", required=False, max_digits=2, help_text="没有这条规定的留空"
    )

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for at in range(1, MOST_BANDS + 1):
            self.fields[f"up_to_{at}"] = PercentField(f"第{at}档：出勤到", required=False)
            self.fields[f"included_{at}"] = forms.ChoiceField(
                label=f"第{at}档：这个比例", choices=INCLUDED, required=False
            )
            self.fields[f"back_{at}"] = PercentField(f"第{at}档：退", required=False)
        self.order_fields(self.field_order)

    @property
    def band_fields(self) -> list[tuple[int, Any, Any, Any]]:
        return [
            (at, self[f"up_to_{at}"], self[f"included_{at}"], self[f"back_{at}"])
            for at in range(1, MOST_BANDS + 1)
        ]

    @property
    def plain_fields(self) -> list[Any]:
        return [one for one in self if not one.name.startswith(("up_to_", "included_", "back_"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if data["basis"] == Basis.ATTENDED:
            self._check_bands(data)
        elif data.get("percent") is None:
            self.add_error("percent", "请填退费比例，全退填100。")
        return data

    def _check_bands(self, data: dict[str, Any]) -> None:
        places = [
            at
            for at in range(1, MOST_BANDS + 1)
            if data.get(f"up_to_{at}") is not None or data.get(f"back_{at}") is not None
        ]
        for at in places:
            for name in (f"up_to_{at}", f"back_{at}"):
                if data.get(name) is None:
                    self.add_error(name, "这一档没有填全，请填好或清空。")
        if not self.errors:
            at, text = band_problem(_bands(data, places))
            if text:
                self.add_error(f"up_to_{places[at] if places else 1}", text)

    def values(self) -> dict[str, Any]:
        data, by_bands = self.cleaned_data, self.cleaned_data["basis"] == Basis.ATTENDED
        places = [at for at in range(1, MOST_BANDS + 1) if data.get(f"up_to_{at}") is not None]
        bands = _bands(data, places) if by_bands else []
        kept = {
            name: data[name]
            for name in ("item", "basis", "document", "valid_from", "valid_to")
            if name in data
        }
        return kept | {
            "bands": [[str(one.up_to), one.inclusive, str(one.percent)] for one in bands],
            "percent": None if by_bands else data["percent"],
            "least_days": (data.get("least_days") or 0) if data["basis"] == Basis.BY_DAY else 0,
        }

    def rule(self) -> Rule:
        values = self.values()
        return RefundRule(
            **{name: values[name] for name in ("basis", "bands", "percent", "least_days")}
        ).rule


def _bands(data: dict[str, Any], places: list[int]) -> list[Band]:
    return [
        Band(data[f"up_to_{at}"], data[f"included_{at}"] != "no", data[f"back_{at}"])
        for at in places
    ]


class RuleForm(RuleFields, DatedForm):
    item = forms.ChoiceField(
        label="收费项目", choices=list(REFUNDED.items()), error_messages=WRONG_CHOICE
    )
    field_order = ("item", "basis", "percent", "least_days", "valid_from", "document")


class RuleCorrectionForm(RuleFields, DatedForm, Correcting):
    field_order = (
        "basis", "percent", "least_days", "valid_from", "valid_to", "document", "reason",
    )  # fmt: skip


def initial_of(row: RefundRule) -> dict[str, Any]:
    """A row as the form of its correction offers it."""
    found: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("basis", "percent", "least_days", "document", "valid_from", "valid_to")
    }
    for at, (up_to, inclusive, percent) in enumerate(row.bands, 1):
        found |= {
            f"up_to_{at}": Decimal(up_to),
            f"included_{at}": "yes" if inclusive else "no",
            f"back_{at}": Decimal(percent),
        }
    return found


class WhichForm(forms.Form):
    kindergarten = KindergartenField("幼儿园", required=True)


def _charged_on(one: ScheduledFee, day: dt.date) -> bool:
    return one.valid_from <= day and (one.valid_to is None or day < one.valid_to)


def _days(one: ScheduledFee) -> str:
    """Since when it is charged, and until when: the same charge has several lines."""
    until = f"，到{zhdate(one.valid_to)}前" if one.valid_to else ""
    return f"{zhdate(one.valid_from)}起{until}"


class CalculatorForm(forms.Form):
    """Either the last day the child came, or a month and how many days it was away."""

    line = forms.ChoiceField(label="退哪一项", error_messages=WRONG_CHOICE)
    left_on = DateField(
        "离园日", required=False, help_text="离园的填最后到园的那一天；还在园的留空"
    )
    month = forms.CharField(
        label="月份", required=False, help_text="写成2026-10这样；填了离园日的可以留空",
        widget=forms.TextInput(attrs={"type": "month"}),
    )  # fmt: skip
    absent = WholeField(
        "缺勤天数", unit="天", required=False, max_digits=2, help_text="离园的不填，由离园日算出"
    )
    working = WholeField(
        "当月工作日", unit="天", required=False, max_digits=2,
        help_text="留空按国家放假安排算；幼儿园另外放假的，填实际开园的天数",
    )  # fmt: skip
    meals_a_day = WholeField(
        "每天几餐", unit="餐", required=False, max_digits=1, help_text="按餐收的才填"
    )

    def __init__(self, data: Any = None, *, lines: list[ScheduledFee], today: dt.date) -> None:
        # What is charged today is asked for most.
        current = [one for one in lines if _charged_on(one, today)]
        super().__init__(data, initial={"line": str(current[0].pk)} if current else {})
        self.fields["line"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.label}（{one.get_scope_display()}）{one.price}，{_days(one)}")
            for one in lines
        ]

    def clean_month(self) -> dt.date | None:
        text = self.cleaned_data["month"].strip()
        if not text:
            return None
        try:
            return dt.date.fromisoformat(f"{text}-01")
        except ValueError:
            raise forms.ValidationError("月份写成2026-10这样。") from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        left_on, month, absent = data["left_on"], data["month"], data["absent"]
        if left_on is None and absent is None:
            self.add_error("absent", "请填离园日，或填月份和缺勤天数。")
        elif left_on is not None and absent is not None:
            self.add_error("absent", "填了离园日，缺勤天数由它算出，请清空一个。")
        elif left_on is None and month is None:
            self.add_error("month", "请填是哪个月缺勤的。")
        elif left_on is not None and month is not None and left_on.replace(day=1) != month:
            self.add_error("left_on", f"离园日不在{month.year}年{month.month}月，请改一个。")
        return data
