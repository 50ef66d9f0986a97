"""What people type about a document and its targets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from accounts.people.forms import CleanText, reason_field
from accounts.typed_text import clean
from indicators.catalogue import INDICATORS, Indicator, Kind
from indicators.targets import rules
from indicators.targets.words import demanded, levels_text
from kindergartens.form_fields import DateField, line

VALUE_HINT = "占比填百分数，例如85%；师幼比填1:7或7；金额填元，面积填平方米"
NOT_A_NUMBER = "请填数，例如85%、1:7、500。"
REVERSED = re.compile(r"(\d+(?:\.\d+)?):1")


class ValueField(forms.CharField):
    """A target as people write it: 85%, 1:7, 500. `read` turns it into what is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="目标值", max_length=20, help_text=VALUE_HINT,
            error_messages={"required": "请填目标值。", "max_length": "数太长，请核对。"},
            **kwargs,
        )  # fmt: skip


def read_value(indicator: Indicator, text: str) -> Decimal:
    """What was typed, as it is kept: a share as a fraction. ValidationError says what to write."""
    plain = unicodedata.normalize("NFKC", clean(text)).replace(",", "").replace(" ", "")
    share = indicator.kind is Kind.SHARE
    if plain.endswith("%") and not share:
        raise forms.ValidationError(f"{indicator.name}不是占比，不写百分号。")
    if plain.startswith("1:") and indicator.kind is not Kind.RATIO:
        raise forms.ValidationError(f"{indicator.name}不是师幼比，不写“1:”。")
    reversed_ratio = REVERSED.fullmatch(plain)
    if reversed_ratio and indicator.kind is Kind.RATIO:
        raise forms.ValidationError(f"写反了：{plain}请写成1:{reversed_ratio[1]}，一人对几名幼儿。")
    try:
        number = Decimal(plain.removeprefix("1:").rstrip("%"))
    except InvalidOperation:
        raise forms.ValidationError(NOT_A_NUMBER) from None
    if not number.is_finite() or abs(number) >= 10**10:
        raise forms.ValidationError(NOT_A_NUMBER)
    if share and number == 1 and not plain.endswith("%"):
        raise forms.ValidationError("是1%还是100%？请连百分号一起写。")
    if share and 0 < number < 1 and not plain.endswith("%"):
        raise forms.ValidationError(
            f"请写成百分数：{rules.plain(number * 100)}%（即{rules.plain(number)}）。"
            f"真是{rules.plain(number)}%的，请连百分号一起写。"
        )
    value = number / 100 if share else number
    if value != value.quantize(Decimal("0.000001")):
        raise forms.ValidationError("小数位太多，请核对。")
    problem = rules.value_problem(indicator, value)
    if problem:
        raise forms.ValidationError(_share_problem(indicator, number) if share else problem)
    return value


def _share_problem(indicator: Indicator, percent: Decimal) -> str:
    most = rules.plain(rules.most_of_share(indicator) * 100)
    return f"{indicator.name}的目标{rules.plain(percent)}%不合理：要大于0%、不超过{most}%。"


class PolicyForm(forms.Form):
    title = line("文件名称", 200, required="请写文件名称。")
    document_number = line("文号", 80, help_text="例如教督〔2020〕1号；没有文号就留空")
    issued_on = DateField("印发日期", required=False)
    valid_from = DateField("施行起始日期", help_text="从这一天起用来判定；规划写第一年1月1日")
    valid_to = DateField(
        "规划截止日期", required=False,
        help_text="规划期的最后一天。到期后目标仍要保持，直到本地有新文件替代",
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("reason", "seen")
        }


class PolicyCorrectionForm(PolicyForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class TermsForm(forms.Form):
    """What is asked; `judged` is set by whoever knows the indicator before the value is read."""

    judged: Indicator | None = None
    value = ValueField()
    valid_from = DateField(
        "起始日期", required=False,
        help_text="与文件同日起就留空；从某天起改目标的，写这一天，以前的月份仍按原目标判",
    )  # fmt: skip
    by_date = DateField("达到时限", required=False, help_text="哪天以前要达到；没有时限就留空")
    clause = line("条款", 60, help_text="例如二（四）1")
    note = CleanText(label="说明", max_length=200, required=False)

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("reason", "seen")
        }

    def read(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        if self.judged is not None and cleaned.get("value"):
            try:
                cleaned["value"] = read_value(self.judged, cleaned["value"])
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def understood(self, levels: Iterable[str]) -> str:
        """持证率≥100%，考核到县区: what a valid form was taken to say, to be read once more."""
        if self.judged is None:
            return ""
        demand = demanded(self.judged, self.judged.operator, self.cleaned_data["value"])
        return f"{self.judged.name}{demand}，考核到{levels_text(rules.in_order(levels))}"


class TargetForm(TermsForm):
    indicator = forms.ChoiceField(
        label="指标", choices=[("", "请选择"), *((i.code, i.name) for i in INDICATORS.values())],
        error_messages={"required": "请选择指标。", "invalid_choice": "请从列表里选。"},
    )  # fmt: skip
    levels = forms.MultipleChoiceField(
        label="考核到哪一级", widget=forms.CheckboxSelectMultiple,
        help_text="区县和乡镇都选的，区县和每个乡镇都达到才算达标",
        error_messages={"required": "请至少选一级。", "invalid_choice": "请从列表里选。"},
    )  # fmt: skip
    field_order = ("indicator", "value", "levels", "valid_from", "by_date", "clause", "note")

    def __init__(self, *args: Any, levels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["levels"].choices = [(level, rules.LEVELS[level]) for level in levels]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.judged = INDICATORS.get(cleaned.get("indicator", ""))
        return self.read(cleaned)


class TargetCorrectionForm(TermsForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("value", "valid_from", "by_date", "clause", "note", "reason")

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.judged = indicator

    def clean(self) -> dict[str, Any]:
        return self.read(super().clean() or {})


class EndForm(forms.Form):
    """It was right and holds no longer, or it should never have stood there."""

    END, WITHDRAW = "end", "withdraw"
    how = forms.ChoiceField(
        label="怎样办", widget=forms.RadioSelect,
        choices=[(END, "从某天起不再执行，以前的月份照旧"), (WITHDRAW, "登记错了，撤销，哪个月都不算")],
        error_messages={"required": "请选一种。", "invalid_choice": "请选一种。"},
    )  # fmt: skip
    on = DateField("自哪天起不再执行", required=False, help_text="撤销的不用填")
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("how") == self.END and not cleaned.get("on") and "on" not in self.errors:
            self.add_error("on", "请填日期。")
        return cleaned
