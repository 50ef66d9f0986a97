"""武清区's other papers: annual statistics and a published list, invented to differ in few places.

They say what the newest counted returns and the registry say, but for the differences below.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from accounts.access.acting import choose_membership
from accounts.history.context import because
from accounts.models import Region, User
from config.demo import wuqing
from indicators.models import KindergartenFacts
from kindergartens.models import (
    AnnualStatistics,
    KindergartenStatus,
    PublishedKindergarten,
    ReportingPeriod,
)
from kindergartens.rules import school_year
from reports.reconciling.rules import Explained
from reports.reconciling.selectors import reconcile
from reports.reconciling.services import explain_differences

WRITTEN = "the demo is being written"
UNKNOWN = "1112149901"
Ownership = KindergartenStatus.Ownership
Kind = PublishedKindergarten.Kind
# What the statistics have more or less, by figure; each kindergarten of the list once.
ODD: tuple[dict[str, int], ...] = (
    {"children": 6},
    {"children": -4},
    {"children": 25, "classes": 1},
    {"classes": 1},
    {"teachers": -2, "staff": -2, "certified": -2},
    {"staff": 1},
)
EXPLAINED = "9月2日以后有6名幼儿随家长搬离，事业统计按9月1日填报"
RENAMED = "2026年暑假更名，名单公布时用的还是原名"


@dataclass(frozen=True)
class Running:
    """A kindergarten that runs on the day, with its newest counted facts."""

    status: KindergartenStatus
    facts: KindergartenFacts


def write_papers(*, chance: random.Random, today: dt.date, now: dt.datetime) -> str:
    """Statistics of 1 September, a few corrected later, the lists of the same month, two reasons."""
    county = Region.objects.get(level=Region.Level.COUNTY, code=wuqing.CODE)
    period = ReportingPeriod.objects.filter(county=county).latest("month")
    day = dt.date(school_year(period.month), 9, 1)
    running = _running(county, period.reference_date)
    odd = chance.sample(_may_be_odd(running, period), len(ODD) + 4)
    stated, left_out = odd[: len(ODD)], odd[len(ODD)]
    with because("演示数据"):
        statistics = _statistics(county, day, running, dict(zip(_keys(stated), ODD, strict=True)))
        statistics = [row for row in statistics if row.code != _code(left_out)]
        statistics += _corrected(statistics, chance, until=period.reference_date)
        AnnualStatistics.objects.bulk_create(statistics)
        published_on = min(day + dt.timedelta(days=14), period.reference_date)
        listed = _lists(county, published_on, running, odd[len(ODD) + 1 :])
        PublishedKindergarten.objects.bulk_create(listed)
    _explain(period, [_code(stated[0]), _code(odd[len(ODD) + 2])], today=today, now=now)
    return f"事业统计{len(statistics)}行，公示名单{len(listed)}行"


def _code(one: Running) -> str:
    return one.status.kindergarten.code


def _keys(several: list[Running]) -> list[str]:
    return [_code(one) for one in several]


def _running(county: Region, day: dt.date) -> list[Running]:
    facts = {
        row.kindergarten_id: row
        for row in KindergartenFacts.objects.unscoped(WRITTEN)
        .current()
        .filter(county=county)
        .order_by("month")
    }
    statuses = (
        KindergartenStatus.objects.unscoped(WRITTEN)
        .filter(town__county=county)
        .on(day)
        .expected_to_file()
        .select_related("kindergarten")
        .order_by("kindergarten__code")
    )
    return [
        Running(row, facts[row.kindergarten_id]) for row in statuses if row.kindergarten_id in facts
    ]


def _may_be_odd(running: list[Running], period: ReportingPeriod) -> list[Running]:
    """Those counted in the newest month, without that of the director who signs in.

    A visitor files that one first, and finds nothing odd.
    """
    own = User.objects.get(username=wuqing.DIRECTOR).memberships.get().organisation_id
    return [
        one
        for one in running
        if one.facts.month == period.month and one.status.kindergarten.organisation_id != own
    ]


def _statistics(
    county: Region, day: dt.date, running: list[Running], odd: dict[str, dict[str, int]]
) -> list[AnnualStatistics]:
    rows = []
    for one in running:
        facts, more = one.facts, odd.get(_code(one), {})
        told = {
            "children": facts.enrolled_children,
            "classes": facts.classes,
            "staff": facts.staff,
            "teachers": facts.full_time_teachers,
            "certified": facts.certified_principals_and_teachers,
        }
        rows.append(
            AnnualStatistics(
                county=county,
                code=_code(one),
                name=one.status.kindergarten.name,
                reference_date=day,
                source=f"{day.year}/{day.year + 1}学年教育事业统计",
                **{figure: max(number + more.get(figure, 0), 0) for figure, number in told.items()},
            )
        )
    rows.append(
        AnnualStatistics(
            county=county, code=UNKNOWN, name="示例已迁走幼儿园", reference_date=day, children=62,
            classes=3, staff=11, teachers=6, source=f"{day.year}/{day.year + 1}学年教育事业统计",
        )
    )  # fmt: skip
    return rows


def _corrected(
    rows: list[AnnualStatistics], chance: random.Random, *, until: dt.date
) -> list[AnnualStatistics]:
    """Three kindergartens told again three weeks later, with the same numbers but one."""
    again = []
    for row in chance.sample(rows[:-1], 3):
        values = {
            name: getattr(row, name)
            for name in ("county", "code", "name", "children", "classes", "staff", "teachers",
                         "certified")
        }  # fmt: skip
        later = min(row.reference_date + dt.timedelta(days=24), until)
        again.append(
            AnnualStatistics(**values, reference_date=later, source="教育事业统计核对后补报")
        )
    return again


def _lists(
    county: Region, day: dt.date, running: list[Running], odd: list[Running]
) -> list[PublishedKindergarten]:
    """All but one on the list, one under its old name, one as another kind, one nobody knows."""
    left_out, renamed, unlike = _keys(odd[:3])
    rows = []
    for one in running:
        code, status = _code(one), one.status
        if code == left_out:
            continue
        name, ownership = status.kindergarten.name, Ownership(status.ownership)
        if code == renamed:
            name = f"{name.removesuffix('幼儿园')}示例幼儿园"
        published = ownership
        if code == unlike:
            published = (
                Ownership.NON_INCLUSIVE_PRIVATE
                if ownership == Ownership.INCLUSIVE_PRIVATE
                else Ownership.INCLUSIVE_PRIVATE
            )
        line = {"county": county, "published_on": day, "code": code, "name": name}
        rows.append(
            PublishedKindergarten(
                **line, kind=Kind.APPROVED, ownership=published,
                document=f"武清区{day.year}年已审批幼儿园名单（示例）",
            )
        )  # fmt: skip
        if status.counts_inclusive and code != renamed:
            private = ownership == Ownership.INCLUSIVE_PRIVATE
            rows.append(
                PublishedKindergarten(
                    **line, kind=Kind.INCLUSIVE, ownership=ownership,
                    grade="" if not private else "A类" if one.facts.classes > 6 else "B类",
                    document=f"武清区{day.year}年普惠性幼儿园名单（示例）",
                )
            )  # fmt: skip
    rows.append(
        PublishedKindergarten(
            county=county, kind=Kind.APPROVED, published_on=day, code=UNKNOWN,
            name="示例已迁走幼儿园", ownership=Ownership.NON_INCLUSIVE_PRIVATE,
            document=f"武清区{day.year}年已审批幼儿园名单（示例）",
        )
    )  # fmt: skip
    return rows


def _explain(
    period: ReportingPeriod, codes: list[str], *, today: dt.date, now: dt.datetime
) -> None:
    """What an officer wrote already, as the page would take it."""
    officer = User.objects.get(username="wuqing-officer")
    choose_membership(officer, None, today=today)
    found = reconcile(officer, period, now=now)
    for code, text in zip(codes, (EXPLAINED, RENAMED), strict=True):
        line = found.line(code)
        if line is None:
            continue
        figures = {pair.figure: pair for pair in line.pairs if pair.differs}
        entries = {one.key: one.values for one in line.list_differences}
        seen = entries | {
            key: Explained(pair.returned, pair.stated)
            for key, pair in figures.items()
            if pair.returned is not None and pair.stated is not None
        }
        if seen:
            explain_differences(
                period=period, code=code, texts=dict.fromkeys(seen, text), seen=seen, by=officer,
                now=now,
            )  # fmt: skip
