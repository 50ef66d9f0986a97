"""What is typed about approved posts and a year's pay."""

from __future__ import annotations

from typing import Any

from django import forms

from kindergartens.form_fields import DateField, WholeField, line
from staffing.establishment.rules import Paid, pay_problem
from staffing.establishment.services import Lines, QuotaFacts, stamp_of_year
from staffing.models import PayRecord

CELLS = tuple((kind, title) for title in PayRecord.Title.values for kind in PayRecord.Kind.values)


class PayForm(forms.Form):
    """Every title of both kinds: people, and what they were paid together in the year."""

    def __init__(self, data: Any = None, *, there: Lines) -> None:
        initial: dict[str, Any] = {"seen": stamp_of_year(there)}
        for (kind, title), paid in there.items():
            initial |= {f"{kind}-{title}-heads": paid.heads, f"{kind}-{title}-yuan": paid.yuan}
        super().__init__(data, initial=initial)
        for kind, title in CELLS:
            name = f"{PayRecord.Kind(kind).label}{PayRecord.Title(title).label}"
            self.fields[f"{kind}-{title}-heads"] = WholeField(f"{name}人数", max_digits=4)
            self.fields[f"{kind}-{title}-yuan"] = WholeField(
                f"{name}工资", max_digits=11, required=False
            )
        if there:
            self.fields["reason"] = line("更正原因", 300, "请写明为什么更正，会记入改动记录。")
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A line of nobody may leave its pay blank; a line of somebody may not."""
        data = super().clean() or {}
        for kind, title in CELLS:
            yuan_name = f"{kind}-{title}-yuan"
            heads, yuan = data.get(f"{kind}-{title}-heads"), data.get(yuan_name)
            if heads is None or yuan_name in self.errors:
                continue
            if yuan is None and heads:
                self.add_error(yuan_name, "有人，请填全年实发工资合计。")
                continue
            data[yuan_name] = yuan or 0
            if problem := pay_problem(heads, data[yuan_name]):
                self.add_error(yuan_name, problem)
        return data

    def lines(self) -> dict[tuple[str, str], Paid]:
        data = self.cleaned_data
        return {
            (kind, title): Paid(data[f"{kind}-{title}-heads"], data[f"{kind}-{title}-yuan"])
            for kind, title in CELLS
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the table: a row a title, its four cells in the order of the head."""
        return [
            {
                "label": label,
                "cells": [
                    self[f"{kind}-{title}-{what}"]
                    for kind in PayRecord.Kind.values
                    for what in ("heads", "yuan")
                ],
            }
            for title, label in PayRecord.Title.choices
        ]


class QuotaForm(forms.Form):
    posts = WholeField("核定编制数", unit="名", max_digits=4)
    valid_from = DateField("自哪天起")
    document = line("批准文件", 200, "请填批准编制的文件名称。")
    document_number = line("文号", 80)

    def facts(self) -> QuotaFacts:
        return QuotaFacts(**self.cleaned_data)


class QuotaWithdrawalForm(forms.Form):
    reason = line("撤销原因", 300, "请写明登记错了什么，会记入改动记录。")
