"""Fields that the registry's forms share: numbers as people write them, days, one line of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.people.forms import DATE_ERRORS, CleanText, DateInput
from accounts.typed_text import clean
from kindergartens.models import Kindergarten


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
        least = kwargs.pop("min_value", Decimal(0))
        super().__init__(
            label=label,
            required=required,
            min_value=least,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "required": f"请填{label}。",
                "invalid": "请填数字，例如1250.5。" if places else "请填整数，例如12。",
                "min_value": f"不能小于{least}。" if least else "不能是负数。",
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


class SuggestingInput(forms.TextInput):
    """A line of text with suggestions: the browser finds those that hold what is typed."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "placeholder": "输园名或学校标识码查找"})
        self.suggestions: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = f"{(attrs or {}).get('id') or name}_list"
        options = format_html_join(
            "", '<option value="{}"></option>', [(o,) for o in self.suggestions]
        )
        control = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', control, key, options)


class KindergartenField(forms.CharField):
    """One of many kindergartens, found by typing: as suggested, by its code, or by its whole name.

    `offer` says which; `cleaned_data` holds the Kindergarten, or None when left blank.
    """

    widget = SuggestingInput

    def __init__(self, label: str, *, required: bool = False, help_text: str = "") -> None:
        super().__init__(
            label=label, required=required, max_length=200, help_text=help_text,
            error_messages={
                "required": f"请填{label}。",
                "max_length": "太长了，请从列表里选一所，或只填学校标识码。",
            },
        )  # fmt: skip
        self._offered: dict[str, list[Kindergarten]] = {}

    def offer(self, kindergartens: QuerySet[Kindergarten]) -> None:
        offered: dict[str, list[Kindergarten]] = {}
        suggestions = []
        for one in kindergartens.only("pk", "code", "name"):
            suggestion = f"{one.name}（{one.code}）"
            suggestions.append(suggestion)
            for text in {_key(suggestion), _key(one.code), _key(one.name)}:
                offered.setdefault(text, []).append(one)
        self._offered = offered
        self.widget.suggestions = suggestions

    def clean(self, value: Any) -> Any:
        text = clean(super().clean(value))
        if not text:
            return None
        found = self._offered.get(_key(text), [])
        if not found:
            raise forms.ValidationError(
                f"名册里没有在办的“{text}”。请从列表里选一所，或填它的学校标识码。"
            )
        if len(found) > 1:
            codes = "、".join(one.code for one in found)
            raise forms.ValidationError(f"叫“{text}”的有{len(found)}所，请填学校标识码：{codes}。")
        return found[0]


def _key(text: str) -> str:
    """Full-width and half-width signs are the same, and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).split())
