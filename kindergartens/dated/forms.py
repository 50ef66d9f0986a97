"""What is typed about a dated row of a place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, NumberField, line


class DatedForm(forms.Form):
    document = line(
        "依据文件", 120, required="请写依据文件的名称和文号。", help_text="文件名和文号"
    )
    valid_from = DateField("起始日期")

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("reason", "seen")
        }


class Correcting(forms.Form):
    valid_to = DateField("截止日期", required=False, help_text="这一天起不再执行；没有截止就留空")
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class EndForm(forms.Form):
    on = DateField("自哪天起不再执行")
    reason = reason_field()


class PercentField(NumberField):
    """A share in percent; the sign people write with it is read."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, unit="%", max_digits=5, max_value=Decimal(100), **kwargs)
        self.error_messages["max_value"] = "不能超过100%%。"

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().rstrip("%％")
        return super().to_python(value)
