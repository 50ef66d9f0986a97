"""Rows of the registers of staff, of meals, of safety and of campaigns, past the services: for scenes that are about what they add up to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Membership, Organisation, Region
from fees.models import AidCount, FundingPayment, MealAccount, MealEntry
from indicators.models import Publication, PublicationDraft
from indicators.publications.content import collect
from indicators.publications.rules import canonical, digest_of
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignHazard,
    CampaignPart,
    CampaignPlace,
    RectificationItem,
)
from kindergartens.models import Kindergarten
from safety.models import (
    AppraisalRule,
    DeviceFault,
    Drill,
    Hazard,
    HazardEvent,
    HazardPhoto,
    HazardPlate,
    IncidentCase,
    IncidentFinding,
    IncidentReport,
    KitchenLicence,
    LiabilityPolicy,
    PatrolFinding,
    PatrolLook,
    PatrolTalk,
    SafetyTraining,
    SelfCheck,
    SelfCheckPhoto,
    SelfCheckProblem,
    TalkThreshold,
    VideoDevice,
    VideoPatrol,
)
from staffing.models import Appointment, Insurance, PayRecord, PostQuota, StaffMember, Training
from staffing.models.people import next_staff_keys
from tests.small_county import NOW, SINCE


def paid(
    kindergarten: Kindergarten, post: Membership, year: int, *, established: tuple[int, int],
    other: tuple[int, int],
) -> None:  # fmt: skip
    """A whole year: (people, yuan) of each kind, all of them without a title."""
    for kind, (heads, yuan) in (("established", established), ("non_established", other)):
        for title in PayRecord.Title.values:
            told = (heads, yuan) if title == "none" else (0, 0)
            PayRecord.objects.create(
                kindergarten=kindergarten, year=year, kind=kind, title=title, heads=told[0],
                yuan=told[1], entered_as=post, entered_at=NOW,
            )  # fmt: skip


def granted(
    kindergarten: Kindergarten, post: Membership, yuan: Decimal, year: int = 2026
) -> FundingPayment:
    """Public money by the number of children."""
    return FundingPayment.objects.create(
        kindergarten=kindergarten, year=year, kind="per_child", paid_on=dt.date(2026, 6, 1),
        yuan=yuan, document="示例拨款文件", entered_as=post, entered_at=NOW,
    )  # fmt: skip


def aided(kindergarten: Kindergarten, post: Membership, year: int = 2025) -> None:
    """A whole first half-year: two children of families in hardship."""
    for kind in AidCount.Kind.values:
        children = 2 if kind == "hardship" else 0
        AidCount.objects.create(
            kindergarten=kindergarten, year=year, half="first", kind=kind, children=children,
            yuan=children * 1_500, entered_as=post, entered_at=NOW,
        )  # fmt: skip


def approved(
    kindergarten: Kindergarten, post: Membership, posts: int, since: dt.date = SINCE
) -> PostQuota:
    return PostQuota.objects.create(
        kindergarten=kindergarten, posts=posts, valid_from=since, document="示例编办批复",
        entered_as=post, entered_at=NOW,
    )  # fmt: skip


def employed(
    kindergarten: Kindergarten, entered_as: Membership, people: int, *, on: bool,
    post: str = "full_time_teacher", since: dt.date = SINCE,
) -> list[Appointment]:  # fmt: skip
    """So many people in one post, on the establishment or off it."""
    made = []
    for key in next_staff_keys(people):
        person = StaffMember(
            pk=key, name="示例教师", identifier_type="passport", number=f"E{key:08d}", sex="female",
            birth_date=dt.date(1990, 5, 17),
        )  # fmt: skip
        person.save(force_insert=True)
        made.append(
            Appointment.objects.create(
                person=person, kindergarten=kindergarten, post=post, full_time=True,
                started_on=since, establishment="established" if on else "non_established",
                entered_as=entered_as, entered_at=NOW,
            )
        )  # fmt: skip
    return made


def meals_kept(
    kindergarten: Kindergarten, post: Membership, year: int = 2026, season: str = "autumn", *,
    state: str = "open",
) -> MealAccount:  # fmt: skip
    """A term with its first month: 10,000 yuan came in, 9,900 went out, all of it was counted."""
    handed_in = {} if state == "open" else {
        "submitted_as": post, "submitted_at": NOW, "counted_cash": 100,
    }  # fmt: skip
    account = MealAccount.objects.create(
        kindergarten=kindergarten, year=year, season=season, opening=0, state=state,
        entered_as=post, entered_at=NOW, **handed_in,
    )  # fmt: skip
    MealEntry.objects.create(
        account=account, month=account.term.first_day, receipts=10_000, food=9_000, fuel=800,
        other=100, refunds=0, child_days=600, lunch=600, entered_as=post, entered_at=NOW,
    )  # fmt: skip
    return account


def insured(post: Appointment, kinds: int = 6, *, until: dt.date | None = None) -> None:
    """The first so many of the six kinds."""
    for kind in Insurance.Kind.values[:kinds]:
        Insurance.objects.create(
            appointment=post, kind=kind, valid_from=SINCE, valid_until=until,
            entered_as=post.entered_as, entered_at=NOW,
        )  # fmt: skip


def trained(post: Appointment, hours: str, ended_on: dt.date) -> None:
    Training.objects.create(
        person=post.person, level="county", subject=f"示例培训{ended_on}", hours=hours,
        started_on=ended_on, ended_on=ended_on, entered_as=post.entered_as, entered_at=NOW,
    )  # fmt: skip


def a_hazard(
    kindergarten: Kindergarten, post: Membership, *, state: str = "mending", grade: str = "general",
    found_on: dt.date = dt.date(2026, 10, 20), deadline: dt.date | None = dt.date(2026, 11, 20),
    by: Membership | None = None, **more: Any,
) -> Hazard:  # fmt: skip
    """Reported and mended by `post`, re-checked `by` another; with its event."""
    facts: dict[str, Any] = {
        "place": "示例厨房", "field": "fire", "description": "示例灭火器压力不足", "source": "self_check",
        "fixed_on_spot": False, "requirement": "示例更换", "responsible": "示例安全员",
        "stop_use": False, "client_id": uuid4(),
    }  # fmt: skip
    if state in ("mended", "cleared", "closed"):
        facts |= {"mended_as": post, "mended_at": NOW}
    if state == "closed":
        facts |= {"closed_as": by, "closed_at": NOW}
    region = kindergarten.organisation.region
    hazard = Hazard.objects.create(
        number=f"YH{region.code[:6]}2026-{Hazard.objects.count() + 1:04d}",
        county=region.county or region, kindergarten=kindergarten, grade=grade, found_on=found_on,
        deadline=deadline, state=state, reported_as=post, reported_at=NOW, **facts | more,
    )  # fmt: skip
    HazardEvent.objects.create(
        hazard=hazard, action="reported", at=NOW, done_as=post, deadline=deadline, reason="示例"
    )
    return hazard


def a_photo(hazard: Hazard, post: Membership, shows: str = "found") -> HazardPhoto:
    with transaction.atomic():
        stored = store.keep(
            Accepted("示例照片.jpg", f"{hazard.pk}{shows}".encode(), "image/jpeg"), post=post, now=NOW
        )  # fmt: skip
        return HazardPhoto.objects.create(
            hazard=hazard,
            shows=shows,
            file=stored,
            name="示例照片.jpg",
            added_as=post,
            added_at=NOW,
        )


def a_plate(hazard: Hazard, post: Membership, **more: Any) -> HazardPlate:
    """Hung on the hazard by its bureau, with all five points."""
    return HazardPlate.objects.create(
        hazard=hazard, supervisor=post.organisation, measures="示例拆除重砌", funding="示例自筹3万元",
        responsibility="示例园长负责", plan="示例腾空教室", document_number="示教督〔2026〕1号",
        deadline=hazard.deadline, hung_on=NOW.date(), hung_as=post, **more,
    )  # fmt: skip


def a_camera(kindergarten: Kindergarten, post: Membership, number: str = "01") -> VideoDevice:
    return VideoDevice.objects.create(
        kindergarten=kindergarten, number=number, place="示例大门", spot="gate",
        installed_on=dt.date(2025, 9, 1), entered_as=post, entered_at=NOW,
    )  # fmt: skip


def a_patrol(
    post: Membership, at: dt.datetime, *looked: Kindergarten, offline: tuple[VideoDevice, ...] = (),
    found: str = "", note: str = "示例说明",
) -> VideoPatrol:  # fmt: skip
    """Looked at the kindergartens; `found` in the first of them, `offline` wherever the camera is."""
    patrol = VideoPatrol.objects.create(patrolled_at=at, patrolled_as=post, entered_at=at)
    for place, kindergarten in enumerate(looked):
        look = PatrolLook.objects.create(patrol=patrol, kindergarten=kindergarten)
        for device in offline:
            if device.kindergarten_id == kindergarten.pk:
                DeviceFault.objects.create(look=look, device=device, state="offline")
        if found and not place:
            PatrolFinding.objects.create(look=look, kind=found, severity="serious", note=note)
    return patrol


def a_talk(kindergarten: Kindergarten, post: Membership, month: dt.date) -> PatrolTalk:
    return PatrolTalk.objects.create(
        kindergarten=kindergarten, month=month, held_on=NOW.date(), speaker_post="示例科长",
        heard_post="示例园长", result="示例结果", entered_as=post, entered_at=NOW,
    )  # fmt: skip


def a_threshold(county: Region, findings: int = 3, days: int = 5) -> TalkThreshold:
    return TalkThreshold.objects.create(
        region=county, findings_at_least=findings, offline_days_over=days, document="示例通知",
        valid_from=SINCE,
    )  # fmt: skip


def an_appraisal_rule(county: Region) -> AppraisalRule:
    return AppraisalRule.objects.create(
        region=county, minor_points=1, serious_points=2, grave_points=5, offline_day_points="0.5",
        talk_points=3, excellent_from=90, good_from=80, pass_from=60, document="示例办法",
        valid_from=SINCE,
    )  # fmt: skip


def a_case(
    kindergarten: Kindergarten, post: Membership, *, final_by: Membership | None = None, **more: Any
) -> IncidentCase:
    """A child that fell yesterday, reported and told in time; with a final report where said by whom."""
    region = kindergarten.organisation.region
    at = NOW - dt.timedelta(days=1)
    case = IncidentCase.objects.create(
        **{
            "number": f"SG{region.code[:6]}2026-{900 + IncidentCase.objects.count()}",
            "county": region.county or region, "kindergarten": kindergarten, "kind": "injury",
            "occurred_at": at, "place": "示例操场", "harm": "slight", "children_hurt": 1,
            "children_dead": 0, "staff_hurt": 0, "staff_dead": 0, "concerns_children": True,
            "account": "示例幼儿跌倒擦伤", "measures": "示例送医检查",
            "reported_at": at + dt.timedelta(minutes=25), "reported_to": ["education"],
            "parents_told_at": at + dt.timedelta(minutes=10), "entered_as": post,
            "entered_at": NOW,
        }
        | more
    )  # fmt: skip
    if final_by is not None:
        IncidentReport.objects.create(
            case=case, kind="final", reported_at=NOW, text="示例终报", entered_as=final_by,
            entered_at=NOW,
        )  # fmt: skip
    return case


def a_finding(case: IncidentCase, post: Membership, nature: str = "ethics") -> IncidentFinding:
    return IncidentFinding.objects.create(
        case=case, nature=nature, document="示例教认〔2026〕1号", decided_on=NOW.date(),
        entered_as=post, entered_at=NOW,
    )  # fmt: skip


def a_self_check(
    kindergarten: Kindergarten, post: Membership, day: dt.date = dt.date(2026, 11, 4)
) -> tuple[SelfCheck, SelfCheckPhoto]:
    """The fire exits of a day, with a problem that was put right at once, and its photograph."""
    check = SelfCheck.objects.create(
        kindergarten=kindergarten, field="fire", frequency="daily", day=day, begins=day,
        normal=["fire_power"], submission=uuid4(), entered_as=post, entered_at=NOW,
    )  # fmt: skip
    problem = SelfCheckProblem.objects.create(
        self_check=check, line="fire_exits", account="示例通道堆物", place="示例楼梯口",
        fixed_on_spot=True,
    )  # fmt: skip
    content = f"自查{kindergarten.pk}{day}".encode()
    with transaction.atomic():
        stored = store.keep(Accepted("示例照片.jpg", content, "image/jpeg"), post=post, now=NOW)
        photo = SelfCheckPhoto.objects.create(
            problem=problem, file=stored, name="示例照片.jpg", added_as=post, added_at=NOW
        )
    return check, photo


def in_the_ledger(hazard: Hazard, post: Membership) -> RectificationItem:
    return RectificationItem.objects.create(
        number=hazard.number.replace("YH", "ZG"), county=hazard.county,
        kindergarten=hazard.kindergarten, kind="dated", hazard=hazard, problem="示例问题",
        requirement="示例要求", responsible="示例园长", deadline=hazard.deadline, opened_as=post,
        opened_at=NOW,
    )  # fmt: skip


def kept_up(kindergarten: Kindergarten, post: Membership) -> Drill:
    """A drill, a training, a policy and a kitchen, all in order at NOW."""
    entered: dict[str, Any] = {
        "kindergarten": kindergarten, "entered_as": post, "entered_at": NOW,
    }  # fmt: skip
    SafetyTraining.objects.create(
        held_on=dt.date(2026, 10, 15), subject="示例器材使用", people=20, **entered
    )
    LiabilityPolicy.objects.create(
        insurer="示例保险公司", number="示例保单1", valid_from=dt.date(2026, 9, 1),
        valid_until=dt.date(2027, 8, 31), children=100, sum_yuan=5_000_000, **entered,
    )  # fmt: skip
    KitchenLicence.objects.create(
        number="示例许可1", valid_from=dt.date(2024, 5, 1), valid_until=dt.date(2029, 4, 30),
        open_kitchen="online", **entered,
    )  # fmt: skip
    return Drill.objects.create(
        kind="fire", held_on=dt.date(2026, 10, 20), people=120, minutes=6, found="示例后门拥堵",
        **entered,
    )  # fmt: skip


def a_campaign(
    county: Region, post: Membership, department: Organisation, *kindergartens: Kindergarten,
    name: str = "示例联合检查",
) -> Campaign:  # fmt: skip
    """October's, of one department over some kindergartens; nobody has checked yet."""
    campaign = Campaign.objects.create(
        county=county, name=name, document="示例文件", starts_on=dt.date(2026, 10, 1),
        ends_on=dt.date(2026, 10, 31), entered_as=post, entered_at=NOW,
    )  # fmt: skip
    CampaignPart.objects.create(campaign=campaign, department=department, items="示例消防通道")
    for kindergarten in kindergartens:
        CampaignPlace.objects.create(campaign=campaign, kindergarten=kindergarten)
    return campaign


def a_campaign_check(
    campaign: Campaign, kindergarten: Kindergarten, post: Membership, hazard: Hazard | None = None
) -> CampaignCheck:
    """One finding at a place, by the campaign's only department; with the hazard it opened."""
    check = CampaignCheck.objects.create(
        part=campaign.parts.get(), place=campaign.places.get(kindergarten=kindergarten),
        checked_on=dt.date(2026, 10, 12), found=1, fixed=0, note="示例通道堵塞", entered_as=post,
        entered_at=NOW,
    )  # fmt: skip
    if hazard is not None:
        CampaignHazard.objects.create(
            check_row=check, hazard=hazard, entered_as=post, entered_at=NOW
        )
    return check


def a_campaign_circular(campaign: Campaign, post: Membership) -> CampaignCircular:
    return CampaignCircular.objects.create(
        campaign=campaign, county=campaign.county, year=2026,
        number=CampaignCircular.objects.count() + 1, demand="示例要求",
        figures={
            "name": campaign.name, "document": campaign.document, "starts_on": "2026-10-01",
            "ends_on": "2026-10-31", "places": 1, "departments": [], "towns": [],
            "total": {"due": 1, "done": 1, "left": 0, "found": 1, "fixed": 0, "hazards": 0,
                      "places_with_findings": 1},
            "findings": [
                {"place": "示例园", "town": "示例镇", "department": "示例部门", "day": "2026-10-12",
                 "found": 1, "fixed": 0, "note": "示例通道堵塞", "hazards": []}
            ],
            "unchecked": [],
        },
        issued_as=post, issued_at=NOW,
    )  # fmt: skip


def a_publication_draft(
    region: Region, post: Membership, *, kind: str = "monthly", state: str = "waiting"
) -> PublicationDraft:
    """Of the region's October, as its figures are now."""
    body = collect(region, dt.date(2026, 10, 1)) | {"incomplete_reason": ""}
    content = canonical(body)
    return PublicationDraft.objects.create(
        region=region, kind=kind, month=dt.date(2026, 10, 1), state=state, content=content,
        digest=digest_of(content), prepared_as=post, prepared_at=NOW,
    )  # fmt: skip


def a_publication(region: Region, officer: Membership, leader: Membership) -> Publication:
    """The October bulletin of a region, published at NOW."""
    draft = a_publication_draft(region, officer, state="published")
    number = f"YDTB-{region.code}-2026-0001"
    content = canonical(
        draft.body
        | {
            "number": number, "kind": draft.kind, "kind_name": "月度通报", "revision": 0,
            "corrects": None, "reason": "", "frozen_at": NOW, "changes": [],
            "prepared_by": officer.organisation.name, "published_by": leader.organisation.name,
        }
    )  # fmt: skip
    return Publication.objects.create(
        number=number, region=region, kind=draft.kind, month=draft.month, school_year=2026,
        revision=0, provisional=draft.body["provisional"], content=content,
        digest=digest_of(content), draft=draft, prepared_as=officer, published_as=leader,
        published_at=NOW,
    )  # fmt: skip
