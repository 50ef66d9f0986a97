"""What is typed about a filing: its lines as one table, the cost sheet, an act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from accounts.people.forms import reason_field
from fees.filing.rules import COSTS, Line
from fees.filing.selectors import LINE
from fees.forms import MoneyField
from fees.models import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit
from fees.rules import MOST_IN_FORCE
from kindergartens.form_fields import DateField, NumberField, WholeField, line

NO_SUCH = {"invalid_choice": "没有这个选项，请重新选择。"}
# As many lines as may be in force, and as many to be stopped beside.
MOST_ROWS = MOST_IN_FORCE + 10
FIRST_ROWS, MORE_ROWS = 3, 5


def _choice(label: str, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=NO_SUCH)


def _fields(number: int) -> dict[str, forms.Field]:
    said = f"第{number}行"
    return {
        "item": _choice(f"{said}收费项目", [("", "请选择"), *FeeItem.choices]),
        "name": line(f"{said}项目名称", 40),
        "scope": _choice(f"{said}收费对象", FeeScope.choices),
        "hours": _choice(f"{said}作息", FeeHours.choices),
        "entrants": _choice(f"{said}适用幼儿", Entrants.choices),
        "amount": MoneyField(f"{said}标准", required=False),
        "unit": _choice(f"{said}计费单位", FeeUnit.choices),
        "before_waiver": MoneyField(f"{said}减免前标准", required=False),
        "valid_from": DateField(f"{said}起始日期", required=False),
        "content": line(f"{said}服务内容", 200),
        "basis": line(f"{said}定价依据", 120),
        "stops": forms.BooleanField(label=f"{said}不再收", required=False),
    }


HINTS = {
    "name": "名称",
    "amount": "元",
    "before_waiver": "减免前（大班、混合班）",
    "content": "服务内容",
    "basis": "定价依据",
}


def _in_a_cell(name: str, field: forms.Field) -> forms.Field:
    """A table has no room for a label at each: it is read out, and hinted at while empty."""
    is_choice, is_check = hasattr(field.widget, "choices"), name == "stops"
    css = "form-check-input" if is_check else "form-select" if is_choice else "form-control"
    field.widget.attrs |= {"class": css} | ({} if is_check else {"aria-label": field.label})
    if name in HINTS:
        field.widget.attrs["placeholder"] = HINTS[name]
    return field


class LinesForm(forms.Form):
    """All lines; a row without item, name and amount is none. `lines()` once it is valid.

    A row that stood there is taken out by emptying these; of a new one nothing else may be left over.
    """

    note = line("调整说明", 300, help_text="为什么调整，审核时看")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    rows = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, there: Sequence[Line], note: str, seen: str, more: bool = False
    ) -> None:
        blank = MORE_ROWS if more else FIRST_ROWS
        number = min(len(there) + blank, MOST_ROWS)
        if data is not None:
            typed = str(data.get("rows", ""))
            number = min(int(typed), MOST_ROWS) if typed.isdecimal() and len(typed) < 4 else number
        initial: dict[str, Any] = {"note": note, "seen": seen, "rows": number}
        for at, one in enumerate(there, start=1):
            initial |= {f"{at}-{name}": getattr(one, name) for name in LINE}
        super().__init__(data, initial=initial)
        self.number, self.standing = number, len(there)
        for at in range(1, number + 1):
            for name, field in _fields(at).items():
                self.fields[f"{at}-{name}"] = _in_a_cell(name, field)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for at in range(1, self.number + 1):
            if self._is_blank(at):
                if at > self.standing and self._says(at, LEFT_OVER):
                    self.add_error(
                        f"{at}-item", "这一行还没有收费项目和标准，请补上；不要这一行的，清空整行。"
                    )
                continue
            if not data.get(f"{at}-item") and f"{at}-item" not in self.errors:
                self.add_error(f"{at}-item", "请选收费项目；不要这一行的，清空项目名称和标准。")
            if data.get(f"{at}-amount") is None and f"{at}-amount" not in self.errors:
                self.add_error(f"{at}-amount", "请填标准。")
        return data

    def _is_blank(self, at: int) -> bool:
        """As it was typed: what could not be read is something, too."""
        return not self._says(at, ("item", "name", "amount"))

    def _says(self, at: int, names: Sequence[str]) -> bool:
        return any(str(self.data.get(f"{at}-{name}", "")).strip() for name in names)

    def lines(self) -> list[Line]:
        rows = [at for at in range(1, self.number + 1) if not self._is_blank(at)]
        return [
            Line(position, **{name: self._value(at, name) for name in LINE})
            for position, at in enumerate(rows, start=1)
        ]

    def _value(self, at: int, name: str) -> Any:
        value = self.cleaned_data[f"{at}-{name}"]
        return value or DEFAULTS.get(name, value)

    @property
    def table(self) -> Iterator[dict[str, BoundField]]:
        for at in range(1, self.number + 1):
            yield {name: self[f"{at}-{name}"] for name in LINE}


# What people type beside them; choices begin with an answer and say nothing.
LEFT_OVER = ("before_waiver", "valid_from", "content", "basis", "stops")
# What a choice that was sent empty stands for.
DEFAULTS = {
    "scope": FeeScope.ALL.value,
    "hours": FeeHours.ANY.value,
    "entrants": Entrants.ALL.value,
    "unit": FeeUnit.MONTH.value,
}


class CostForm(forms.Form):
    """The cost sheet of a year; what a child costs a month is computed from it."""

    year = WholeField("核算年度", unit="年", max_digits=4, min_value=Decimal(2000))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        for name, label in COSTS.items():
            self.fields[name] = NumberField(label, unit="元")
        self.fields["public_input"] = NumberField(
            "财政补助", unit="元", help_text="要从成本里减去；没有的填0"
        )
        self.fields["donations"] = NumberField(
            "捐赠", unit="元", help_text="要从成本里减去；没有的填0"
        )
        self.fields["children"] = WholeField(
            "年均在园幼儿数", unit="名", min_value=Decimal(1), max_digits=5
        )
        self.fields["months"] = WholeField(
            "收费月数", unit="个月", min_value=Decimal(1), max_digits=2
        )
        # What is hidden stands after what is seen, or two labels touch.
        self.fields["seen"] = self.fields.pop("seen")

    def clean_months(self) -> int:
        months: int = self.cleaned_data["months"]
        if months > 12:
            raise forms.ValidationError("一年最多12个月，请核对。")
        return months

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class ActForm(forms.Form):
    """What an act may take; which it wants, the act says itself."""

    document_number = line("备案文号", 100, help_text="审核通过的填")
    published_on = DateField("公示日期", required=False)
    published_where = line("在哪里公示", 120, help_text="例如园门口公示栏、招生简章")
    reason = reason_field("意见")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"].required = False
