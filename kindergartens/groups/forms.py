"""What is typed about groups. Choices are limited to the county."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.models import Region, User
from accounts.people.forms import DATE_ERRORS, CleanText, DateInput, reason_field, text
from kindergartens.groups import selectors
from kindergartens.groups.rules import may_hold_towns
from kindergartens.groups.services import GroupDescription
from kindergartens.models import Group, Kindergarten

DIFFERENT = "名册里的牵头园和另写的名称只填一个。"


def _optional(label: str, length: int) -> CleanText:
    too_long = {"max_length": f"最多{length}字，请删减。"}
    return CleanText(label=label, max_length=length, required=False, error_messages=too_long)


class GroupForm(forms.Form):
    """Name, lead and document; `description()` once it is valid."""

    name = text("名称", "请填名称。", 60)
    lead = forms.ModelChoiceField(
        label="牵头园",
        queryset=Kindergarten.objects.none(),
        required=False,
        empty_label="不在名册，或没有",
        error_messages={"invalid_choice": "名册里没有这所幼儿园，请重新选择。"},
    )
    lead_name = _optional("牵头园名称（不在名册时写）", 120)
    document = _optional("依据文件", 200)

    def __init__(self, *args: Any, by: User, county: Region, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead: Any = self.fields["lead"]
        lead.queryset = selectors.kindergartens_to_take_in(by, county, day)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lead") and data.get("lead_name"):
            self.add_error("lead_name", DIFFERENT)
        return data

    def description(self) -> GroupDescription:
        data = self.cleaned_data
        return GroupDescription(
            name=data["name"],
            lead=data["lead"],
            lead_name=data["lead_name"],
            document=data["document"],
        )


class NewGroupForm(GroupForm):
    kind = forms.ChoiceField(
        label="类别",
        choices=[("", "请选择"), *Group.Kind.choices],
        error_messages={"required": "请选择类别。", "invalid_choice": "没有这个类别，请重新选择。"},
    )
    valid_from = forms.DateField(label="成立日期", widget=DateInput(), error_messages=DATE_ERRORS)

    field_order = ("kind", "name", "lead", "lead_name", "document", "valid_from")


class ChangedGroupForm(GroupForm):
    reason = reason_field()
    # The stamp of what was there when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class MembersForm(forms.Form):
    """Towns and kindergartens that come in on one day."""

    towns = forms.ModelMultipleChoiceField(
        label="乡镇街道",
        queryset=Region.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这个乡镇街道，请重新选择。"},
    )
    kindergartens = forms.ModelMultipleChoiceField(
        label="幼儿园",
        queryset=Kindergarten.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这所幼儿园，请重新选择。"},
    )
    first = forms.DateField(label="加入日期", widget=DateInput(), error_messages=DATE_ERRORS)

    def __init__(self, *args: Any, by: User, group: Group, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inside = selectors.members_on(group, day)
        towns: Any = self.fields["towns"]
        kindergartens: Any = self.fields["kindergartens"]
        if may_hold_towns(group.kind):
            towns.queryset = selectors.towns_to_take_in(group.county).exclude(
                pk__in=[member.town_id for member in inside if member.town_id]
            )
        else:
            del self.fields["towns"]
        kindergartens.queryset = selectors.kindergartens_to_take_in(by, group.county, day).exclude(
            pk__in=[member.kindergarten_id for member in inside if member.kindergarten_id]
        )


class EndForm(forms.Form):
    """A membership or a group ends: `on` is the first day without it."""

    on = forms.DateField(label="自哪天起", widget=DateInput(), error_messages=DATE_ERRORS)
    reason = reason_field()
