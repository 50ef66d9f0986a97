"""The order in which the demo is written; each part is one transaction and done once."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Region
from config.demo import altay, kundulun, shijingshan, wuqing
from config.demo.accounts import add_account_stories
from config.demo.aggregates import write_aggregates
from config.demo.bans import write_bans
from config.demo.buses import write_buses
from config.demo.calendar import PeriodPlan, past_year, running_year
from config.demo.campaigns import write_campaigns
from config.demo.changes import write_changes
from config.demo.charges import write_charges
from config.demo.establishment import write_establishment
from config.demo.fees import write_fees
from config.demo.filings import freeze_accepted, write_filings
from config.demo.free_year import write_free_year
from config.demo.funding import write_funding
from config.demo.hazards import write_hazards
from config.demo.incidents import write_incidents
from config.demo.meals import write_meals
from config.demo.measures import write_measures
from config.demo.papers import write_papers
from config.demo.patrols import write_patrols
from config.demo.people import add_office_logins
from config.demo.periods import add_extension
from config.demo.plan import CountyPlan
from config.demo.premises import write_premises
from config.demo.procedures import add_procedures
from config.demo.publications import write_publications
from config.demo.recognition import write_recognition
from config.demo.record import add_record_stories
from config.demo.recruitment import write_recruitment
from config.demo.registry import write_county
from config.demo.repayments import write_repayments
from config.demo.roster import write_roster
from config.demo.schedule_filings import write_schedule_filings
from config.demo.secondments import write_secondments
from config.demo.selfchecks import write_self_checks
from config.demo.staff_papers import write_staff_papers
from config.demo.targets import write_targets
from config.demo.unlicensed import write_unlicensed
from config.demo.upkeep import write_upkeep
from config.demo.works import COUNTIES as COUNTIES_WITH_WORKS
from config.demo.works import write_works
from config.models import DemoPart
from indicators.models import RecomputeRun
from indicators.services import runs
from indicators.services.recompute import recompute
from kindergartens.models import ReportingPeriod

SEED = "demo-1"
LOCK = 72_000_000
ALTAY_LAST_MONTH = dt.date(2020, 12, 1)
ALTAY = "654300"
COUNTIES = {
    wuqing.CODE: "武清区",
    kundulun.CODE: "昆都仑区",
    shijingshan.CODE: "石景山区",
    "654301": "阿勒泰市",
    "654321": "布尔津县",
    "654322": "富蕴县",
    "654323": "福海县",
    "654324": "哈巴河县",
    "654325": "青河县",
    "654326": "吉木乃县",
}
COUNTIES_WITH_PATROLS = (wuqing.CODE, kundulun.CODE)
# Zones that manage land (400 and above) are no towns of the demo.
FIRST_ZONE = "400"


class LoadingElsewhereError(Exception):
    """Another load of the demo is running on this database."""


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    write: Callable[[], str]


def load_demo(*, today: dt.date, now: dt.datetime, say: Callable[[str], None]) -> bool:
    """Write what is missing of the demo; returns whether anything was written.

    `today` decides which twelve months are shown; a run that goes on after an interruption keeps
    the first run's day. Raises LoadingElsewhereError.
    """
    with _only_one_load():
        done = DemoPart.objects.order_by("finished_at").first()
        anchor = done.anchor if done else today
        finished = set(DemoPart.objects.values_list("name", flat=True))
        parts = list(_parts(anchor, now))
        missing = [part for part in parts if part.name not in finished]
        for number, part in enumerate(parts, 1):
            if part not in missing:
                continue
            with transaction.atomic():
                result = part.write()
                DemoPart.objects.create(name=part.name, anchor=anchor, finished_at=now)
            say(f"[{number}/{len(parts)}] {part.title}：{result}")
        if missing:
            _analyse()
        return bool(missing)


class _only_one_load:
    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise LoadingElsewhereError

    def __exit__(self, *failure: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _parts(anchor: dt.date, now: dt.datetime) -> Iterator[Part]:
    plans = _Plans()
    yield Part("regions", "行政区划", _regions)
    yield Part("policies", "政策文件和目标", _policies)
    yield Part(
        "building-rules", "园舍标准、设备目录和建设计划", partial(_run, "load_building_rules")
    )
    yield Part("staffing-standards", "教职工配备标准", partial(_run, "load_staffing_standards"))
    yield Part("safety-measures", "安全防范清单", partial(_run, "load_safety_measures"))
    yield Part("series", "全国和省市历年公布数", partial(_run, "load_series"))
    surveys = partial(write_recognition, wuqing.CODE, timezone.localdate(now))
    yield Part("recognition", "武清区社会认可度调查", surveys)
    yield Part("logins", "机构和演示账号", add_office_logins)
    registry = partial(write_county, anchor=anchor)
    for code, name in COUNTIES.items():
        periods = _periods(code, anchor)
        yield Part(
            f"registry:{code}",
            f"{name}幼儿园、人口和报送期",
            partial(_county_part, registry, f"registry:{code}", code, plans, periods),
        )
        yield Part(
            f"fees:{code}",
            f"{name}收费标准",
            partial(_county_part, write_fees, f"fees:{code}", code, plans, periods),
        )
        yield Part(
            f"filings:{code}",
            f"{name}十二个月的月报",
            partial(_county_part, write_filings, f"filings:{code}", code, plans, periods),
        )
    for code, name in COUNTIES.items():
        yield Part(f"charges:{code}", f"{name}月报里的收费", partial(write_charges, code))
    for code, name in COUNTIES.items():
        if code not in altay.COUNTIES:
            yield Part(
                f"meals:{code}",
                f"{name}伙食费收支",
                partial(write_meals, _chance(f"meals:{code}"), code, anchor),
            )
            yield Part(
                f"free-year:{code}",
                f"{name}学前一年免保教费",
                partial(write_free_year, code, _periods(code, anchor), now),
            )
    yield Part(
        "funding",
        "昆都仑区经费和补助",
        partial(write_funding, _chance("funding"), kundulun.CODE, anchor),
    )
    for number, (code, name) in enumerate(COUNTIES.items()):
        yield Part(
            f"roster:{code}",
            f"{name}教职工名册",
            partial(write_roster, _chance(f"roster:{code}"), code, number),
        )
    for code, name in COUNTIES.items():
        yield Part(
            f"staff-papers:{code}",
            f"{name}教职工证件材料",
            partial(
                write_staff_papers, _chance(f"staff-papers:{code}"), code,
                whole=code not in altay.COUNTIES, today=timezone.localdate(now), now=now,
            ),
        )  # fmt: skip
    for code, name in COUNTIES.items():
        last = _periods(code, anchor)[-1].reference_date
        yield Part(
            f"establishment:{code}",
            f"{name}公办园编制和年工资",
            partial(write_establishment, _chance(f"establishment:{code}"), code, last),
        )
        yield Part(
            f"secondments:{code}",
            f"{name}结对和轮岗",
            partial(write_secondments, _chance(f"secondments:{code}"), code, last),
        )
    for code, name in COUNTIES.items():
        # Altay's demo ends with 2020; elsewhere the count was made two months ago.
        day = dt.date(2020, 10, 20) if code in altay.COUNTIES else anchor - dt.timedelta(days=60)
        yield Part(
            f"premises:{code}",
            f"{name}园舍和设备",
            partial(_premises, f"premises:{code}", code, plans, day, now),
        )
    for code in COUNTIES_WITH_WORKS:
        yield Part(
            f"works:{code}",
            f"{COUNTIES[code]}建设项目和小区配套园",
            partial(write_works, _chance(f"works:{code}"), code, anchor, now),
        )
    for code in COUNTIES_WITH_PATROLS:
        yield Part(
            f"patrols:{code}",
            f"{COUNTIES[code]}视频设备和巡查",
            partial(write_patrols, _chance(f"patrols:{code}"), code, now),
        )
    yield Part("recruitment", "人员补充计划", write_recruitment)
    yield Part("bans", "从业禁止名单", partial(write_bans, anchor))
    found = partial(write_unlicensed, today=anchor, now=now)
    yield Part("unlicensed", "无证花名册", found)
    measures = partial(write_measures, today=timezone.localdate(now), now=now)
    yield Part("measures", "昆都仑区安全防范佐证", measures)
    yield Part("facts", "接收的月报计入数据", _facts)
    yield Part("figures", "三率汇总", partial(_figures, now))
    since = _periods(wuqing.CODE, anchor)[0].month
    targets = partial(write_targets, since=since, today=timezone.localdate(now))
    yield Part("targets", "区县自己登记的政策目标", targets)
    stories = partial(add_account_stories, today=timezone.localdate(now), now=now)
    records = partial(add_record_stories, today=timezone.localdate(now), now=now)
    yield Part("records", "曾用名、教学点和资料改动申请", records)
    yield Part("accounts", "账号申请、代办和导出申请", stories)
    procedures = partial(add_procedures, today=timezone.localdate(now), now=now)
    yield Part("procedures", "备案和审批事项", procedures)
    schedules = partial(write_schedule_filings, today=timezone.localdate(now), now=now)
    buses = partial(write_buses, today=timezone.localdate(now), now=now)
    yield Part("buses", "昆都仑区校车", buses)
    repayments = partial(write_repayments, today=timezone.localdate(now), now=now)
    yield Part("repayments", "多收退款", repayments)
    yield Part("schedule-filings", "收费备案", schedules)
    changes = partial(write_changes, today=timezone.localdate(now), now=now)
    yield Part("staff-changes", "园长和教师变更备案", changes)
    incidents = partial(write_incidents, today=timezone.localdate(now), now=now)
    yield Part("incidents", "昆都仑区事故档案", incidents)
    extension = partial(add_extension, today=timezone.localdate(now), now=now)
    yield Part("extensions", "延期补报", extension)
    yield Part("hazards", "昆都仑区安全隐患", partial(write_hazards, now=now))
    for code, director in ((kundulun.CODE, ""), (wuqing.CODE, wuqing.DIRECTOR)):
        yield Part(
            f"self-checks:{code}",
            f"{COUNTIES[code]}安全自查",
            partial(
                write_self_checks, _chance(f"self-checks:{code}"), code, director,
                timezone.localdate(now), now,
            ),
        )  # fmt: skip
        yield Part(
            f"upkeep:{code}",
            f"{COUNTIES[code]}演练、培训和保险",
            partial(
                write_upkeep, _chance(f"upkeep:{code}"), code, director, timezone.localdate(now),
                now,
            ),
        )  # fmt: skip
    campaigns = partial(write_campaigns, today=timezone.localdate(now), now=now)
    yield Part("campaigns", "集中整治", campaigns)
    papers = partial(write_papers, chance=_chance("papers"), today=timezone.localdate(now), now=now)
    yield Part("papers", "事业统计、公示名单和对账说明", papers)
    yield Part("aggregates", "武清区报送以前的历年数", partial(write_aggregates, wuqing.CODE, now))
    bulletins = partial(write_publications, today=timezone.localdate(now), now=now)
    yield Part("publications", "数据通报和更正", bulletins)
    yield Part("verified", "三率核验", partial(_verified, now))


def _periods(code: str, anchor: dt.date) -> list[PeriodPlan]:
    return past_year(ALTAY_LAST_MONTH) if code in altay.COUNTIES else running_year(anchor)


def _chance(name: str) -> random.Random:
    """The same invented data for the same part on every machine."""
    return random.Random(f"{SEED}:{name}")  # noqa: S311 - invented head-counts, not secrets


class _Plans:
    """Plans by county, made when first asked for: they need the regions."""

    def __init__(self) -> None:
        self._made: dict[str, CountyPlan] = {}

    def of(self, code: str) -> CountyPlan:
        if code not in self._made:
            self._make(code)
        return self._made[code]

    def _make(self, code: str) -> None:
        if code in altay.COUNTIES:
            towns = {
                county: [altay.Place(town.code, town.name) for town in _towns(county)]
                for county in altay.COUNTIES
            }
            for plan in altay.plans(_chance("plan:altay"), towns):
                self._made[plan.code] = plan
            return
        make = {
            wuqing.CODE: wuqing.plan,
            kundulun.CODE: kundulun.plan,
            shijingshan.CODE: shijingshan.plan,
        }[code]
        self._made[code] = make(
            _chance(f"plan:{code}"), {town.name: town.code for town in _towns(code)}
        )


def _towns(county: str) -> list[Region]:
    return [
        town
        for town in Region.objects.filter(level=Region.Level.TOWN, county__code=county).order_by(
            "code"
        )
        if town.code[6:9] < FIRST_ZONE
    ]


def _county_part(
    write: Callable[[random.Random, CountyPlan, list[PeriodPlan]], str],
    name: str,
    code: str,
    plans: _Plans,
    periods: list[PeriodPlan],
) -> str:
    return write(_chance(name), plans.of(code), periods)


def _premises(name: str, code: str, plans: _Plans, day: dt.date, now: dt.datetime) -> str:
    return write_premises(_chance(name), plans.of(code), day, now)


def _policies() -> str:
    return _run("load_policies")


def _regions() -> str:
    """All regions; those of the demo are switched on."""
    loaded = _run("load_regions")
    counties = Region.objects.filter(level=Region.Level.COUNTY, code__in=COUNTIES.keys())
    towns = [town.pk for code in COUNTIES for town in _towns(code)]
    above = Q(pk__in=counties.values("city")) | Q(pk__in=counties.values("province"))
    Region.objects.filter(above | Q(pk__in=counties) | Q(pk__in=towns)).update(is_active=True)
    return loaded


def _run(command: str) -> str:
    """What a command of its own has to say about what it did."""
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue().strip()


def _facts() -> str:
    # Without it the planner takes the thousands of returns written just now for a handful.
    _analyse()
    return freeze_accepted()


def _figures(now: dt.datetime) -> str:
    months = ReportingPeriod.objects.order_by("month").values_list("month", flat=True).distinct()
    rows = sum(recompute(month=month, now=now) for month in months)
    return f"{rows}行"


def _verified(now: dt.datetime) -> str:
    """As beat does every night: what was told after the returns were counted is found here."""
    run = runs.begin(
        purpose=RecomputeRun.Purpose.VERIFICATION, months=runs.months_with_figures(now=now), now=now
    )
    while run.state == RecomputeRun.State.RUNNING:
        run = runs.take_step(run_id=run.pk, now=now)
    return f"{run.done}个月，{run.drifted}行有差异"


def _analyse() -> None:
    """The tables have grown from nothing: let the planner know before the first page."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
