"""Joint campaigns, invented: one of 昆都仑区 that is over, with its circular, and one of 武清区 under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from accounts.models import Organisation, Region, User
from config.demo import kundulun, wuqing
from config.demo.procedures import DAY, Desk
from inspections.campaigns import services
from inspections.campaigns.rules import CheckFacts
from inspections.models import Campaign, CampaignPart, CampaignPlace
from kindergartens.models import Kindergarten
from safety.hazards.services import Found, report_hazard

# As 包头's list (11) has them: departments look together. By what the name of one ends with.
LINES: Mapping[str, str] = {
    "教育局": "门卫和外来人员登记\n接送交接\n安全制度和演练记录",
    "消防救援大队": "疏散通道和安全出口\n消防设施是否有效\n用火用电",
    "消防救援支队": "疏散通道和安全出口\n消防设施是否有效\n用火用电",
    "市场监督管理局": "食品经营许可和明厨亮灶\n留样和进货查验\n特种设备检验",
    "公安分局": "专职保安和器械\n一键报警联网\n周边治安",
}
# Every so many checks find something, which opens a hazard of the field.
FINDS = 5
ON_THE_SPOT = ""
FINDINGS: Mapping[str, tuple[str, str, str]] = {
    "教育局": ("接送卡没有逐人核对", ON_THE_SPOT, "一楼门厅"),
    "消防救援大队": ("疏散通道堆放教具", "fire", "二楼东侧走廊"),
    "消防救援支队": ("灭火器压力不足两具", "fire", "一楼走廊"),
    "市场监督管理局": ("留样记录缺两天", "food", "食堂"),
    "公安分局": ("一键报警测试未接通", "equipment", "门卫室"),
}
KEYS = UUID("2c1d1b4e-0e0b-4f57-9b1c-0d8a5e6f4a21")
TOWNS = 3
DEMAND = (
    "有关幼儿园要在期限内改好并报教育局，责任督学逐园复查；没有改好的，由区教育局会同有关部门约谈。"
)
EVERYBODY = "the demo writes for one of everybody"


def write_campaigns(*, today: dt.date, now: dt.datetime) -> str:
    over = Desk(kundulun.CODE, today=today, now=now)
    officer = over.login("kundulun-officer")
    names = ("教育局", "消防救援大队", "市场监督管理局", "公安分局")
    campaign = _set_up(over, officer, names, "秋季开学安全联合检查", back=45, days=20)
    _check(over, campaign, officer)
    services.issue(
        campaign_id=campaign.pk, demand=DEMAND, reason="", by=officer, now=now - 22 * DAY
    )
    here = Desk(wuqing.CODE, today=today, now=now)
    leader = here.login("wuqing-officer")
    still = ("教育局", "消防救援支队", "市场监督管理局")
    running = _set_up(here, leader, still, "冬季用火用电联合检查", back=8, days=30)
    # The department that signs in has begun; the others are on their way.
    _check(here, running, here.login("wuqing-fire"), departments=("消防救援支队",), part=2)
    _check(here, running, leader, departments=("教育局",), part=3)
    return f"{campaign}、{running}"


def _set_up(
    desk: Desk, by: User, names: Sequence[str], name: str, *, back: int, days: int
) -> Campaign:
    begins = desk.today - back * DAY
    county = Region.objects.of_code(desk.county)
    towns = _towns(county)
    campaign = services.set_up(
        values={
            "name": f"{begins.year}年{name}",
            "document": f"示例：{county.name}关于开展幼儿园{name}的通知",
            "starts_on": begins,
            "ends_on": begins + days * DAY,
        },
        towns=towns,
        by=by,
        now=desk.now - back * DAY,
    )
    # Nothing is invented about kindergartens that have a real name.
    for place in campaign.places.filter(kindergarten__is_example=False):
        services.remove_place(
            place_id=place.pk, reason="示例数据只用虚构的园", by=by, now=desk.now - back * DAY
        )
    for one in names:
        kind = Organisation.Kind.BUREAU if one == "教育局" else Organisation.Kind.DEPARTMENT
        department, _ = Organisation.objects.get_or_create(
            name=f"{county.name}{one}", kind=kind, region=county
        )
        services.add_part(campaign_id=campaign.pk, department=department, items=LINES[one], by=by)
    return campaign


def _towns(county: Region) -> list[Region]:
    """The first that have invented kindergartens."""
    rows = Kindergarten.objects.unscoped(EVERYBODY).filter(
        organisation__region__county=county, is_example=True
    )
    keys = rows.order_by().values_list("organisation__region", flat=True).distinct()
    return list(Region.objects.filter(pk__in=keys).order_by("code")[:TOWNS])


def _check(
    desk: Desk, campaign: Campaign, by: User, *, departments: Sequence[str] = (), part: int = 1
) -> None:
    """Every `part`th place, by all departments or by some; the places one after another in time."""
    parts = [
        (one, next(name for name in LINES if one.department.name.endswith(name)))
        for one in campaign.parts.select_related("department", "campaign")
    ]
    places = list(
        campaign.places.standing().select_related("kindergarten__organisation__region__county")
    )
    for at, place in enumerate(places):
        if at % part:
            continue
        day = campaign.starts_on + min(at % 12, (desk.today - campaign.starts_on).days) * DAY
        for number, (one, name) in enumerate(parts):
            if departments and name not in departments:
                continue
            finds = (at * 3 + number) % FINDS == 0
            _record(desk, one, place, by, day, FINDINGS[name] if finds else None)


def _record(
    desk: Desk, part: CampaignPart, place: CampaignPlace, by: User, day: dt.date,
    finding: tuple[str, str, str] | None,
) -> None:  # fmt: skip
    then = desk.now - (desk.today - day)
    says, field, where = finding or ("", ON_THE_SPOT, "")
    check = services.record_check(
        part=part, place=place, by=by, now=then,
        facts=CheckFacts(day, 1 if finding else 0, 1 if finding and field == ON_THE_SPOT else 0, says),
    )  # fmt: skip
    if finding is None or field == ON_THE_SPOT:
        return
    bureau = desk.login(f"{'kundulun' if desk.county == kundulun.CODE else 'wuqing'}-officer")
    hazard = report_hazard(
        client_id=uuid5(KEYS, f"{part.pk}-{place.pk}"),
        kindergarten=place.kindergarten,
        found=Found(
            place=where, field=field, description=says, source="campaign", found_on=day,
            item=part.lines[0], deadline=day + 50 * DAY,
        ),
        by=bureau,
        now=then,
    )  # fmt: skip
    services.link_hazard(check=check, number=hazard.number, by=bureau, now=then)
