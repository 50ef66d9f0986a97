"""Incidents of 昆都仑区, all invented: reported in time and late, open and closed, one that vetoes a check."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from config.demo import kundulun
from config.demo.procedures import DAY, Desk, private_ones
from kindergartens.dated.services import set_row
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of
from safety.incidents import services
from safety.incidents.limits import LIMIT
from safety.incidents.rules import FIRST_REPORT, PARENTS, CaseFacts
from safety.models import Incident, IncidentCase

DOCUMENT = "示例：昆都仑区幼儿园突发事件信息报送办法"
FINDING = "示例：昆都仑区教育局关于师德问题的认定意见〔示例1号〕"
ALLOWED = {FIRST_REPORT: 60, PARENTS: 30}
EVERYBODY = "the demo writes for one of everybody"
MINUTE = dt.timedelta(minutes=1)


def write_incidents(*, today: dt.date, now: dt.datetime) -> str:
    desk = Desk(kundulun.CODE, today=today, now=now)
    officer = desk.login("kundulun-officer")
    for step, minutes in ALLOWED.items():
        values = {
            "step": step, "kind": "", "minutes": minutes, "document": DOCUMENT,
            "valid_from": dt.date(today.year - 2, 9, 1),
        }  # fmt: skip
        set_row(kind=LIMIT, values=values, by=officer, today=today)
    public = list(
        Kindergarten.objects.unscoped(EVERYBODY)
        .filter(organisation__region__county__code=kundulun.CODE, is_example=True)
        .select_related("organisation__region__county")
        .order_by("code")[:3]
    )
    private = list(private_ones(kundulun.CODE, today))[-1]
    first = (
        Kindergarten.objects.unscoped(EVERYBODY)
        .select_related("organisation__region__county")
        .get(organisation__memberships__user__username="kundulun-director")
    )
    made = [
        _closed(desk, first),
        _late(desk, public[1]),
        _running(desk, public[2]),
        _vetoing(desk, private),
        *_stated(desk),
    ]
    return f"{len(made)}起"


def _record(
    desk: Desk, kindergarten: Kindergarten, at: dt.datetime, *, reported: int | None = None,
    told: int | None = None, **said: Any,
) -> IncidentCase:  # fmt: skip
    """Recorded a while after; `reported` and `told` minutes after it happened."""
    values: dict[str, Any] = {
        "kind": "injury", "place": "操场", "harm": "slight", "children_hurt": 1, "children_dead": 0,
        "staff_hurt": 0, "staff_dead": 0, "concerns_children": True,
    }  # fmt: skip
    facts = CaseFacts(
        occurred_at=at,
        reported_at=None if reported is None else at + reported * MINUTE,
        reported_to=[] if reported is None else ["education"],
        parents_told_at=None if told is None else at + told * MINUTE,
        **values | said,
    )
    return services.record_case(
        kindergarten=kindergarten, facts=facts, by=desk.director(kindergarten),
        now=min(desk.now, at + 200 * MINUTE),
    )  # fmt: skip


def _at(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def _close(desk: Desk, case: IncidentCase, at: dt.datetime, final: str, note: str) -> None:
    services.add_report(
        case_id=case.pk, kind="final", reported_at=at, text=final,
        by=desk.director(case.kindergarten), now=at,
    )  # fmt: skip
    case.refresh_from_db()
    services.close_case(
        case_id=case.pk, note=note, seen=stamp_of(case, services.SAID),
        by=desk.login("kundulun-officer"), now=at + 2 * DAY,
    )  # fmt: skip


def _closed(desk: Desk, kindergarten: Kindergarten) -> IncidentCase:
    at = _at(desk.today - 20 * DAY, 10, 15)
    case = _record(
        desk, kindergarten, at, reported=35, told=10,
        account="户外活动时一名中班幼儿从攀爬架跌落，左前臂擦伤肿胀",
        measures="保健医生现场处理，送医拍片，未见骨折；攀爬架当天停用",
    )  # fmt: skip
    final = "复查无碍，已返园。攀爬架下缓冲层加厚并重新验收；值班教师站位作了调整"
    _close(desk, case, at + 5 * DAY, final, "处置及时，整改到位，同意结案")
    services.supplement(
        case_id=case.pk, text="医院复诊后诊断为桡骨青枝骨折，伤害程度应为轻伤", reason="家长提供了复诊病历",
        by=desk.director(kindergarten), now=at + 9 * DAY,
    )  # fmt: skip
    return case


def _late(desk: Desk, kindergarten: Kindergarten) -> IncidentCase:
    at = _at(desk.today - 12 * DAY, 12, 40)
    case = _record(
        desk, kindergarten, at, reported=130, told=45, kind="food", place="小二班活动室",
        children_hurt=3, account="午餐后三名小班幼儿呕吐，疑似与当天一道凉拌菜有关",
        measures="停止供应该菜，封存留样，三名幼儿送医观察，当晚均已回家",
    )  # fmt: skip
    services.add_report(
        case_id=case.pk, kind="follow_up", reported_at=at + 2 * DAY, by=desk.director(kindergarten),
        text="留样已送检，结果未出；三名幼儿已返园，无新增", now=at + 2 * DAY,
    )  # fmt: skip
    return case


def _running(desk: Desk, kindergarten: Kindergarten) -> IncidentCase:
    """Nobody has written down yet whether anybody was told."""
    return _record(
        desk, kindergarten, desk.now - 20 * MINUTE, kind="premises", place="一楼盥洗室",
        harm="none", children_hurt=0, account="盥洗室水管爆裂，一个班的活动室进水，幼儿已转移",
        measures="关闭阀门，转移幼儿到多功能厅，联系维修",
    )  # fmt: skip


def _vetoing(desk: Desk, kindergarten: Kindergarten) -> IncidentCase:
    """Last year's, so that the check of that year, which is being looked at, meets it."""
    year = desk.today.year - 1
    at = _at(dt.date(year, 11, 18), 9, 30)
    case = _record(
        desk, kindergarten, at, reported=50, told=20, kind="violation", place="大一班活动室",
        harm="none", children_hurt=0,
        account="家长反映后调取监控，一名教师让幼儿较长时间罚站并训斥，属变相体罚",
        measures="当天停止该教师工作，向教育局和公安报告，安排心理疏导",
    )  # fmt: skip
    final = "该教师已解除合同；园方向家长致歉，全园开展师德整改，监控每日抽查"
    _close(desk, case, at + 20 * DAY, final, "事实清楚，处理到位，同意结案")
    case.refresh_from_db()
    services.find(
        case_id=case.pk, seen=stamp_of(case, services.SAID), nature="ethics", document=FINDING,
        decided_on=timezone.localdate(at + 25 * DAY), by=desk.login("kundulun-officer"),
        now=at + 25 * DAY,
    )  # fmt: skip
    desk.ask("annual_check", kindergarten, back=6, details={"year": year})
    return case


def _stated(desk: Desk) -> list[IncidentCase]:
    """A case of one incident that a return states; what else returns state has none yet."""
    stated = (
        Incident.objects.unscoped(EVERYBODY)
        .filter(
            filing_version__filing__kindergarten__organisation__region__county__code=desk.county
        )
        .select_related("filing_version__filing__kindergarten__organisation__region__county")
        .order_by("-occurred_on", "pk")
        .first()
    )
    if stated is None:
        return []
    return [
        _record(
            desk, stated.filing_version.filing.kindergarten, _at(stated.occurred_on, 10, 50),
            reported=30, told=15, kind=stated.kind, children_hurt=stated.children_hurt,
            account=stated.account, measures="送医检查，告知家长，检查场地",
        )
    ]  # fmt: skip
