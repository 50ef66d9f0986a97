"""无证花名册 of two counties: invented places (示例) in every state, none of them real.

Kundulun's three ways (符合条件的发证，规模小的转，其余取缔) are those of its own scheme; the places are not.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

from django.db import transaction
from PIL import Image

from accounts.access.acting import choose_membership
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Organisation, Region, User
from config.demo.people import bureau_of
from kindergartens.models import UnlicensedKindergarten
from kindergartens.unlicensed import selectors, services
from kindergartens.unlicensed.services import Description, Found

OFFICERS = {"150203": "kundulun-officer", "120114": "wuqing-officer"}
DEPARTMENTS = {"150203": "昆都仑区市场监督管理局", "120114": "武清区消防救援支队"}


@dataclass(frozen=True)
class Place:
    """One invented place. Days count back from the demo's day; `until` forward from the plan."""

    name: str
    address: str
    premises: str
    found: int
    children: int | None
    staff: int | None
    route: str = ""
    until: int = 0
    led_by_bureau: bool = True
    placed: bool = False
    outcome: str = ""
    ended: int = 0


PLACES = (
    Place("示例小树苗看护点", "示例路18号院3号楼1层", "住宅一层，约110平方米", 40, 17, 3),
    Place("示例晨光托管班", "示例街52号底商", "底商两层，约160平方米", 12, None, None),
    Place("示例花朵幼儿班", "示例东路7号", "平房院落，有户外场地约200平方米", 210, 46, 7, "license", 240),
    Place("示例乐园幼教点", "示例巷11号", "自建房二层，一处楼梯", 230, 32, 5, "rectify", 120),
    Place("示例星星之家", "示例小区9号楼102", "住宅一层，没有户外场地", 180, 14, 2, "childcare", 220),
    Place(
        "示例童趣看护点", "示例路103号", "厂房改建，没有消防手续", 200, 21, 3, "ban", 90,
        led_by_bureau=False,
    ),
    Place(
        "示例阳光小屋", "示例北路26号", "住宅二层，约90平方米", 320, 19, 3, "ban", 120, placed=True,
        outcome="closed", ended=150,
    ),
    Place(
        "示例启蒙幼儿园", "示例大街88号", "独立院落，约600平方米", 340, 58, 9, "rectify", 200,
        outcome="licensed", ended=120,
    ),
)  # fmt: skip


def write_unlicensed(*, today: dt.date, now: dt.datetime) -> str:
    """Through the services, so that the demo obeys every rule of the portal."""
    for code, username in OFFICERS.items():
        _write(Region.objects.of_code(code), username, today, now)
    return f"{len(OFFICERS) * len(PLACES)}处"


def _write(county: Region, username: str, today: dt.date, now: dt.datetime) -> None:
    officer = User.objects.unscoped("the demo's own").get(username=username)
    choose_membership(officer, None, today=today)
    bureau = bureau_of(county)
    department, _ = Organisation.objects.get_or_create(
        name=DEPARTMENTS[county.code], kind=Organisation.Kind.DEPARTMENT, region=county
    )
    towns = list(selectors.towns_of(officer)[:5])
    for number, place in enumerate(PLACES):
        town = towns[number % len(towns)]
        made = services.report(
            description=Description(place.name, place.address, town, "", place.premises),
            found=Found(
                today - dt.timedelta(place.found), True, place.children, place.staff, "摸底发现"
            ),
            by=officer, now=now, today=today, is_example=True,
        )  # fmt: skip
        lead = bureau if place.led_by_bureau else department
        _deal_with(made, place, lead, officer, today, now)


def _deal_with(
    made: UnlicensedKindergarten, place: Place, lead: Organisation, officer: User,
    today: dt.date, now: dt.datetime,
) -> None:  # fmt: skip
    if not place.route:
        return
    decided = made.found_on + dt.timedelta(20)
    services.decide_route(
        place_id=made.pk, route=place.route, lead=lead, decided_on=decided,
        deadline=decided + dt.timedelta(place.until), reason="按摸底情况确定",
        by=officer, now=now, today=today,
    )  # fmt: skip
    ended = today - dt.timedelta(place.ended)
    nearby = selectors.kindergartens_for(officer, made, today).first()
    if place.placed and place.children:
        for destination, children in (("kindergarten", place.children - 4), ("home", 4)):
            to_kindergarten = destination == "kindergarten"
            services.place_children(
                place_id=made.pk, day=ended - dt.timedelta(5), destination=destination,
                kindergarten=nearby if to_kindergarten else None, children=children,
                note="" if to_kindergarten else "家长自带", by=officer, now=now, today=today,
            )  # fmt: skip
    if not place.outcome:
        return
    barred = place.outcome == "closed"
    with transaction.atomic():
        stored = store.keep(
            Accepted("示例文书.png", _paper(), "image/png"),
            post=officer.memberships.earliest("pk"),
            now=now,
        )
        services.close(
            place_id=made.pk, outcome=place.outcome, closed_on=ended,
            licensed_as=None if barred else nearby, barred_years=5 if barred else None,
            bar_reason="主动停办，配合安置，情节较轻" if barred else "",
            document=stored, document_name="示例文书.png", by=officer, now=now, today=today,
        )  # fmt: skip
    if barred:
        services.check(
            place_id=made.pk,
            found=Found(today - dt.timedelta(60), False, None, None, "已清空，没有再办"),
            by=officer, now=now, today=today,
        )  # fmt: skip


def _paper() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(out, "PNG")
    return out.getvalue()
