"""What can be asked of the list, as it stands in the address. Unknown values are dropped."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from accounts.typed_text import clean
from kindergartens.groups.selectors import in_group
from kindergartens.models import InstitutionType, Kindergarten, KindergartenStatus
from kindergartens.models.record import Inclusion, MealService, PartyBody
from kindergartens.models.search_text import folded, search_text
from kindergartens.procedures import annual_checks, filed_directors
from kindergartens.record.catalogue import FIELDS
from kindergartens.record.rules import RENEWAL_DAYS

LONGEST_TEXT = 60
MOST_WORDS = 5
Choices = Sequence[tuple[str, str]]
YES_NO: Choices = (("yes", "是"), ("no", "否"), ("unknown", "未填"))


@dataclass(frozen=True)
class Filter:
    """One condition. `where` turns a chosen value into SQL's words for the day."""

    name: str
    label: str
    choices: Choices
    where: Callable[[str, dt.date], Q]
    # Shown in the bar itself; the others open below it.
    main: bool = False

    def word(self, value: str) -> str:
        return dict(self.choices).get(value, value)


def _is(path: str) -> Callable[[str, dt.date], Q]:
    return lambda value, day: Q(**{path: value})


def _yes_no(path: str) -> Callable[[str, dt.date], Q]:
    def where(value: str, day: dt.date) -> Q:
        if value == "unknown":
            return Q(**{f"{path}__isnull": True})
        return Q(**{path: value == "yes"})

    return where


def _licence(value: str, day: dt.date) -> Q:
    soon = day + dt.timedelta(days=RENEWAL_DAYS)
    return {
        "missing": Q(licence_until__isnull=True),
        "expired": Q(licence_until__lt=day),
        "expiring": Q(licence_until__gte=day, licence_until__lte=soon),
        "valid": Q(licence_until__gt=soon),
    }[value]


def _buses(value: str, day: dt.date) -> Q:
    return {
        "yes": Q(school_buses__gt=0),
        "no": Q(school_buses=0),
        "unknown": Q(school_buses__isnull=True),
    }[value]


def _position(value: str, day: dt.date) -> Q:
    return Q(latitude__isnull=value == "no")


def _missing(value: str, day: dt.date) -> Q:
    model: Any = Kindergarten._meta.get_field(value)
    empty = Q(**{f"{value}__isnull": True}) if model.null else Q()
    return empty if model.null and not model.empty_strings_allowed else empty | Q(**{value: ""})


def _missing_choices() -> Choices:
    return [
        (name, f"{listed.label}未填")
        for name, listed in FIELDS.items()
        if name not in {"code", "opened_on", "institution_type", "host", "host_name"}
    ]


def _labelled(choices: Any) -> Choices:
    """Without the empty one, which says that nothing is known."""
    return [(value, label) for value, label in choices.choices if value]


Ownership, State = KindergartenStatus.Ownership, KindergartenStatus.OperatingState
FILTERS: tuple[Filter, ...] = (
    Filter("ownership", "办园性质", Ownership.choices, _is("current__ownership"), main=True),
    Filter("state", "办园状态", State.choices, _is("current__operating_state"), main=True),
    Filter("sponsor", "办别", KindergartenStatus.SponsorType.choices, _is("current__sponsor_type")),
    Filter("type", "办学类型", InstitutionType.choices, _is("institution_type")),
    Filter("level", "等级", _labelled(KindergartenStatus.Level), _is("current__level")),
    Filter(
        "urban_rural",
        "城乡分类",
        _labelled(KindergartenStatus.UrbanRural),
        _is("current__urban_rural"),
    ),
    Filter(
        "profit", "营利性", (("yes", "营利性"), ("no", "非营利性")), _yes_no("current__for_profit")
    ),
    Filter("half_day", "作息", (("no", "全日制"), ("yes", "半日制")), _yes_no("current__half_day")),
    Filter("boarding", "寄宿", YES_NO, _yes_no("boarding")),
    Filter("meals", "供餐", MealService.choices, _is("meal_service")),
    Filter("bus", "有校车", YES_NO, _buses),
    Filter("after_hours", "延时服务", YES_NO, _yes_no("after_hours")),
    Filter("nursery", "开设托班", YES_NO, _yes_no("nursery_classes")),
    Filter("inclusion", "融合教育", Inclusion.choices, _is("inclusion")),
    Filter("party", "党组织", PartyBody.choices, _is("party_body")),
    Filter("parents", "家长委员会", YES_NO, _yes_no("parent_committee")),
    Filter(
        "licence",
        "办学许可证",
        (
            ("expired", "已过期"),
            ("expiring", f"{RENEWAL_DAYS}天内到期"),
            ("valid", "有效"),
            ("missing", "没有登记"),
        ),
        _licence,
    ),
    Filter(
        "annual_check",
        "最近年检结论",
        (*annual_checks.conclusion_choices(), (annual_checks.NONE, "民办园还没有结论")),
        lambda value, day: annual_checks.concluded(value),
    ),
    Filter("position", "位置", (("yes", "已登记"), ("no", "没有登记")), _position),
    Filter("missing", "缺哪项资料", _missing_choices(), _missing),
)
BY_NAME = {listed.name: listed for listed in FILTERS}

# Sort keys of the list, as they stand in the address.
SORTS: Mapping[str, str] = {
    "name": "name",
    "code": "code",
    "town": "current__town__code",
    "ownership": "current__ownership",
    "sponsor": "current__sponsor_type",
    "state": "current__operating_state",
    "type": "institution_type",
    "level": "current__level",
    "opened": "opened_on",
    "licence": "licence_until",
    "recognised": "current__recognised_until",
    "children": "children",
    "filing": "filing_state",
}


@dataclass(frozen=True)
class Box:
    """A piece of the map, in degrees."""

    south: Decimal
    west: Decimal
    north: Decimal
    east: Decimal

    @classmethod
    def from_text(cls, text: str) -> Box | None:
        try:
            south, west, north, east = (Decimal(part) for part in text.split(","))
        except (ValueError, InvalidOperation):
            return None
        if not all(edge.is_finite() for edge in (south, west, north, east)):
            return None
        if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
            return None
        return cls(south, west, north, east)

    def __str__(self) -> str:
        return f"{self.south},{self.west},{self.north},{self.east}"

    @property
    def where(self) -> Q:
        return Q(latitude__gte=self.south, latitude__lt=self.north) & Q(
            longitude__gte=self.west, longitude__lt=self.east
        )


@dataclass(frozen=True)
class RegistryFilter:
    """What a person asked the list for."""

    text: str = ""
    region: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    inspector: str = ""
    group: str = ""
    box: Box | None = None
    sort: str = "town"
    # Those the person may mean by letters alone: the towns of the kindergartens one sees.
    towns: Sequence[Region] = field(default=(), compare=False)

    @classmethod
    def from_query(cls, query: Mapping[str, str], towns: Sequence[Region] = ()) -> RegistryFilter:
        """`towns` are found by pinyin and initials; without them only by name as written."""
        sort = query.get("sort", "")
        return cls(
            text=unicodedata.normalize("NFKC", clean(query.get("q", "")))[:LONGEST_TEXT],
            region=_number(query.get("region", "")),
            chosen={
                listed.name: query[listed.name]
                for listed in FILTERS
                if query.get(listed.name, "") in dict(listed.choices)
            },
            inspector=_number(query.get("inspector", "")),
            group=_number(query.get("group", "")),
            box=Box.from_text(query.get("box", "")),
            sort=sort if sort.removeprefix("-") in SORTS else "town",
            towns=towns,
        )

    @property
    def narrows(self) -> bool:
        return bool(
            self.text or self.region or self.chosen or self.inspector or self.group or self.box
        )

    @property
    def address(self) -> str:
        """The same conditions and order as the part of an address after the question mark."""
        named = {
            "q": self.text,
            "region": self.region,
            **self.chosen,
            "inspector": self.inspector,
            "group": self.group,
        }
        if self.box is not None:
            named["box"] = str(self.box)
        if self.sort != "town":
            named["sort"] = self.sort
        return urlencode({name: value for name, value in named.items() if value})

    def where(self, day: dt.date) -> Q:
        """The conditions, on rows that carry `current` (selectors.kindergartens_on)."""
        found = Q()
        for word in self.text.split()[:MOST_WORDS]:
            found &= matching(word, day, self.towns)
        if self.region:
            found &= Q(current__town__code=self.region) | Q(current__town__county__code=self.region)
        for name, value in self.chosen.items():
            found &= BY_NAME[name].where(value, day)
        if self.inspector:
            found &= Q(inspector=self.inspector)
        if self.group:
            found &= in_group(int(self.group), day, town="current__town")
        if self.box is not None:
            found &= self.box.where
        return found

    @property
    def order(self) -> list[Any]:
        column = F(SORTS[self.sort.removeprefix("-")])
        first = (
            column.desc(nulls_last=True)
            if self.sort.startswith("-")
            else column.asc(nulls_last=True)
        )
        return [first, "code"]


def _number(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= 18 else ""


# Towns of a province are some thousands of names, read into pinyin once.
_town_text = lru_cache(maxsize=8192)(lambda name: search_text([name], []))


def _sounding(word: str, towns: Sequence[Region]) -> list[int]:
    """Towns whose pinyin or initials hold the word; none for a word without letters."""
    typed = folded(word)
    if not any(letter.isascii() and letter.isalpha() for letter in typed):
        return []
    return [town.pk for town in towns if typed in _town_text(town.name)]


def matching(word: str, day: dt.date, towns: Sequence[Region]) -> Q:
    """A word in a name, a former name, a town, their pinyin or initials, a code, the director
    (of the account or as filed).

    Each place is looked up by itself, so that the index of the searched text is used.
    """
    by_text = Kindergarten.objects.filter(
        Q(search_text__contains=folded(word)) | Q(name__icontains=word)
    )
    directors = Membership.objects.in_force(day).filter(
        role=RoleCode.DIRECTOR, user__full_name__icontains=word
    )
    named = Region.objects.filter(level=Region.Level.TOWN, name__icontains=word, is_active=True)
    return (
        Q(pk__in=by_text.values("pk"))
        | Q(organisation__in=directors.values("organisation"))
        | filed_directors.named(word)
        | Q(current__town__in=named.values("pk"))
        | Q(current__town__in=_sounding(word, towns))
    )
