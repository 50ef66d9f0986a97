"""What people type about buildings and equipment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, NumberField, WholeField, line
from kindergartens.models import (
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Measure,
    PremisesStandard,
    Site,
)
from kindergartens.premises import rules
from kindergartens.premises.services import Counted, CountedItem, SiteFacts

Surveyed = EquipmentItem.Need.SURVEYED


class SiteForm(forms.Form):
    name = line("园址名称", 60, "请填园址名称，例如“本部”“东院”。")
    address = line("地址", 200)
    is_main = forms.BooleanField(label="这里是本部", required=False)
    designed_in = WholeField(
        "规划设计年份",
        required=False,
        min_value=Decimal(1900),
        help_text="2017年及以后规划设计的，按新标准考核。不清楚就留空，会单独列出",
    )
    valid_from = DateField("启用日期")
    valid_to = DateField("停用日期", required=False, help_text="还在用就留空")

    def clean_designed_in(self) -> int | None:
        year: int | None = self.cleaned_data["designed_in"]
        if year is not None and year > 2100:
            raise forms.ValidationError("请填四位年份，例如2016。")
        return year

    def facts(self) -> SiteFacts:
        data = self.cleaned_data
        return SiteFacts(
            name=data["name"],
            address=data["address"],
            is_main=data["is_main"],
            designed_in=data["designed_in"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        )


class SiteChangeForm(SiteForm):
    reason = line("更正原因", 300, "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class CountForm(forms.Form):
    """One count: six measures and two numbers an item. What is left blank was not counted."""

    counted_on = DateField("清点日期")
    source = line("数据来源", 200, "请写明数据来源，例如“房产证”“实地测量”。",
        help_text="例如房产证、竣工图、实地测量、逐件清点",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        site: Site,
        items: Sequence[EquipmentItem],
        last: tuple[Mapping[str, Decimal], Mapping[str, EquipmentCount]],
        today: dt.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._items, self._today = items, today
        figures, equipment = last
        self.fields["counted_on"].initial = today
        for measure in Measure:
            unit = "册" if measure == Measure.BOOKS else "平方米"
            places = 0 if measure == Measure.BOOKS else 2
            self.fields[measure.value] = NumberField(
                measure.label,
                unit=unit,
                required=False,
                decimal_places=places,
                initial=figures.get(measure),
            )
        for item in items:
            before = equipment.get(item.code)
            for part, label in (("present", "现有"), ("needed", "应有")):
                if part == "needed" and item.need != Surveyed:
                    continue
                self.fields[f"{item.code}-{part}"] = NumberField(
                    f"{item.name}{label}",
                    unit=item.unit,
                    required=False,
                    decimal_places=0 if item.whole else 2,
                    initial=getattr(before, part) if before else None,
                )

    @property
    def measures(self) -> list[forms.BoundField]:
        return [self[measure.value] for measure in Measure]

    @property
    def item_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "item": item,
                "present": self[f"{item.code}-present"],
                "needed": self[f"{item.code}-needed"] if item.need == Surveyed else None,
            }
            for item in self._items
        ]

    def clean_counted_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["counted_on"]
        if day > self._today:
            raise forms.ValidationError("这一天还没到，请填今天或以前的日期。")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        figures = self._figures(data)
        for measure, sentence in rules.contradictions(figures):
            self.add_error(measure, sentence)
        for item in self._items:
            present, needed = data.get(f"{item.code}-present"), data.get(f"{item.code}-needed")
            if item.need == Surveyed and (present is None) != (needed is None):
                blank = "present" if present is None else "needed"
                if f"{item.code}-{blank}" not in self.errors:
                    self.add_error(f"{item.code}-{blank}", "现有和应有要同时填；没有清点就都留空。")
        return data

    def _figures(self, data: Mapping[str, Any]) -> dict[str, Decimal]:
        found = {measure.value: data.get(measure.value) for measure in Measure}
        return {measure: value for measure, value in found.items() if value is not None}

    def counted(self) -> Counted:
        data = self.cleaned_data
        return Counted(
            counted_on=data["counted_on"],
            source=data["source"],
            figures=self._figures(data),
            equipment=tuple(
                CountedItem(item, data[f"{item.code}-present"], data.get(f"{item.code}-needed"))
                for item in self._items
                if data.get(f"{item.code}-present") is not None
            ),
        )


class FireForm(forms.Form):
    site = forms.ModelChoiceField(
        label="园址",
        queryset=Site.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择园址。", "invalid_choice": "请从列表中选择园址。"},
    )
    state = forms.ChoiceField(label="消防验收", choices=FireAcceptance.State.choices)
    since = DateField("自哪天起")
    due_on = DateField("办结期限", required=False)
    document = line("凭证", 200, help_text="已通过的，写验收意见书文号")

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["site"].label_from_instance = lambda site: site.name  # type: ignore[attr-defined]


class DemandForm(forms.Form):
    """What document says it, from when."""

    document = line("文件", 200, "请填文件名称。")
    document_number = line("文号", 80)
    clause = line("条款", 60)
    valid_from = DateField("自哪天起")


SHARE: dict[str, Any] = {"max_digits": 5, "decimal_places": 2, "unit": "%"}


class StandardForm(DemandForm):
    """A demand of one measure; shares are typed in percent and kept as fractions."""

    measure = forms.ChoiceField(label="项目", choices=Measure.choices)
    at_least = NumberField("生均不少于", min_value=Decimal("0.01"), max_digits=8)
    at_most = NumberField("上限参考", required=False, max_digits=8)
    designed_since = WholeField("新标准自哪年设计的园起", min_value=Decimal(1900), initial=2017)
    share_of_new = NumberField("新设计的园要达标", required=False, **SHARE)
    share_of_old = NumberField("原有的园要达标", required=False, **SHARE)

    field_order = ("measure", "at_least", "at_most", "designed_since", "share_of_new",
                   "share_of_old", "document", "document_number", "clause", "valid_from")  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        most, least = data.get("at_most"), data.get("at_least")
        if most is not None and least is not None and most < least:
            self.add_error("at_most", "上限不能比下限小。")
        for name in ("share_of_new", "share_of_old"):
            if data.get(name) is not None and data[name] > 100:
                self.add_error(name, "比例不能超过100%。")
        return data

    def standard(self) -> PremisesStandard:
        data = dict(self.cleaned_data)
        for name in ("share_of_new", "share_of_old"):
            data[name] = None if data[name] is None else data[name] / 100
        return PremisesStandard(**data)


class ItemForm(DemandForm):
    code = forms.SlugField(
        label="代码",
        max_length=40,
        help_text="小写字母和横线，例如soft-ground。与现有项目相同就是更新那一项",
        error_messages={"required": "请填代码。", "invalid": "只能用字母、数字和横线。"},
    )
    name = line("名称", 60, "请填名称。")
    unit = line("单位", 10, "请填单位，例如“台”。")
    need = forms.ChoiceField(label="应有数怎么定", choices=EquipmentItem.Need.choices)
    amount = NumberField("标准数量", required=False, max_digits=8)
    whole = forms.BooleanField(label="只能是整数", required=False, initial=True)
    public_only = forms.BooleanField(label="只对公办园", required=False)
    unit_cost_yuan = NumberField("单价", required=False, unit="元", max_digits=10)
    unit_cost_source = line("单价依据", 100)
    position = WholeField("顺序", required=False, max_digits=3)

    field_order = ("code", "name", "unit", "need", "amount", "whole", "public_only",
                   "unit_cost_yuan", "unit_cost_source", "position", "document",
                   "document_number", "clause", "valid_from")  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        surveyed = data.get("need") == Surveyed
        if not surveyed and not data.get("amount"):
            self.add_error("amount", "请填标准数量，例如每班1台就填1。")
        if surveyed and data.get("amount") is not None:
            self.add_error("amount", "按园核定的不用填标准数量。")
        return data

    def item(self) -> EquipmentItem:
        data = dict(self.cleaned_data)
        data["position"] = data["position"] or 0
        return EquipmentItem(**data)


class DemandEndForm(forms.Form):
    on = DateField(
        "自哪天起不再适用", help_text="以前的日期仍按它计算；有上级规定的，从这一天起按上级的算"
    )
    reason = reason_field()
