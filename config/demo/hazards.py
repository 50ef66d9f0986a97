"""Hazards of Kundulun's kindergartens (示例): two major, one of them under a plate, one closed, one
overdue, two stopped, three in the ledger. Invented, and written through the services, so that every rule is obeyed.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.files.intake import Accepted
from accounts.models import User
from config.demo.kundulun import CODE
from config.demo.people import bureau_of
from inspections.ledger.services import take_in
from kindergartens.models import Kindergarten
from safety.hazards import services
from safety.hazards.services import Found, Settled

OWN = "the demo's own"
NAMESPACE = UUID("4b1f5a38-6f0d-4d0e-8a53-5d3c1c3f0a45")


@dataclass(frozen=True)
class Story:
    """One hazard. Days count back from the demo's day; `due` forward from the day it was found.

    `mended`, `closed`: so many days ago. `by_officer`: found by the bureau, not by the kindergarten.
    """

    place: str
    field: str
    says: str
    found: int
    due: int | None
    responsible: str = "后勤主任"
    requirement: str = ""
    criterion: str = ""
    by_officer: bool = False
    stop: bool = False
    mended: int | None = None
    closed: int | None = None
    plated: int | None = None
    in_ledger: bool = False


# The first five are of the kindergarten whose director signs in; the others go round the district.
OF_DIRECTOR = 5
STORIES = (
    Story("主楼四层舞蹈教室", "fire", "幼儿活动用房设在四层", 26, 40, "园长", "停用四层，活动室调整到三层以下", criterion="fire-floor", by_officer=True, plated=24, in_ledger=True),
    Story("二楼东侧疏散通道", "fire", "通道堆放旧桌椅，宽度不足", 30, 14, requirement="清空并保持畅通", in_ledger=True),
    Story("食堂留样冰箱", "food", "冰箱温度计损坏，留样温度没有记录", 45, 15, "食堂管理员", mended=34, closed=31, in_ledger=True),
    Story("操场滑梯", "other", "滑梯护栏螺丝松动", 9, None, "安全员"),
    Story("锅炉房燃气阀门", "utilities", "燃气报警器超过检定日期", 6, 20, "安全员", "送检，检定前加装备用报警器"),
    Story("后院平房库房", "premises", "经鉴定为D级的平房仍在存放教具、有人出入", 12, 45, "园长", "封闭、拆除", criterion="premises-d", by_officer=True),
    Story("一楼门厅", "crowding", "早晚接送时只开一扇门，人流拥挤", 20, 20, mended=3),
    Story("三楼活动室窗户", "premises", "窗户限位器缺失两处", 15, 15, "安全员", mended=4),
    Story("配电箱", "fire", "配电箱旁堆放纸箱", 11, None, "安全员"),
    Story("校车GX-02", "traffic", "车上灭火器压力不足", 18, 30, "校车管理员", by_officer=True),
    Story("户外大型玩具", "other", "地垫破损、基座外露，已围挡", 8, 21, stop=True),
    Story("厨房排烟罩", "fire", "油垢较多，超过季度清洗时间", 5, 15, "食堂管理员"),
)  # fmt: skip
PLATE = {
    "measures": "腾空并封闭四层活动用房，舞蹈教室调整到二层；四层楼梯口设硬隔离和禁止进入标识；请设计单位复核疏散。",
    "responsibility": "园长为第一责任人，后勤主任具体落实，每周向教育局报进度。",
    "funding": "12.6万元，园所自筹4.6万元，区财政补助8万元。",
    "plan": "整改期间四层断电上锁；每日巡查两次；增设一次疏散演练，突发情况按园内消防预案由东西两部楼梯撤离。",
    "document_number": "昆教督〔示例〕7号",
}


def write_hazards(*, now: dt.datetime) -> str:
    officer = _acting(User.objects.unscoped(OWN).get(username="kundulun-officer"), now)
    own = Kindergarten.objects.unscoped(OWN).get(
        organisation__memberships__user__username="kundulun-director"
    )
    others = Kindergarten.objects.unscoped(OWN).filter(
        organisation__region__county__code=CODE,
        organisation__memberships__role=RoleCode.DIRECTOR,
    )
    others = others.exclude(pk=own.pk).order_by("code").distinct()[: len(STORIES) - OF_DIRECTOR]
    for number, (story, place) in enumerate(
        zip(STORIES, [own] * OF_DIRECTOR + list(others), strict=True)
    ):
        _tell(story, number, place, officer, now)
    return f"{len(STORIES)}条"


def _acting(user: User, now: dt.datetime) -> User:
    choose_membership(user, None, today=timezone.localdate(now))
    return user


def _tell(
    story: Story, number: int, kindergarten: Kindergarten, officer: User, now: dt.datetime
) -> None:
    posts = kindergarten.organisation.memberships.order_by("pk")
    keeper = _acting(posts.select_related("user")[0].user, now)

    def ago(days: int) -> dt.datetime:
        return now - dt.timedelta(days)

    def act(service: Any, by: User, days: int, **more: Any) -> None:
        service(hazard_id=hazard.pk, seen=services.stamp(hazard), by=by, now=ago(days), **more)

    today = timezone.localdate(now)
    found_on = today - dt.timedelta(story.found)
    found = Found(
        place=story.place, field=story.field, description=story.says, found_on=found_on,
        source="bureau" if story.by_officer else "self_check", criterion=story.criterion,
        fixed_on_spot=story.due is None, responsible=story.responsible, stop_use=story.stop,
        requirement=story.requirement,
        deadline=None if story.due is None else found_on + dt.timedelta(story.due),
    )  # fmt: skip
    hazard = services.report_hazard(
        client_id=uuid5(NAMESPACE, str(number)), kindergarten=kindergarten, found=found,
        photos=[_photo(number, "发现时")], by=officer if story.by_officer else keeper,
        mended_photos=[_photo(number, "改好后")] if story.due is None else [],
        now=ago(story.found),
    )  # fmt: skip
    if story.in_ledger:
        take_in(number=hazard.number, by=officer, now=ago(story.found - 1))
    if story.plated is not None:
        settled = Settled(**PLATE, deadline=found.deadline, supervisor=bureau_of(hazard.county))
        hung_on = today - dt.timedelta(story.plated)
        act(services.hang, officer, story.plated, settled=settled, hung_on=hung_on)
    if story.mended is not None:
        act(
            services.mend, keeper, story.mended, evidence=[_photo(number, "改好后")],
            reason="已整改",
        )  # fmt: skip
    if story.closed is not None:
        act(
            services.recheck, officer, story.closed, passed=True, reason="现场看过，已改好",
            deadline=None,
        )  # fmt: skip


def _photo(number: int, shows: str) -> Accepted:
    """A drawn stand-in: a wall, a floor, and a spot where something is wrong, or no more."""
    picture = Image.new("RGB", (800, 600), (214 - 6 * number, 205, 190))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 430, 800, 600), fill=(120, 110 + 4 * number, 100))
    draw.rectangle((120 + 30 * number, 180, 300 + 30 * number, 430), fill=(90, 100, 120))
    if shows == "发现时":
        draw.ellipse((430, 250, 610, 400), outline=(190, 40, 30), width=14)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return Accepted(f"示例{shows}.jpg", out.getvalue(), "image/jpeg")
