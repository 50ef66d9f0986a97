"""安全防范 of 昆都仑区: invented evidence of every kindergarten for each measure of 包头's list.

Most is confirmed and in force; some has run out, was sent back, waits, or was never handed in, so
that each rate lies below 100 % with a list of those missing. Guards are those of the roster.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from PIL import Image

from accounts.access.roles import RoleCode
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Membership, Region
from config.demo import kundulun
from kindergartens.models import Kindergarten
from safety.measures.selectors import MeasureLists
from safety.models import MeasureDocument, MeasureEvidence, SafetyMeasure

EVERYBODY = "the demo writes everybody's"
State = MeasureEvidence.State
DAY = dt.timedelta(days=1)
# Of so many kindergartens the first ones are as it says, by measure and chance; the rest are in order.
OF = 40
EXPIRED, RENEWING, RETURNED, WAITING, NEVER, ENDED = range(6)
# Where it is, what is there, and what paper goes with it.
SAYS = {
    "alarm": ("门卫室和值班室", "一键报警按钮2个，已接入公安机关，测试正常", "示例：接警测试单"),
    "video": (
        "大门、周界、走廊、活动室",
        "摄像头{n}个，覆盖公共区域，录像保存90天",
        "示例：系统验收单",
    ),
    "closed-site": ("周界和大门", "围墙闭合，一处出入口，来访登记核实", ""),
    "gate-barriers": ("大门外两侧", "升降柱{n}根，能升降", "示例：施工验收单"),
    "escort-post": ("大门口和过街处", "上下学各1岗{n}人，按周排班", "示例：护学岗排班表"),
}
BACK = "照片看不出位置，请补一张能看见大门的"


@dataclass(frozen=True)
class Posts:
    of_kindergarten: dict[int, Membership]
    officer: Membership


def write_measures(*, today: dt.date, now: dt.datetime) -> str:
    county = Region.objects.of_code(kundulun.CODE)
    listed = [
        row for row in MeasureLists(today).in_region(county)
        if row.judged_by == SafetyMeasure.JudgedBy.EVIDENCE
    ]  # fmt: skip
    posts = Membership.objects.filter(organisation__region__county=county, role=RoleCode.DIRECTOR)
    officer = Membership.objects.filter(
        organisation__region=county, role=RoleCode.BUREAU_OFFICER
    ).earliest("pk")
    desk = Posts({post.organisation_id: post for post in posts.order_by("-pk")}, officer)
    places = Kindergarten.objects.unscoped(EVERYBODY).filter(
        organisation__region__county=county, is_example=True
    )
    rows = [
        row
        for kindergarten in places.order_by("code")
        if kindergarten.organisation_id in desk.of_kindergarten
        for measure in listed
        for row in _of(kindergarten, measure, desk, today, now)
    ]
    MeasureEvidence.objects.bulk_create(rows)
    photo = store.keep(Accepted("示例照片.png", _photo(), "image/png"), post=officer, now=now)
    MeasureDocument.objects.bulk_create(
        MeasureDocument(
            evidence=row, file=photo, name=f"示例照片（{row.measure.label}）.png",
            added_as=row.entered_as, added_at=row.entered_at,
        )
        for row in rows
    )  # fmt: skip
    return f"{len(rows)}份佐证"


def _of(
    kindergarten: Kindergarten,
    measure: SafetyMeasure,
    desk: Posts,
    today: dt.date,
    now: dt.datetime,
) -> Iterator[MeasureEvidence]:
    seed = crc32(f"{kindergarten.code}:{measure.code}".encode())
    chance, number = seed % OF, seed // OF % 5
    if chance == NEVER:
        return
    # A year each; every ninth or so ends within two months.
    until = today + DAY * (15 + seed // 200 % 320)
    if chance in (EXPIRED, RENEWING):
        until = today - DAY * (20 + number * 7)
    since = until - DAY * 365
    place, found, document = SAYS[measure.code]

    def evidence(since: dt.date, until: dt.date, entered: dt.datetime) -> MeasureEvidence:
        return MeasureEvidence(
            kindergarten=kindergarten, measure=measure, place=place,
            found=found.format(n=number + 3), document=document, valid_from=since,
            valid_until=until, entered_at=entered,
            entered_as=desk.of_kindergarten[kindergarten.organisation_id],
        )  # fmt: skip

    if chance in (RETURNED, WAITING):
        yield _decided(evidence(since, until, now - 4 * DAY), desk, chance, now)
        return
    first = evidence(since, until, now - (today - since - 2 * DAY))
    first = _decided(first, desk, ENDED + 1, now)
    if chance == ENDED:
        first.ended_on = today - 12 * DAY
        first.ended_reason = "现场查看，已经拆除，没有恢复"
    yield first
    if chance == RENEWING:
        yield evidence(today - 3 * DAY, today + 362 * DAY, now - 2 * DAY)


def _decided(
    evidence: MeasureEvidence, desk: Posts, chance: int, now: dt.datetime
) -> MeasureEvidence:
    if chance != WAITING:
        evidence.state = State.RETURNED if chance == RETURNED else State.CONFIRMED
        evidence.note = BACK if chance == RETURNED else ""
        evidence.decided_as = desk.officer
        evidence.decided_at = min(evidence.entered_at + 2 * DAY, now)
    return evidence


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "lightsteelblue").save(out, "PNG")
    return out.getvalue()
