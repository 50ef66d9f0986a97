"""One region's children of a date, by age, with where they come from and why they change."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.typed_text import clean
from kindergartens.population.rules import AGES
from kindergartens.population.selectors import ALL_AGES, Entered

MOST = 2_000_000


class PopulationForm(forms.Form):
    # The stamp of what was there when the form was opened (selectors.Entered).
    seen = forms.CharField(
        widget=forms.HiddenInput, error_messages={"required": "请返回重新打开这一页再填。"}
    )
    source = forms.CharField(
        label="来源", max_length=120, help_text="如“区统计局年报”",
        error_messages={"required": "请写明来源，如“区统计局年报”。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="原因", max_length=200, help_text="第一次登记写数从哪里来，更正写为什么改",
        error_messages={"required": "请写明原因。"},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for age in ALL_AGES:
            counted = age in AGES
            self.fields[f"age{age}"] = forms.IntegerField(
                label=f"{age}岁",
                min_value=0,
                max_value=MOST,
                required=counted,
                error_messages={
                    "required": f"请填{age}岁的人数；没有就填0。",
                    "invalid": "要填整数。",
                    "min_value": "人数不能是负数。",
                    "max_value": "人数太大了，请核对。",
                },
                help_text="" if counted else "选填，不进毛入园率",
            )
        self.order_fields([*(f"age{age}" for age in ALL_AGES), "source", "reason", "seen"])

    def clean_source(self) -> str:
        return clean(self.cleaned_data["source"])

    def clean_reason(self) -> str:
        return clean(self.cleaned_data["reason"])

    def differences(self, now: Entered) -> list[tuple[str, str, str]]:
        """Label, what is registered now and what was typed, of each value that is not the same."""
        values: dict[str, Any] = {f"age{age}": now.children.get(age) for age in ALL_AGES}
        values["source"] = now.source
        return [
            (str(self.fields[name].label), _shown(value), _shown(self.cleaned_data[name]))
            for name, value in values.items()
            if value != self.cleaned_data[name]
        ]

    def start_from(self, stamp: str) -> None:
        """What the person is shown now is what the next saving is measured against."""
        self.data = {**self.data.dict(), "seen": stamp}  # type: ignore[attr-defined]

    @property
    def children(self) -> dict[int, int | None]:
        """By age; an optional age that is left empty has no value."""
        return {age: self.cleaned_data.get(f"age{age}") for age in ALL_AGES}


def _shown(value: Any) -> str:
    return "空" if value in (None, "") else str(value)
