"""What to print: kind, region, month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.formatting import zhmonth
from accounts.models import Region, User
from indicators.selectors import months_available
from reports.documents.heading import short_name
from reports.documents.models import PrintedDocument
from reports.documents.services import Paper, printable_regions


class PrintForm(forms.Form):
    """Offers only what the person may print; `paper()` is what was chosen."""

    kind = forms.ChoiceField(
        label="文种",
        choices=PrintedDocument.Kind.choices,
        error_messages={"required": "请选择文种。", "invalid_choice": "没有这种报表，请重新选择。"},
    )
    region = forms.ChoiceField(
        label="区域",
        error_messages={
            "required": "请选择区域。",
            "invalid_choice": "这个区域不在您的工作范围内，请从列表中选择。",
        },
    )
    month = forms.ChoiceField(
        label="月份",
        error_messages={
            "required": "请选择月份。",
            "invalid_choice": "这个月还没有数据，请从列表中选择。",
        },
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = printable_regions(by)
        # 东莞 carries its code twice, as a city and as its own county: the county is meant.
        self._regions: dict[str, Region] = {region.code: region for region in regions}
        months = months_available(regions[0]) if regions else []
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            (code, short_name(region)) for code, region in self._regions.items()
        ]
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (f"{month:%Y-%m}", zhmonth(month)) for month in months
        ]

    def clean_region(self) -> Region:
        return self._regions[self.cleaned_data["region"]]

    def clean_month(self) -> dt.date:
        return dt.date.fromisoformat(f"{self.cleaned_data['month']}-01")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        region, month = cleaned.get("region"), cleaned.get("month")
        if region and month and month not in months_available(region):
            self.add_error("month", f"{region.name}{zhmonth(month)}还没有数据，请换一个月份。")
        return cleaned

    def paper(self, *, origin: str) -> Paper:
        """The document asked for, once the form is valid."""
        return Paper(
            kind=PrintedDocument.Kind(self.cleaned_data["kind"]),
            region=self.cleaned_data["region"],
            month=self.cleaned_data["month"],
            origin=origin,
        )
