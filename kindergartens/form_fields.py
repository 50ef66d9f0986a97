"""Fields that the registry's forms share: numbers as people write them, days, one line of text."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import DATE_ERRORS, CleanText, DateInput


def line(label: str, length: int, required: str = "", **kwargs: Any) -> CleanText:
    """One line of text; it may stay blank unless `required` says what to fill in."""
    return CleanText(
        label=label,
        max_length=length,
        required=bool(required),
        error_messages={"required": required, "max_length": f"最多{length}字，请删减。"},
        **kwargs,
    )


class NumberField(forms.DecimalField):
    """A number not below zero; full-width digits and thousands separators are read."""

    def __init__(self, label: str, *, unit: str = "", required: bool = True, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        self.unit = unit
        places = kwargs["decimal_places"]
        super().__init__(
            label=label,
            required=required,
            min_value=kwargs.pop("min_value", Decimal(0)),
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "required": f"请填{label}。",
                "invalid": "请填数字，例如1250.5。",
                "min_value": "不能是负数。",
                "max_digits": "数太大，请核对单位。",
                "max_whole_digits": "数太大，请核对单位。",
                "max_decimal_places": f"小数最多{places}位。" if places else "请填整数。",
            },
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip()
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Stored 9900.00 is offered as 9900."""
        if isinstance(value, Decimal):
            return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        return value


class WholeField(NumberField):
    """A count: `cleaned_data` holds an int, or None when left blank."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, decimal_places=0, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else int(found)


class DateField(forms.DateField):
    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, widget=DateInput(), error_messages=DATE_ERRORS, **kwargs)
