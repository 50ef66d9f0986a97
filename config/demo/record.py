"""What the demo's records say besides names and status: invented for invented kindergartens.

A kindergarten with a real name gets only what a source says of it (包钢幼教处 runs 包钢十七园 and
包钢十八园); the rest of its record stays empty, which the page shows as 未填.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from stdnum.cn import uscc

from accounts.access.acting import choose_membership
from accounts.models import Organisation, Region, User
from config.demo.plan import KindergartenPlan, Ownership, SponsorType
from kindergartens.models import FormerName, InstitutionType, Kindergarten, SavedView
from kindergartens.models.record import Inclusion, MealService, PartyBody
from kindergartens.record.catalogue import BY_KEY
from kindergartens.record.services.proposals import propose
from kindergartens.record.values import from_text, stamp

# About where the counties' seats lie; towns are strewn around them.
SEATS = {
    "120114": (39.384, 117.044),
    "150203": (40.642, 109.838),
    "110107": (39.906, 116.196),
    "654301": (47.827, 88.132),
    "654321": (47.702, 86.875),
    "654322": (46.994, 89.525),
    "654323": (47.112, 87.495),
    "654324": (48.061, 86.419),
    "654325": (46.674, 90.383),
    "654326": (47.443, 85.874),
}
# How far the towns lie from the seat, in degrees of latitude: a city district, a county, a steppe.
REACH = {"120114": 0.2, "150203": 0.045, "110107": 0.035}
FAR = 0.32
AREA_CODES = {"12": "022", "11": "010", "15": "0472", "65": "0906"}
COMPANY = "包钢幼教处"
NAMES_CLEARED = dt.date(2022, 5, 31)


def record_fields(
    rng: random.Random, planned: KindergartenPlan, *, town: Region, serial: int, anchor: dt.date
) -> dict[str, Any]:
    """Fields of the record for a planned kindergarten; `serial` is its number in the county."""
    county = town.county
    if county is None:
        return {}
    if not planned.is_example:
        company = planned.sponsor == SponsorType.STATE_ENTERPRISE
        return {"sponsor_name": COMPANY} if company else {}
    public = planned.ownership == Ownership.PUBLIC
    fields: dict[str, Any] = {
        "sponsor_name": _sponsor(planned, county, serial),
        "legal_person": f"示例法人{serial:03d}",
        "uscc": _uscc("12" if public else "52", county.code, serial),
        "address": f"示例：{town.name}示例路{rng.randint(1, 260)}号",
        "boarding": county.code.startswith("6543") and rng.random() < 0.06,
        "arrival": dt.time(rng.choice([7, 8]), rng.choice([0, 30])),
        "meal_service": rng.choice([MealService.TWO_MEALS, MealService.THREE_MEALS]),
        "school_buses": rng.choice([0, 0, 0, 1, 2]) if not public else 0,
        "after_hours": rng.random() < 0.7,
        "nursery_classes": planned.nursery > 0 or rng.random() < 0.1,
        "inclusion": rng.choice([Inclusion.NONE, Inclusion.NONE, Inclusion.IN_CLASSES]),
        "parent_committee": True,
        "party_body": PartyBody.OWN
        if public
        else rng.choice([PartyBody.JOINT, PartyBody.ATTACHED, PartyBody.INSTRUCTOR]),
    }
    if fields["party_body"] != PartyBody.INSTRUCTOR:
        fields["party_organisation"] = f"示例党支部{serial:03d}"
    fields |= (
        _position(rng, county, town) | _hours(rng, public) | _licence(rng, county, serial, anchor)
    )
    # What is never all there: some fields of some records are still to be filled in.
    for name in (
        "landline",
        "licence_number",
        "latitude",
        "inclusion",
        "school_buses",
        "legal_person",
    ):
        if rng.random() < 0.06:
            fields.pop(name, None)
            if name == "latitude":
                fields.pop("longitude", None)
    if rng.random() < 0.55:
        # No exchange gives out numbers that begin with a nought.
        fields["landline"] = f"{AREA_CODES[county.code[:2]]}-0{serial:07d}"
    return fields


# Of an invented kindergarten: what a bureau has registered beside nature and sponsor.
_LEVELS = {
    Ownership.PUBLIC: (
        "first", "county_model", "second", "city_model", "first", "second", "", "county_model",
        "first", "province_model", "second", "third",
    ),
    Ownership.INCLUSIVE_PRIVATE: ("second", "third", "first", "third", "", "county_model"),
    Ownership.NON_INCLUSIVE_PRIVATE: ("third", "", "second"),
}  # fmt: skip
# 城乡分类 by what kind of place it is; several in turn. Streets, 镇, and 乡 or 苏木.
_STREET: tuple[str, ...] = ("111", "111", "112")
_TOWN: tuple[str, ...] = ("121", "122", "220")
_TOWNSHIP: tuple[str, ...] = ("210", "220")


def status_fields(
    planned: KindergartenPlan,
    ownership: Ownership,
    *,
    town: Region,
    serial: int,
    anchor: dt.date,
    opened: dt.date,
) -> dict[str, Any]:
    """等级, 城乡分类 and, of an inclusive private one, the recognition (普惠认定).

    No source says them of a single kindergarten, so those with a real name have none. A document
    that is invented begins with 示例. Recognition holds three years, to the end of a school year.
    """
    if not planned.is_example:
        return {}
    levels = _LEVELS[ownership]
    if town.code[6:9] < "100":
        kinds = _STREET
    else:
        kinds = _TOWN if town.name.endswith("镇") else _TOWNSHIP
    fields: dict[str, Any] = {
        "level": levels[serial % len(levels)],
        "urban_rural": kinds[serial % len(kinds)],
    }
    if ownership == Ownership.INCLUSIVE_PRIVATE:
        until = dt.date(anchor.year + 1 + serial % 3, 8, 31)
        since = max(until.year - 3, opened.year)
        county = town.county.name if town.county else ""
        fields |= {
            "recognition_document": f"示例：{county}普惠性民办幼儿园认定名单（{since}年）",
            "recognised_until": until,
        }
    return fields


def _sponsor(planned: KindergartenPlan, county: Region, serial: int) -> str:
    if planned.sponsor == SponsorType.EDUCATION:
        return f"{county.name}教育局"
    if planned.sponsor == SponsorType.STATE_ENTERPRISE:
        return COMPANY
    return f"示例举办单位{serial:03d}"


def _uscc(kind: str, county: str, serial: int) -> str:
    """A number with right check digits, of an organisation that is invented."""
    body = f"MJ9{serial:05d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rest = 11 - sum(letters.index(c) * w for c, w in zip(body, weights, strict=True)) % 11
    own = "0" if rest == 11 else "X" if rest == 10 else str(rest)
    number = f"{kind}{county}{body}{own}"
    return number + uscc.calc_check_digit(number)


def _position(rng: random.Random, county: Region, town: Region) -> dict[str, Any]:
    """Around a spot that is the same for all of a town."""
    lat, lon = SEATS[county.code]
    spot = random.Random(f"place:{town.code}")  # noqa: S311 - an invented place
    reach = REACH.get(county.code, FAR)
    if town.code[6:9] < "100":
        reach *= 0.35
    lat += spot.uniform(-reach, reach) + rng.gauss(0, reach / 22)
    lon += spot.uniform(-reach, reach) * 1.25 + rng.gauss(0, reach / 18)
    return {
        "latitude": Decimal(f"{lat:.6f}"),
        "longitude": Decimal(f"{lon:.6f}"),
    }


def _hours(rng: random.Random, public: bool) -> dict[str, Any]:
    """Some close before 17:00 and 16:30, which one county's plan forbids its public ones."""
    early = rng.random() < 0.08
    return {
        "leaving_summer": dt.time(16, 30) if early else dt.time(rng.choice([17, 17, 18])),
        "leaving_winter": dt.time(16) if early else dt.time(rng.choice([16, 17]), 30),
    }


def _licence(rng: random.Random, county: Region, serial: int, anchor: dt.date) -> dict[str, Any]:
    since = dt.date(anchor.year - rng.randint(1, 3), rng.randint(1, 12), 1)
    # Most run for years, some end soon, a few have run out.
    days = rng.choices(
        [rng.randint(200, 1100), rng.randint(5, 85), -rng.randint(5, 60)], [88, 9, 3]
    )
    return {
        "licence_number": f"示例许可{county.code}{serial:04d}",
        "licence_from": since,
        "licence_until": anchor + dt.timedelta(days=days[0]),
    }


# ---- what needs rows of its own ------------------------------------------------------------------


def add_record_stories(*, today: dt.date, now: dt.datetime) -> str:
    """Former names, sites, an inspector's kindergartens, a proposal, a view everybody shares."""
    renamed = _former_names()
    sites = _sites()
    inspector = User.objects.get(username="wuqing-inspector")
    own = Kindergarten.objects.filter(organisation__region__county__code="120114").order_by("code")
    Kindergarten.objects.filter(pk__in=list(own.values_list("pk", flat=True)[:42])).update(
        inspector=inspector
    )
    director = User.objects.get(username="wuqing-director")
    choose_membership(director, None, today=today)
    kindergarten = Kindergarten.objects.get(organisation=director.acting.organisation)  # type: ignore[union-attr]
    section = BY_KEY["licence"]
    propose(
        kindergarten_id=kindergarten.pk,
        section=section,
        values={"licence_until": from_text("licence_until", f"{today.year + 3}-06-30")},
        seen=stamp(kindergarten, section),
        reason="示例：许可证已换发，新证有效期三年",
        by=director,
        now=now,
    )
    officer = User.objects.get(username="wuqing-officer")
    SavedView.objects.create(
        owner=officer,
        organisation=Organisation.objects.get(name="武清区教育局", kind="bureau"),
        name="民办园许可证90天内到期",
        query="licence=expiring&sponsor=private&sort=licence",
        columns=["town", "ownership", "director", "landline", "licence_until"],
        shared=True,
        saved_at=now,
    )
    return f"曾用名{renamed}个，分园、教学点、办园点和幼儿中心{sites}个"


def _former_names() -> int:
    """Names that had to be changed by May 2022: invented ones, with the words the rules forbid."""
    renamed = 0
    for county, words in (("150203", ("国际双语", "艺术")), ("120114", ("双语", "国学"))):
        private = Kindergarten.objects.filter(
            is_example=True,
            organisation__region__county__code=county,
            statuses__sponsor_type=SponsorType.PRIVATE,
            statuses__valid_to__isnull=True,
        ).order_by("-code")
        for row, word in zip(private[: len(words)], words, strict=True):
            old = row.name.replace("幼儿园", f"{word}幼儿园")
            FormerName.objects.create(
                kindergarten=row,
                name=old,
                valid_from=row.opened_on,
                valid_to=NAMES_CLEARED,
                reason="示例：按幼儿园名称规范清理行动更名",
            )
            row.former_names = old
            row.save(update_fields=["former_names", "search_text"])
            renamed += 1
    return renamed


def _sites() -> int:
    """Teaching points in 阿勒泰地区, community sites in 石景山区, 幼儿中心 in 昆都仑区."""
    made = 0
    for county in ("654321", "654322", "654324"):
        rows = list(
            Kindergarten.objects.filter(
                is_example=True,
                organisation__region__county__code=county,
                statuses__ownership=Ownership.PUBLIC,
                statuses__valid_to__isnull=True,
            )
            .select_related("organisation")
            .order_by("code")
        )
        hosts: dict[int, Kindergarten] = {}
        for row in rows:
            host = hosts.setdefault(row.organisation.region_id, row)
            if host is not row and made % 3 == 0:
                row.institution_type, row.host = InstitutionType.TEACHING_POINT, host
                row.save(update_fields=["institution_type", "host", "search_text"])
            made += host is not row
    community = Kindergarten.objects.filter(
        is_example=True,
        organisation__region__county__code="110107",
        statuses__ownership=Ownership.INCLUSIVE_PRIVATE,
        statuses__valid_to__isnull=True,
    ).order_by("-code")
    chosen = list(community.values_list("pk", flat=True)[:3])
    Kindergarten.objects.filter(pk__in=chosen).update(
        institution_type=InstitutionType.COMMUNITY_SITE
    )
    # 三（四）2 of its plan speaks of those licensed as 幼儿中心.
    centres = Kindergarten.objects.filter(
        is_example=True,
        organisation__region__county__code="150203",
        statuses__ownership=Ownership.NON_INCLUSIVE_PRIVATE,
        statuses__valid_to__isnull=True,
    ).order_by("-code")
    licensed = list(centres.values_list("pk", flat=True)[:2])
    Kindergarten.objects.filter(pk__in=licensed).update(
        institution_type=InstitutionType.CHILD_CENTRE
    )
    return Kindergarten.objects.exclude(host=None).count() + len(chosen) + len(licensed)
