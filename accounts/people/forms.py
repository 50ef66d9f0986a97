"""What people type: requests, reasons, days. Choices are limited to the own scope."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.access.places import KINDS_OF_ROLE
from accounts.access.roles import RoleCode
from accounts.models import Membership, Organisation, Region, User
from accounts.people import selectors
from accounts.people.policies import needs_second_person, roles_one_may_ask_for
from accounts.people.rules import hand_over_day_problem, person_name_problem, username_problem
from accounts.people.services.requests import Wish
from accounts.privacy.rules import NO_NUMBERS, holds_identifier
from accounts.typed_text import clean

DATE_ERRORS = {"required": "请填日期。", "invalid": "日期写成2026-11-26这样。"}
NEW_TOWN_OFFICE = "town:"


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CleanText(forms.CharField):
    """One line without control characters."""

    def to_python(self, value: Any) -> str:
        return super().to_python(clean(value).replace("\n", " ")) or ""


class ReasonText(CleanText):
    """A reason is kept in history for good: nobody's number belongs into it."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if holds_identifier(value):
            raise forms.ValidationError(NO_NUMBERS)


def text(label: str, required: str, length: int, **kwargs: Any) -> CleanText:
    return CleanText(
        label=label, max_length=length, error_messages=_messages(required, length), **kwargs
    )


def _messages(required: str, length: int) -> dict[str, str]:
    return {"required": required, "max_length": f"最多{length}字，请删减。"}


def reason_field(
    label: str = "原因", required: str = "请写明原因。", length: int = 300
) -> ReasonText:
    return ReasonText(
        label=label,
        max_length=length,
        error_messages=_messages(required, length),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(forms.Form):
    reason = reason_field()


def town_offices_to_open(by: User) -> dict[str, Region]:
    """Towns of the own region that have no office yet, for the system administrator."""
    acting = by.acting
    if acting is None or acting.is_of_kindergarten:
        return {}
    towns = (
        Region.objects.within(acting.organisation.region)
        .active()
        .filter(level=Region.Level.TOWN)
        .exclude(organisations__kind=Organisation.Kind.TOWN_OFFICE)
        .order_by("code")
    )
    return {f"{NEW_TOWN_OFFICE}{town.code}": town for town in towns}


def town_office_name(town: Region) -> str:
    return f"{town.name}人民政府" if town.is_township else f"{town.name}办事处"


class RequestForm(forms.Form):
    """One account or post. `wish()` is what was asked, once the form is valid."""

    organisation = forms.ChoiceField(
        label="单位",
        error_messages={
            "required": "请选择单位。",
            "invalid_choice": "这个单位不在您的范围内，请从列表中选择。",
        },
    )
    role = forms.ChoiceField(
        label="角色",
        error_messages={
            "required": "请选择角色。",
            "invalid_choice": "您不能为这个单位申请这个角色，请从列表中选择。",
        },
    )
    full_name = text("姓名", "请填姓名。", 40, help_text="与身份证一致")
    username = text("用户名", "请填用户名。", 60, help_text="登录用，3到60个字，不分大小写")
    adds_post = forms.BooleanField(label="这个人已有账号，只增加岗位", required=False)
    valid_from = forms.DateField(
        label="任职起始日期", widget=DateInput(), error_messages=DATE_ERRORS
    )
    reason = reason_field("申请理由", "请写明申请理由，批准的人要看。")

    def __init__(self, *args: Any, by: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by, self._today = by, today
        places = list(selectors.places_one_may_ask_for(by).select_related("region"))
        self._places = {str(place.pk): place for place in places}
        self._towns = town_offices_to_open(by)
        own = by.acting is not None and by.acting.is_of_kindergarten
        choices = [(key, f"{place}（{place.region}）") for key, place in self._places.items()]
        choices += [(key, f"{town_office_name(town)}（新开）") for key, town in self._towns.items()]
        self.fields["organisation"].choices = choices if own else [("", "请选择"), *choices]  # type: ignore[attr-defined]
        roles = self._roles(places)
        self.fields["role"].choices = [("", "请选择"), *((role, role.label) for role in roles)]  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = today

    def _roles(self, places: list[Organisation]) -> list[RoleCode]:
        kinds = {place.kind for place in places} | (
            {Organisation.Kind.TOWN_OFFICE} if self._towns else set()
        )
        of_kind = {place.kind: place for place in places}
        allowed = {role for place in of_kind.values() for role in self._may(place)}
        if Organisation.Kind.TOWN_OFFICE in kinds:
            allowed.add(RoleCode.TOWN_OFFICER)
        return [role for role in RoleCode if role in allowed]

    def _may(self, place: Organisation) -> list[RoleCode]:
        return roles_one_may_ask_for(self._by, place)

    def clean_full_name(self) -> str:
        name: str = self.cleaned_data["full_name"]
        problem = person_name_problem(name)
        if problem:
            raise forms.ValidationError(problem)
        return name

    def clean_username(self) -> str:
        username = User.normalise_username(self.cleaned_data["username"])
        problem = username_problem(username)
        if problem:
            raise forms.ValidationError(problem)
        return username

    def clean_valid_from(self) -> dt.date:
        day: dt.date = self.cleaned_data["valid_from"]
        if day < self._today:
            raise forms.ValidationError("这一天已过，请填今天或以后的日期。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        place, role = cleaned.get("organisation"), cleaned.get("role")
        if not place or not role:
            return cleaned
        if place in self._towns:
            fits = Organisation.Kind.TOWN_OFFICE in KINDS_OF_ROLE[RoleCode(role)]
        else:
            fits = RoleCode(role) in self._may(self._places[place])
        if not fits:
            name = (
                town_office_name(self._towns[place])
                if place in self._towns
                else self._places[place]
            )
            self.add_error("role", f"{name}没有{RoleCode(role).label}，请换一个角色或单位。")
        return cleaned

    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            full_name=data["full_name"],
            username=data["username"],
            organisation=self._organisation(data["organisation"]),
            role=RoleCode(data["role"]),
            valid_from=data["valid_from"],
            reason=data["reason"],
            adds_post=data["adds_post"],
        )

    def _organisation(self, chosen: str) -> Organisation:
        """The place; a town's office that is not there yet is written down. It grants nothing."""
        if chosen in self._places:
            return self._places[chosen]
        town = self._towns[chosen]
        office, _ = Organisation.objects.get_or_create(
            name=town_office_name(town), kind=Organisation.Kind.TOWN_OFFICE, region=town
        )
        return office


class BatchForm(forms.Form):
    """Why the accounts of a workbook are needed: once for all of them."""

    reason = reason_field("申请理由", "请写明申请理由，批准的人要看。")


class PersonField(forms.ModelChoiceField):
    """A person by name, post and username: two people may have one name."""

    def label_from_instance(self, person: User) -> str:
        posts = "、".join(str(post) for post in person.current_posts)  # type: ignore[attr-defined]
        return f"{person.full_name}（{posts}，用户名{person.username}）"


class DeputyForm(forms.Form):
    colleague = PersonField(
        label="委托给",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择同事。",
            "invalid_choice": "只能委托本单位在岗的同事，请从列表中选择。",
        },
    )
    first = forms.DateField(label="从哪天", widget=DateInput(), error_messages=DATE_ERRORS)
    last = forms.DateField(label="到哪天（含）", widget=DateInput(), error_messages=DATE_ERRORS)
    reason = reason_field("事由", "请写明事由，例如“外出学习”。")

    def __init__(self, *args: Any, by: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Membership.objects.filter(
            organisation=by.acting.organisation_id if by.acting else None
        )
        people = selectors.colleagues(by, today, today)
        self.fields["colleague"].queryset = selectors.with_posts(people, here, today)  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """Who takes a post over, or, ticked by itself, that nobody does."""

    successor = PersonField(
        label="接任的人",
        queryset=User.objects.none(),
        required=False,
        empty_label="请选择",
        error_messages={"invalid_choice": "这个人不能接任，请从列表中选择。"},
        help_text="列表里没有的，先申请账号，批准后再来办交接",
    )
    no_successor = forms.BooleanField(label="确认没有人接任，只结束任职", required=False)
    first_day = forms.DateField(
        label="从哪天起",
        widget=DateInput(),
        error_messages=DATE_ERRORS,
        help_text="接任的人这一天开始，原任到前一天为止。填今天，原任马上结束",
    )
    # Shorter than what is kept: the days and names are written in front of it.
    reason = reason_field("事由", "请写明事由，例如调令的文号。", 200)

    def __init__(
        self, *args: Any, by: User, post: Membership, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.only_ends = needs_second_person(RoleCode(post.role))
        people = User.objects.none() if self.only_ends else selectors.successors(by, post, today)
        seen = Membership.objects.visible_to(by)
        self.fields["successor"].queryset = selectors.with_posts(people, seen, today)  # type: ignore[attr-defined]
        self.fields["first_day"].initial = max(today, post.valid_from)
        self._today, self._post = today, post

    def clean_first_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["first_day"]
        problem = hand_over_day_problem(day, self._post.valid_from, self._today)
        if problem:
            raise forms.ValidationError(problem)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "successor" not in cleaned:
            return cleaned
        if cleaned["successor"] and cleaned.get("no_successor"):
            self.add_error("no_successor", "已选了接任的人。请去掉这个勾，或不选接任的人。")
        if not cleaned["successor"] and not cleaned.get("no_successor"):
            if self.only_ends:
                self.add_error("no_successor", "请勾选，确认现在只结束任职。")
            else:
                self.add_error("successor", "请选择接任的人；没有人接任的，勾选下面的确认。")
        return cleaned
