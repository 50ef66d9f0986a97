"""Two counties with a row of every kind, and who looks at them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import Job, Notice, NoticeDelivery, NoticeMailbox, NoticeReading, User
from fees.models import Charge, Repayment, ScheduledFee, SubsidyClaim, SubsidyPayment
from kindergartens.models import (
    ExtensionRequest,
    FilingEvent,
    FilingExplanation,
    FilingExtension,
    FilingUrge,
    FormerName,
    PeriodRule,
    Placement,
    PreReviewRule,
    RecordProposal,
)
from reports.documents.models import PrintedDocument
from reports.filings.board.models import FollowUp
from tests.access.routes.fees import a_filing
from tests.conftest import acting
from tests.registers import (
    a_camera,
    a_case,
    a_finding,
    a_hazard,
    a_patrol,
    a_photo,
    a_plate,
    a_self_check,
    a_talk,
    aided,
    approved,
    granted,
    in_the_ledger,
    kept_up,
    meals_kept,
    paid,
)
from tests.safety.measured import a_bus, a_measure, evidenced
from tests.small_county import NOW, OCTOBER, SINCE, SmallCounty, an_incident
from tests.staffing.roster.making import in_post

# Who looks, and what lies in their view: of kindergartens 一 and 二 in two towns of 甲县 and 乙 in
# 乙县, and of the regions.
LOOKERS = {
    "city_officer": ({"一", "二", "乙"}, {"示例市", "甲县", "乙县", "一镇", "二镇", "乙镇"}),
    "bureau_officer": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "bureau_leader": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "inspector": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "department_officer": ({"一", "二"}, {"甲县", "一镇", "二镇"}),
    "town_officer": ({"一"}, {"一镇"}),
    "system_administrator": (set(), set()),
    "security_administrator": (set(), set()),
    "audit_administrator": (set(), set()),
    None: (set(), set()),
}
FILERS = ("director", "kindergarten_clerk")
EVERYBODY = (*LOOKERS, *FILERS)


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.towns = {
            "一": small.town("一镇"),
            "二": small.town("二镇"),
            "乙": small.town("乙镇", county=small.other_county),
        }
        self.kindergartens = {
            name: small.kindergarten(town, name) for name, town in self.towns.items()
        }
        # Another in the first town, so that a director's own is less than the town's.
        self.neighbour = small.kindergarten(self.towns["一"], "邻")
        measure = a_measure(small.city)
        for kindergarten in [*self.kindergartens.values(), self.neighbour]:
            filing = small.file(kindergarten, 24)
            an_incident(filing)
            FilingEvent.objects.create(
                filing=filing, action="submitted", version=1, at=NOW,
                done_as=filing.versions.get().submitted_as,
            )  # fmt: skip
            FilingExplanation.objects.create(
                version=filing.versions.get(), code="class_size", place="小一班", says="x", text="y"
            )
            attached = small.attach(filing)
            town = kindergarten.organisation.region
            small.plan_change(kindergarten, small.officer(town.county))
            procedure = small.procedure(
                kindergarten, small.person("园长", kindergarten.organisation, "director")
            )
            FilingExtension.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, reason="补报",
                until=NOW + dt.timedelta(days=30), granted_as=filing.versions.get().submitted_as,
                granted_at=NOW,
            )  # fmt: skip
            ExtensionRequest.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, reason="补报",
                asked_as=filing.versions.get().submitted_as, asked_at=NOW,
            )  # fmt: skip
            post = filing.versions.get().submitted_as
            notice = Notice.objects.create(
                organisation=kindergarten.organisation, kind="urge", title="催报", text="请提交",
                link="/returns/", sent_as=post, sent_at=NOW,
            )  # fmt: skip
            NoticeDelivery.objects.create(notice=notice, channel="email", queued_at=NOW)
            NoticeMailbox.objects.create(organisation=kindergarten.organisation, set_as=post)
            NoticeReading.objects.create(notice=notice, user=post.user, read_as=post, read_at=NOW)
            FilingUrge.objects.create(
                kindergarten=kindergarten, period=filing.period, town=town, day=NOW.date(),
                notice=notice, urged_as=post, urged_at=NOW,
            )  # fmt: skip
            FollowUp.objects.create(
                filing=filing, version=1, note="核实", opened_as=post, opened_at=NOW
            )
            Placement.objects.create(procedure=procedure, destination="school", children=3)
            FormerName.objects.create(
                kindergarten=kindergarten, name="旧名", reason="更名",
                valid_from=SINCE, valid_to=NOW.date(),
            )  # fmt: skip
            charge = Charge.objects.create(
                filing_version=filing.versions.get(), position=1, item="care_education_fee",
                scope="all", hours="any", unit="month", amount=600, payers=24,
            )  # fmt: skip
            Repayment.objects.create(
                charge=charge, month=filing.month, repaid_on=NOW.date(), children=1, yuan=50,
                document="x", repaid_before=0, entered_as=post, entered_at=NOW,
            )  # fmt: skip
            ScheduledFee.objects.create(
                kindergarten=kindergarten, item="care_education_fee", scope="all", amount=600,
                unit="month", valid_from=SINCE, document="x", entered_as=post, entered_at=NOW,
            )  # fmt: skip
            decider = small.officer(town.county).memberships.get()
            claim = SubsidyClaim.objects.create(
                kindergarten=kindergarten, month=filing.month, town=town,
                filing_version=filing.versions.get(), children=10, fee=500, standard=400,
                waived=400, amount=4000, step="approved", filed_as=post, filed_at=NOW,
                decided_as=decider, decided_at=NOW, approved_children=10, approved_waived=400,
                approved=4000, paid=100,
            )  # fmt: skip
            SubsidyPayment.objects.create(
                claim=claim, paid_on=NOW.date(), amount=100, document="x", entered_as=decider,
                entered_at=NOW,
            )  # fmt: skip
            a_filing(kindergarten, post.user)
            in_post(kindergarten, post, kindergarten.pk % 100)
            approved(kindergarten, post, 3)
            meals_kept(kindergarten, post)
            paid(kindergarten, post, 2025, established=(1, 90_000), other=(0, 0))
            granted(kindergarten, post, Decimal(9_000))
            aided(kindergarten, post)
            hazard = a_hazard(kindergarten, post, grade="major")
            a_photo(hazard, post)
            a_plate(hazard, decider)
            in_the_ledger(hazard, decider)
            camera = a_camera(kindergarten, post)
            a_patrol(decider, NOW, kindergarten, offline=(camera,), found="staff_absent")
            a_talk(kindergarten, decider, filing.month)
            a_finding(a_case(kindergarten, post, final_by=post), decider)
            a_self_check(kindergarten, post)
            evidenced(kindergarten, post, measure, file=attached.file)
            a_bus(kindergarten, post)
            kept_up(kindergarten, post)
            RecordProposal.objects.create(
                kindergarten=kindergarten, section="licence", wanted={}, reason="换证",
                proposed_as=filing.versions.get().submitted_as, proposed_at=NOW,
            )  # fmt: skip
        for county in (small.county, small.other_county):
            PeriodRule.objects.create(
                county=county, reference_day=31, opens_day=25, due_after=5, locks_after=7
            )
            PreReviewRule.objects.create(
                county=county, from_month=NOW.date().replace(day=1), is_on=True, reason="试点",
                set_as=post, set_at=NOW,
            )  # fmt: skip
        small.settle()
        post = small.officer(small.city, "city_officer").memberships.get()
        for region in [small.city, small.county, small.other_county]:
            job = Job.objects.create(
                kind="print-document", key=region.code, title="打印", requested_as=post,
                queued_at=NOW, state="done", finished_at=NOW,
            )  # fmt: skip
            PrintedDocument.objects.create(
                job=job, kind="monthly_rates", region=region, month=OCTOBER, printed_as=post,
                printed_at=NOW, figures={}, pages=1, sha256="0" * 64, content=b"%PDF",
            )  # fmt: skip

    def looker(self, role: str | None) -> User:
        if role is None:
            return acting(User.objects.create(username="nobody", full_name="无岗位"))
        if role in FILERS:
            return acting(self.small.person(role, self.kindergartens["一"].organisation, role))
        region = {"city_officer": self.small.city, "town_officer": self.towns["一"]}.get(
            role, self.small.county
        )
        return acting(self.small.officer(region, role))


def names(model: Any, user: User, path: str) -> set[str]:
    return set(model.objects.visible_to(user).values_list(path, flat=True))
