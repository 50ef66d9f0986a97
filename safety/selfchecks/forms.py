"""What is answered in a self-check, line by line, and the photographs that came with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms

from accounts.files.carried import Carried, token_of
from accounts.models import User
from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, line
from safety.selfchecks.rules import (
    ANSWERS,
    MOST_IN_A_PLACE,
    MOST_IN_AN_ACCOUNT,
    NORMAL,
    NOT_APPLICABLE,
    Answered,
    Line,
    check_problems,
)

FIXED = {"yes": "当场整改了", "no": "还没有改好"}


@dataclass(frozen=True)
class LineView:
    """One line on the page: its fields, and the photographs that are kept already."""

    line: Line
    choices: list[tuple[str, str]]
    answer: forms.BoundField
    account: forms.BoundField
    place: forms.BoundField
    fixed: forms.BoundField
    repair_by: forms.BoundField
    photo_name: str
    photo_errors: Sequence[str]
    kept: Sequence[tuple[str, str]]

    @property
    def source(self) -> str:
        return f"《{self.line.document}》{self.line.clause}"

    @property
    def has_errors(self) -> bool:
        parts = (self.answer, self.account, self.place, self.fixed, self.repair_by)
        return bool(self.photo_errors) or any(part.errors for part in parts)


class CheckForm(forms.Form):
    """`photos`: by line, those that are kept already; `refused`: by line, why a file was not;
    `typed`: what stood there, where nothing is to be called wrong yet; `day_problem`: why a day
    cannot be.
    """

    day = DateField("检查日期")
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[Line],
        day: dt.date,
        day_problem: Callable[[dt.date], str],
        typed: Mapping[str, Any] | None = None,
        photos: Mapping[str, Sequence[Carried]] | None = None,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial={"day": day, "submission": uuid4(), **(typed or {})})
        self.day_problem = day_problem
        self.lines, self.photos = lines, photos or {}
        self.refused = refused or {}
        for one in lines:
            self.fields[f"{one.code}-answer"] = forms.ChoiceField(
                label=one.says, choices=self.choices_of(one), required=False,
                widget=forms.RadioSelect, error_messages={"invalid_choice": "请选列出的一项。"},
            )  # fmt: skip
            self.fields[f"{one.code}-account"] = line(
                "发现了什么问题", MOST_IN_AN_ACCOUNT, help_text="不写姓名"
            )
            self.fields[f"{one.code}-place"] = line("在哪里", MOST_IN_A_PLACE)
            self.fields[f"{one.code}-repair_by"] = DateField(
                "计划哪天改好", required=False, help_text="没有当场整改的填，会登记为隐患"
            )
            self.fields[f"{one.code}-fixed"] = forms.ChoiceField(
                label="当场整改了吗", choices=list(FIXED.items()), required=False,
                widget=forms.RadioSelect, error_messages={"invalid_choice": "请选列出的一项。"},
            )  # fmt: skip

    @staticmethod
    def choices_of(one: Line) -> list[tuple[str, str]]:
        """不适用 is offered where a kindergarten may lack the thing."""
        return [
            (code, words)
            for code, words in ANSWERS.items()
            if code != NOT_APPLICABLE or one.may_lack
        ]

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if problem := self.day_problem(day):
            raise forms.ValidationError(problem)
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for text in self.refused.values():
            self.add_error(None, f"照片没有收下：{text}")
        for code, name, text in check_problems(self.lines, self.answers(), data.get("day")):
            place = f"{code}-{name}"
            if place not in self.errors:
                self.add_error(place if place in self.fields else None, text)
        return data

    def answers(self) -> dict[str, Answered]:
        data = self.cleaned_data
        return {one.code: self._said(one.code, data) for one in self.lines}

    def _said(self, code: str, data: Mapping[str, Any]) -> Answered:
        fixed = data.get(f"{code}-fixed", "")
        return Answered(
            data.get(f"{code}-answer", ""),
            data.get(f"{code}-account", ""),
            data.get(f"{code}-place", ""),
            None if not fixed else fixed == "yes",
            data.get(f"{code}-repair_by"),
            len(self.photos.get(code, ())),
        )

    def views(self, by: User) -> Iterator[LineView]:
        for one in self.lines:
            code = one.code
            said = self.refused.get(code)
            yield LineView(
                one,
                self.choices_of(one),
                self[f"{code}-answer"],
                self[f"{code}-account"],
                self[f"{code}-place"],
                self[f"{code}-fixed"],
                self[f"{code}-repair_by"],
                f"{code}-photos",
                [said] if said else [],
                [(token_of(photo, by), photo.name) for photo in self.photos.get(code, ())],
            )


def all_normal(post: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """What was posted with every line that has no answer yet taken as 正常."""
    typed = {key: post.get(key) for key in post}
    for one in lines:
        typed[f"{one.code}-answer"] = typed.get(f"{one.code}-answer") or NORMAL
    return typed


class WithdrawForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")
