"""Lists of the roster: who is in which post, whether certified, and how many."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.access.scope import home_region
from accounts.models import Region, User
from accounts.typed_text import clean
from kindergartens.models import Kindergarten
from staffing.models import Appointment, Establishment, Post

# Appointments with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]

STATES: Mapping[str, str] = {"": "在任和将到任", "former": "已离任", "all": "全部"}
CERTIFIED: Mapping[str, str] = {"yes": "持证", "no": "没有持证"}


@dataclass(frozen=True)
class StaffFilter:
    """What a person asked the list for. Unknown values are dropped, never an error."""

    text: str = ""
    kindergarten: str = ""
    region: str = ""
    post: str = ""
    establishment: str = ""
    certified: str = ""
    state: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> StaffFilter:
        region = query.get("region", "")
        return cls(
            text=_typed(query.get("q", "") or query.get("text", "")),
            kindergarten=_typed(query.get("kindergarten", "")),
            region=region if region.isascii() and region.isdecimal() else "",
            post=_one_of(query.get("post", ""), Post.values),
            establishment=_one_of(query.get("establishment", ""), Establishment.values),
            certified=_one_of(query.get("certified", ""), CERTIFIED),
            state=_one_of(query.get("state", ""), STATES),
        )

    def as_dict(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def narrows(self) -> bool:
        return bool(self.as_dict())


def _typed(text: str) -> str:
    return unicodedata.normalize("NFKC", clean(text))[:60]


def _one_of(value: str, values: Any) -> str:
    return value if value in values else ""


def roster(user: User, asked: StaffFilter, today: dt.date) -> Rows:
    """Posts in the person's area, one row each, with `certified`; by kindergarten, post and name.

    Whoever holds two posts stands there twice; counts of people count them once.
    """
    rows: Rows = Appointment.objects.visible_to(user).standing().with_certified(today)
    if asked.state == "":
        rows = rows.not_over(today)  # type: ignore[attr-defined]
    elif asked.state == "former":
        rows = rows.filter(ended_on__lte=today)
    if asked.text:
        rows = rows.filter(person__name__icontains=asked.text)
    if asked.kindergarten:
        rows = rows.filter(
            Q(kindergarten__name__icontains=asked.kindergarten)
            | Q(kindergarten__code=asked.kindergarten)
        )
    if asked.region:
        town = "kindergarten__organisation__region"
        rows = rows.filter(
            Q(**{f"{town}__code": asked.region}) | Q(**{f"{town}__county__code": asked.region})
        )
    if asked.post:
        rows = rows.filter(post=asked.post)
    if asked.establishment:
        rows = rows.filter(establishment=asked.establishment)
    if asked.certified:
        rows = rows.filter(certified=asked.certified == "yes")
    return rows.select_related("person", "kindergarten__organisation__region__county").order_by(
        "kindergarten__code", "post", "person__name", "pk"
    )


@dataclass(frozen=True)
class PostSum:
    """People in one post, each once; `certified` None where the law asks no certificate."""

    post: str
    label: str
    people: int
    certified: int | None


@dataclass(frozen=True)
class StaffSums:
    """`people` are counted once, so they may be fewer than the posts together.

    `coming`: posts of the list that are yet to begin; nobody is counted by them.
    """

    people: int
    established: int
    coming: int
    posts: list[PostSum]


def sums(user: User, asked: StaffFilter, today: dt.date) -> StaffSums:
    """How many of the list hold which post on the day. Two queries."""
    listed = roster(user, asked, today).order_by()
    begun = Q(started_on__lte=today)
    whole = listed.aggregate(
        people=Count("person", distinct=True, filter=begun),
        established=Count("person", distinct=True, filter=begun & Q(establishment="established")),
        coming=Count("pk", filter=~begun),
    )
    rows = listed.filter(begun)
    found = {
        row["post"]: row
        for row in rows.values("post").annotate(
            people=Count("person", distinct=True),
            asked=Count("person", distinct=True, filter=Q(certified__isnull=False)),
            with_papers=Count("person", distinct=True, filter=Q(certified=True)),
        )
    }
    return StaffSums(
        whole["people"],
        whole["established"],
        whole["coming"],
        [
            PostSum(
                post,
                str(label),
                found[post]["people"],
                found[post]["with_papers"] if found[post]["asked"] else None,
            )
            for post, label in Post.choices
            if post in found
        ],
    )


def regions_with_staff(user: User) -> list[Region]:
    """Regions to filter by: towns of one's county; for a city its counties."""
    home = home_region(user)
    if home is None or home.level >= Region.Level.TOWN:
        return []
    seen = Kindergarten.objects.visible_to(user)
    path = "organisation__region__county" if home.level < Region.Level.COUNTY else (
        "organisation__region"
    )  # fmt: skip
    return list(Region.objects.filter(pk__in=seen.values(path)).order_by("code"))
