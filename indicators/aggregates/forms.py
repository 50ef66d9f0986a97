"""Correcting and withdrawing a row; cells are read as those of a table are."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.exchange.declaring import Column
from accounts.exchange.kinds import Choice, Wrong
from accounts.people.forms import reason_field
from indicators.aggregates.columns import BY_NAME, COUNTS
from indicators.aggregates.importable import AGGREGATES_TABLE
from indicators.aggregates.reading import (
    OFFERED,
    as_typed,
    counts_of_row,
    entry_of,
    faults_of_sponsors,
    published_name,
    spelled,
)
from indicators.aggregates.rules import broken_sums, impossible
from indicators.aggregates.services import Entry, stamp
from indicators.models import AggregateReturn

# What stands under which heading of the form.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("来源", ("kind", "place", "scope")),
    ("幼儿园和班", tuple(one.name for one in COUNTS if one.unit in {"所", "个"})),
    (
        "幼儿和人口",
        tuple(one.name for one in COUNTS if "children" in one.name or "population" in one.name),
    ),
    (
        "教职工",
        tuple(
            one.name
            for one in COUNTS
            if one.of_people and "children" not in one.name and "population" not in one.name
        ),
    ),
    ("条件", tuple(one.name for one in COUNTS if one.unit in {"㎡", "册"})),
    ("公布的比率", tuple(published_name(code) for code in OFFERED)),
)


class CellField(forms.CharField):
    """One cell of the table: typed as it is printed, read by the column's kind."""

    def __init__(self, column: Column, unit: str = "") -> None:
        self.column, self.unit = column, unit
        super().__init__(label=column.head, required=False, help_text=column.note, strip=True)
        self.widget.attrs |= {"autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.column.kind.read(text)
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from None


def _field(name: str) -> forms.Field:
    column = AGGREGATES_TABLE.column(name)
    if isinstance(column.kind, Choice):
        labels = dict(column.kind.labels)
        choices = (
            list(labels.items()) if name == "kind" else [("", "来源没有写明"), *labels.items()]
        )
        return forms.ChoiceField(label=column.head, choices=choices, required=name == "kind")
    count = BY_NAME.get(name)
    return CellField(column, count.unit if count else "")


class CorrectionForm(forms.Form):
    """Everything of a row but its place, date, source and sponsor, which make it that row."""

    def __init__(self, data: Any, row: AggregateReturn) -> None:
        self.row = row
        super().__init__(data, initial={**as_typed(row), "seen": stamp(row)})
        for _, names in GROUPS:
            for name in names:
                self.fields[name] = _field(name)
        self.fields["explanation"] = forms.CharField(
            label="说明", max_length=300, required=False,
            help_text="各数对不上的，写明原表如此和原因",
        )  # fmt: skip
        self.fields["reason"] = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in GROUPS]

    def values(self) -> dict[str, Any]:
        """The row as a table would have it."""
        kept = {"region": self.row.region_code, "reference_date": self.row.reference_date,
                "source": self.row.source, "sponsor": self.row.sponsor or "total"}  # fmt: skip
        typed = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"reason", "seen"} and value not in {None, ""}
        }
        return kept | typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        counts, faults = counts_of_row(self.values(), level=self.level)
        for name, text in faults:
            self.add_error(name, text)
        if faults:
            return cleaned
        wrong = impossible(counts)
        broken = [] if wrong or cleaned.get("explanation") else broken_sums(counts)
        if not wrong and not broken:
            broken = faults_of_sponsors(self._table(), level=self.level)
        for fault in (*wrong, *broken):
            self.add_error(fault.name, fault.text)
        if not counts and not any(cleaned.get(published_name(code)) for code in OFFERED):
            self.add_error(None, "没有数了。请至少留一个数；整条都不对的，请撤销。")
        return cleaned

    def _table(self) -> dict[str, dict[str, Any]]:
        """This row as it would be, and the others of its place, date and source, by sponsor."""
        others = AggregateReturn.objects.standing().of_table(self.row).exclude(pk=self.row.pk)
        typed = self.values()
        return {row.sponsor or "total": spelled(row) for row in others} | {typed["sponsor"]: typed}

    @property
    def level(self) -> int:
        return self.row.region.level if self.row.region else 0

    def entry(self) -> Entry:
        return entry_of(self.values(), self.row.region, level=self.level)


class WithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销，会记入改动记录。")
