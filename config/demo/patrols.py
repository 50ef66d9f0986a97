"""The demo's cameras and weekly patrols over them, with a circular issued of the last whole week.

All invented: places of cameras, faults, findings, documents. Real kindergartens have nothing recorded.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo.roster import EVERYBODY
from kindergartens.models import Kindergarten
from safety.models import (
    AppraisalRule,
    DeviceFault,
    PatrolFinding,
    PatrolLook,
    PatrolTalk,
    TalkThreshold,
    VideoDevice,
    VideoPatrol,
)
from safety.patrols.finding_kinds import finding_list
from safety.patrols.rules import monday_of
from safety.patrols.services.circulars import issue_circular

WEEKS = 6
# Days of a week after its Monday on which the county patrols, and the share it looks at each time.
PATROL_DAYS = (1, 3)
LOOKED_AT = 0.6
# So many of the invented ones have no camera registered yet.
WITHOUT_CAMERAS = 4
CAMERAS = (
    ("大门东侧", "gate"),
    ("北围墙", "perimeter"),
    ("操场", "playground"),
    ("一楼走廊", "corridor"),
    ("小一班活动室", "classroom"),
    ("厨房操作间", "kitchen"),
)
FAILS, COMES_BACK, ABNORMAL, FOUND = 0.004, 0.5, 0.002, 0.05
NOTES = {
    "staff_absent": "中二班活动室有几分钟没有教师",
    "exit_blocked": "一楼东侧出口堆放纸箱",
    "guard_absent": "离园后门卫室无人",
    "phone": "户外活动时看手机",
    "clutter": "楼梯下堆放旧桌椅",
    "gate_open": "入园结束后大门没有关",
    "kitchen": "操作时没有戴口罩",
    "nap_unwatched": "午睡时段值班教师离开",
}
THRESHOLD_DOCUMENT = "示例文件：视频监控运行管理月约谈办法"
RULE_DOCUMENT = "示例文件：视频监控运行管理年考核办法"


def write_patrols(rng: random.Random, county_code: str, now: dt.datetime) -> str:
    """The last six weeks, each time a part of the invented kindergartens."""
    county = Region.objects.of_code(county_code)
    officer = (
        Membership.objects.filter(
            organisation__region=county, role=RoleCode.BUREAU_OFFICER, deputises_for__isnull=True
        )
        .order_by("pk")[:1]
        .get()
    )
    places = list(
        Kindergarten.objects.unscoped(EVERYBODY)
        .filter(organisation__region__county=county, is_example=True)
        .order_by("organisation__region__code", "code")
    )
    _write_settings(county)
    cameras = _write_cameras(places, officer, now)
    monday = monday_of(timezone.localdate(now)) - dt.timedelta(days=7 * WEEKS)
    written = _Patrols(rng, officer, places, cameras)
    days = [
        monday + dt.timedelta(days=7 * week + day)
        for week in range(WEEKS + 1)
        for day in PATROL_DAYS
    ]
    for number, day in enumerate(days):
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(9 + number % 2 * 6, 30)))
        if at < now:
            written.add(at)
    written.save()
    _write_talk(places, officer, now)
    last = monday + dt.timedelta(days=7 * (WEEKS - 1))
    user = officer.user
    choose_membership(user, officer.pk, today=timezone.localdate(now))
    issue_circular(monday=last, by=user, now=now)
    return f"设备{len(cameras)}台，巡查{len(written.patrols)}次，周通报1期"


class _Patrols:
    """Patrols as they go on: a camera that failed stays offline until it comes back."""

    def __init__(
        self,
        rng: random.Random,
        officer: Membership,
        places: Sequence[Kindergarten],
        cameras: Sequence[VideoDevice],
    ) -> None:
        self.rng, self.officer, self.places = rng, officer, places
        self.cameras: dict[int, list[VideoDevice]] = {}
        for camera in cameras:
            self.cameras.setdefault(camera.kindergarten_id, []).append(camera)
        self.down: set[int] = set()
        self.patrols: list[VideoPatrol] = []
        self.looks: list[PatrolLook] = []
        self.faults: list[DeviceFault] = []
        self.findings: list[PatrolFinding] = []

    def add(self, at: dt.datetime) -> None:
        patrol = VideoPatrol(
            patrolled_at=at, patrolled_as=self.officer, entered_at=at + dt.timedelta(hours=1)
        )
        self.patrols.append(patrol)
        for place in self.places:
            if self.rng.random() < LOOKED_AT:
                look = PatrolLook(patrol=patrol, kindergarten=place)
                self.looks.append(look)
                self._see(look)

    def _see(self, look: PatrolLook) -> None:
        for camera in self.cameras.get(look.kindergarten_id, []):
            if camera.pk in self.down and self.rng.random() < COMES_BACK:
                self.down.discard(camera.pk)
            elif self.rng.random() < FAILS:
                self.down.add(camera.pk)
            if camera.pk in self.down:
                self.faults.append(DeviceFault(look=look, device=camera, state="offline"))
            elif self.rng.random() < ABNORMAL:
                self.faults.append(DeviceFault(look=look, device=camera, state="abnormal"))
        if self.rng.random() < FOUND:
            kind = self.rng.choice(sorted(NOTES))
            severity = finding_list().kinds[kind].severity
            self.findings.append(
                PatrolFinding(look=look, kind=kind, severity=severity, note=NOTES[kind])
            )

    def save(self) -> None:
        VideoPatrol.objects.bulk_create(self.patrols)
        PatrolLook.objects.bulk_create(self.looks, batch_size=2000)
        DeviceFault.objects.bulk_create(self.faults, batch_size=2000)
        PatrolFinding.objects.bulk_create(self.findings, batch_size=2000)


def _write_cameras(
    places: Sequence[Kindergarten], officer: Membership, now: dt.datetime
) -> list[VideoDevice]:
    return VideoDevice.objects.bulk_create(
        [
            VideoDevice(
                kindergarten=place, number=f"{number:02d}", place=at, spot=spot,
                installed_on=dt.date(2023, 8, 20), entered_as=officer, entered_at=now,
            )
            for place in places[WITHOUT_CAMERAS:]
            for number, (at, spot) in enumerate(CAMERAS, start=1)
        ]
    )  # fmt: skip


def _write_settings(county: Region) -> None:
    since = dt.date(2025, 1, 1)
    TalkThreshold.objects.create(
        region=county, findings_at_least=3, offline_days_over=7, document=THRESHOLD_DOCUMENT,
        valid_from=since,
    )  # fmt: skip
    AppraisalRule.objects.create(
        region=county, minor_points=1, serious_points=2, grave_points=5, offline_day_points="0.5",
        talk_points=3, excellent_from=90, good_from=80, pass_from=60, document=RULE_DOCUMENT,
        valid_from=since,
    )  # fmt: skip


def _write_talk(places: Sequence[Kindergarten], officer: Membership, now: dt.datetime) -> None:
    """One, of last month, with the kindergarten that had most findings then."""
    today = timezone.localdate(now)
    month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    found = (
        PatrolFinding.objects.unscoped(EVERYBODY)
        .filter(
            look__kindergarten__in=[one.pk for one in places],
            look__patrol__patrolled_at__date__gte=month,
            look__patrol__patrolled_at__date__lt=today.replace(day=1),
        )
        .values_list("look__kindergarten", flat=True)
    )
    counted = sorted(found, key=list(found).count)
    if counted:
        PatrolTalk.objects.create(
            kindergarten_id=counted[-1], month=month, held_on=today.replace(day=1),
            speaker_post="学前教育科科长", heard_post="园长",
            result="一周内整改到位，每周自查一次并报教育局", entered_as=officer, entered_at=now,
        )  # fmt: skip
