"""A small prefecture for tests: one city, two counties, towns and kindergartens on request.

Everything goes through the same models and services as in the portal. Names are invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.access.acting import choose_membership
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Membership, Organisation, Region, User
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute
from kindergartens.changes.services import change_status
from kindergartens.models import (
    ClassCount,
    FilingAttachment,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    Population,
    Procedure,
    ProcedureDocument,
    ProcedureEvent,
    ReportingPeriod,
    StatusChange,
    StatusDocument,
)
from kindergartens.models.filing import MORE_COUNTS
from reports.filings import unchanged
from reports.filings.checks.classes import MOST_ATTENDED
from safety.models import Incident, SafetyAnswer
from safety.rules import safety_items
from staffing.models import StaffCount

CHINA = ZoneInfo("Asia/Shanghai")
OCTOBER = dt.date(2026, 10, 1)
SEPTEMBER = dt.date(2026, 9, 1)
NOW = dt.datetime(2026, 11, 5, 16, 40, tzinfo=CHINA)
SINCE = dt.date(2020, 1, 1)

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")

# The kept bytes are what counts here, not that a reader opens them.
PDF = b"%PDF-1.7\n%%EOF\n"


def moment(year: int, month: int, day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=CHINA)


DAYS_OPEN = 20


def more_of_a_class(children: int) -> dict[str, int]:
    """Flows, attendance and parts of a class in which nothing happened; nearly all came.

    Tests that tell kindergartens apart by huge classes have no more than a return takes.
    """
    attended = min(children * (DAYS_OPEN - 1), MOST_ATTENDED)
    return dict.fromkeys(MORE_COUNTS, 0) | {"attended": attended}


def type_what_begins_empty(filing: MonthlyFiling, attended: str = "300") -> MonthlyFiling:
    """Type what no month begins with into the saved draft: nothing has happened, all is safe.

    Every section is ticked as last month's: the ticks of those that are not do not hold.
    """
    for row in filing.draft["classes"]:
        row["attended"] = row["attended"] or attended
    for row in filing.draft["staff"].values():
        row |= {name: row[name] or "0" for name in ("joined", "left")}
    for row in filing.draft["safety"].values():
        row["answer"] = row["answer"] or "yes"
    filing.draft["incidents"] = filing.draft["incidents"] or {"month": {"none": "1"}}
    posts = filing.kindergarten.organisation.memberships
    post = posts.filter(role="director").first() or posts.first()
    filing.draft[unchanged.KEY] = dict.fromkeys(
        unchanged.SECTIONS, str(unchanged.Stamp(NOW, post.pk))
    )
    filing.save(update_fields=["draft"])
    return filing


def an_incident(filing: MonthlyFiling) -> Incident:
    """Said in the return's first version."""
    return Incident.objects.create(
        filing_version=filing.versions.get(version=1),
        number=1,
        occurred_on=filing.month,
        kind="injury",
        children_hurt=1,
        staff_hurt=0,
        account="示例经过",
        reported_at=NOW,
    )


@dataclass
class SmallCounty:
    """Builder. Towns and kindergartens are added by its methods; `settle` computes the figures."""

    county: Region = field(init=False)
    other_county: Region = field(init=False)
    city: Region = field(init=False)
    serial: count = field(default_factory=lambda: count(1))
    town_numbers: count = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        province = Region.objects.create(code="650000", name="示例省", level=1, is_active=True)
        self.city = Region.objects.create(
            code="654300",
            name="示例市",
            level=2,
            parent=province,
            province=province,
            is_active=True,
        )
        self.county, self.other_county = (
            Region.objects.create(
                code=code,
                name=name,
                level=3,
                parent=self.city,
                province=province,
                city=self.city,
                is_active=True,
            )
            for code, name in (("654321", "甲县"), ("654322", "乙县"))
        )
        for county in (self.county, self.other_county):
            for month, day, due in ((9, 30, (2026, 10, 9)), (10, 31, (2026, 11, 6))):
                ReportingPeriod.objects.create(
                    county=county,
                    month=dt.date(2026, month, 1),
                    reference_date=dt.date(2026, month, day),
                    opens_at=moment(2026, month, 25),
                    due_at=moment(*due, 18),
                    locks_at=moment(2026, month + 1, 20),
                )

    def town(
        self,
        name: str,
        *,
        county: Region | None = None,
        people: int | None = 300,
        street: bool = False,
    ) -> Region:
        county = county or self.county
        number = next(self.town_numbers)
        town = Region.objects.create(
            code=f"{county.code}{'0' if street else '1'}{number:02d}000",
            name=name,
            level=4,
            parent=county,
            county=county,
            city=self.city,
            province=self.city.province,
            is_active=True,
        )
        if people is not None:
            self.populate(town, people)
        return town

    def populate(self, region: Region, people: int) -> None:
        for base in Population.Base.values:
            for age in (3, 4, 5):
                Population.objects.create(
                    region=region,
                    reference_date=dt.date(2026, 9, 1),
                    base=base,
                    age=age,
                    children=people // 3,
                    source="示例统计局",
                )

    def kindergarten(
        self,
        town: Region,
        name: str,
        *,
        ownership: str = "public",
        state: str = "operating",
        valid_from: dt.date = SINCE,
    ) -> Kindergarten:
        organisation = Organisation.objects.create(
            name=name, kind=Organisation.Kind.KINDERGARTEN, region=town
        )
        kindergarten = Kindergarten.objects.create(
            organisation=organisation,
            name=name,
            code=f"1165{next(self.serial):06d}",
            is_example=True,
            opened_on=SINCE,
        )
        KindergartenStatus.objects.create(
            kindergarten=kindergarten,
            valid_from=valid_from,
            town=town,
            operating_state=state,
            sponsor_type="education" if ownership == "public" else "private",
            ownership=ownership,
            for_profit=ownership == "non_inclusive_private",
            counts_public=ownership == "public",
            counts_inclusive=ownership != "non_inclusive_private",
        )
        return kindergarten

    def file(
        self,
        kindergarten: Kindergarten,
        children: int,
        *,
        month: dt.date = OCTOBER,
        state: str = "accepted",
        nursery: int = 0,
        teachers: int = 2,
        classes: int = 1,
        unsafe: Mapping[str, Mapping[str, Any]] | None = None,
        staff: Mapping[str, int] | None = None,
    ) -> MonthlyFiling:
        """A submitted return of one class (and a nursery class); accepted ones are frozen.

        `classes`: that many of the small grade instead, each with as many `children`. `unsafe`: what
        the self-check says of an item; all others are 是. `staff` are people by post, of whom one
        in each post that needs a certificate has it; without it two in each and `teachers`.
        """
        town = kindergarten.organisation.region
        period = ReportingPeriod.objects.get(county=town.county, month=month)
        clerk = self.person("园所资料员", kindergarten.organisation, "kindergarten_clerk")
        filing = MonthlyFiling.objects.create(
            kindergarten=kindergarten,
            period=period,
            month=month,
            town=town,
            state=state,
            version=1,
            accepted_version=1 if state == "accepted" else None,
            first_submitted_at=period.due_at - dt.timedelta(days=2),
            updated_at=period.due_at - dt.timedelta(days=2),
        )
        version = FilingVersion.objects.create(
            filing=filing,
            version=1,
            days_open=DAYS_OPEN,
            incidents=0,
            submitted_at=filing.first_submitted_at,
            submitted_as=clerk.memberships.get(),
        )
        for number in range(classes):
            ClassCount.objects.create(
                filing_version=version,
                position=number + 1,
                name=f"小{NUMERALS[number]}班",
                grade="small",
                boys=children // 2,
                girls=children - children // 2,
                age3=children,
                **more_of_a_class(children),
            )
        if nursery:
            ClassCount.objects.create(
                filing_version=version,
                position=classes + 1,
                name="托一班",
                grade="nursery",
                boys=nursery,
                girls=0,
                **more_of_a_class(nursery),
            )
        for post in StaffCount.Post:
            people = teachers if post == StaffCount.Post.FULL_TIME_TEACHER else 2
            if staff is not None:
                people = staff.get(post, 0)
            certified = min(1, people) if post in StaffCount.CERTIFIED_POSTS else None
            StaffCount.objects.create(
                filing_version=version, post=post, people=people, certified=certified
            )
        SafetyAnswer.objects.bulk_create(
            SafetyAnswer(
                filing_version=version, item=item, **(unsafe or {}).get(item, {"answer": "yes"})
            )
            for item in safety_items()
        )
        if state == "accepted":
            freeze_facts(
                version_ids=[version.pk],
                accepted_at=filing.first_submitted_at + dt.timedelta(hours=4),
            )
        return filing

    def attach(
        self, filing: MonthlyFiling, content: bytes = PDF, name: str = "情况说明.pdf"
    ) -> FilingAttachment:
        """A document that was submitted with the return's first version."""
        post = filing.versions.get(version=1).submitted_as
        now = filing.first_submitted_at
        with transaction.atomic():
            stored = store.keep(Accepted(name, content, "application/pdf"), post=post, now=now)
            state, version = filing.state, filing.version
            # As it was before it was submitted: the database takes attachments only then.
            MonthlyFiling.objects.filter(pk=filing.pk).update(
                state="draft", version=0, accepted_version=None
            )
            attachment = FilingAttachment.objects.create(
                filing=filing, file=stored, name=name, from_version=1, added_as=post, added_at=now
            )
            MonthlyFiling.objects.filter(pk=filing.pk).update(
                state=state, version=version, accepted_version=filing.accepted_version
            )
        return attachment

    def plan_change(
        self, kindergarten: Kindergarten, officer: User
    ) -> tuple[StatusChange, StatusDocument]:
        """A change that begins at New Year 2027, with its paper."""
        choose_membership(officer, None, today=NOW.date())
        with transaction.atomic():
            stored = store.keep(
                Accepted("批复.pdf", PDF, "application/pdf"), post=officer.acting, now=NOW
            )
            change_status(
                kindergarten=kindergarten,
                valid_from=dt.date(2027, 1, 1),
                values={"level": "first"},
                reason="评为一级园",
                document=stored,
                document_name="批复.pdf",
                by=officer,
                now=NOW,
            )
        change = kindergarten.status_changes.get()
        return change, change.documents.get()

    def procedure(
        self,
        kindergarten: Kindergarten,
        asker: User,
        *,
        kind: str = "director_change",
        details: dict[str, object] | None = None,
        effective_on: dt.date | None = None,
    ) -> Procedure:
        """One that was asked for on the day before NOW, with a paper, waiting to be checked."""
        post, at = asker.memberships.get(), NOW - dt.timedelta(days=1)
        county = kindergarten.organisation.region.county
        with transaction.atomic():
            procedure = Procedure.objects.create(
                number=f"{county.code[:6]}2026-{next(self.serial):04d}",
                county=county,
                kindergarten=kindergarten,
                kind=kind,
                details={"former": "甲", "person": "乙"} if details is None else details,
                reason="示例事由",
                occurred_on=dt.date(2026, 10, 20),
                effective_on=effective_on,
                due_on=dt.date(2026, 11, 11),
                asked_as=post,
                asked_at=at,
            )
            ProcedureEvent.objects.create(
                procedure=procedure, action="asked", at=at, done_as=post, reason="示例事由"
            )
            stored = store.keep(Accepted("材料.pdf", PDF, "application/pdf"), post=post, now=at)
            ProcedureDocument.objects.create(
                procedure=procedure, title="材料", file=stored, name="材料.pdf",
                added_as=post, added_at=at,
            )  # fmt: skip
        return procedure

    def person(self, role_name: str, organisation: Organisation, role: str) -> User:
        user = User.objects.create(username=f"user{next(self.serial)}", full_name=role_name)
        Membership.objects.create(user=user, organisation=organisation, role=role, valid_from=SINCE)
        return user

    def officer(self, region: Region | None = None, role: str = "bureau_officer") -> User:
        region = region or self.county
        kind = {2: "city_bureau", 3: "bureau", 4: "town_office"}[region.level]
        organisation, _ = Organisation.objects.get_or_create(
            name=f"{region.name}教育局", kind=kind, region=region
        )
        return self.person("经办人", organisation, role)

    def settle(self, *months: dt.date, now: dt.datetime = NOW) -> None:
        for month in months or (OCTOBER,):
            recompute(month=month, now=now)
