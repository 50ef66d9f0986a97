"""Cases from the first report to the supplement: who may, what the database holds, what is shown to whom."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessRecord
from kindergartens.models import Kindergarten
from kindergartens.procedures import beside
from kindergartens.stamps import stamp_of
from reports.filings.services import open_filing
from reports.incidents.selectors import reconciled
from safety.incidents import services
from safety.incidents.rules import CaseFacts
from safety.incidents.selectors import CaseFilter, listed
from safety.incidents.services import SAID, IncidentRefused
from safety.models import IncidentCase, IncidentFinding, IncidentLimit, IncidentReport
from tests.access.routes.world import World
from tests.conftest import acting
from tests.registers import a_case, a_finding
from tests.safety.incidents.test_rules import facts
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, an_incident

pytestmark = pytest.mark.django_db
OWN = "the test's own"
AT = NOW - dt.timedelta(hours=30)
SECRET = "示例跌倒后送医"


def said(**changed: Any) -> CaseFacts:
    return facts(
        **{
            "occurred_at": AT, "reported_at": AT + dt.timedelta(minutes=90),
            "parents_told_at": AT + dt.timedelta(minutes=10), "account": SECRET,
        } | changed
    )  # fmt: skip


def record(world: World, role: str = "director", **changed: Any) -> IncidentCase:
    """As it is read back, so that its stamp is that of a form."""
    made = services.record_case(
        kindergarten=world.kindergarten, facts=said(**changed), by=acting(world.people[role]),
        now=NOW,
    )  # fmt: skip
    made.refresh_from_db()
    return made


def report(world: World, case: IncidentCase, kind: str = "final", role: str = "director") -> None:
    services.add_report(
        case_id=case.pk, kind=kind, reported_at=NOW, text="示例报告",
        by=acting(world.people[role]), now=NOW,
    )  # fmt: skip


def close(world: World, case: IncidentCase, role: str = "bureau_officer") -> IncidentCase:
    return services.close_case(
        case_id=case.pk, note="示例同意", seen=stamp_of(case, SAID), by=acting(world.people[role]),
        now=NOW,
    )  # fmt: skip


def correct(world: World, case: IncidentCase, role: str = "director", **changed: Any) -> None:
    services.correct_case(
        case_id=case.pk, facts=said(**changed), seen=stamp_of(case, SAID), reason="示例更正",
        by=acting(world.people[role]), now=NOW,
    )  # fmt: skip


class TestCourse:
    def test_from_record_to_supplement(self, world: World):
        case = record(world, parents_told_at=None)
        assert case.number.startswith("SG6543212026-")
        with pytest.raises(IncidentRefused, match=r"告知家长.*还没有终报"):
            close(world, case)
        report(world, case, "follow_up")
        report(world, case, role="bureau_officer")
        with pytest.raises(IncidentRefused, match="告知家长"):
            close(world, case)
        correct(world, case)
        case.refresh_from_db()
        with pytest.raises(IncidentRefused, match="您登记的"):
            close(world, case)
        closed = close(world, case, "bureau_leader")
        for act in (
            lambda: correct(world, closed, account="另说"),
            lambda: report(world, closed),
            lambda: close(world, closed, "bureau_leader"),
            lambda: services.withdraw_case(
                case_id=closed.pk,
                reason="误",
                seen="",
                by=acting(world.people["bureau_officer"]),
                now=NOW,
            ),
        ):
            with pytest.raises(IncidentRefused, match=r"结案，不能再改.*补充更正"):
                act()
        client = client_of(world.people["director"])
        page = client.get(reverse("incident-correct", args=[closed.number]), follow=True)
        assert "结案，不能再改" in page.content.decode()
        made = services.supplement(
            case_id=closed.pk, text="示例实为轻伤", reason="医院复诊",
            by=acting(world.people["director"]), now=NOW,
        )  # fmt: skip
        closed.refresh_from_db()
        assert (made.kind, closed.harm) == ("supplement", "slight")
        assert "有补充更正" in client.get(reverse("incidents")).content.decode()

    def test_the_database_holds_a_closed_case(self, world: World):
        case = IncidentCase.objects.unscoped(OWN).get(pk=world.closed_incident.pk)
        director = world.people["director"].memberships.get()
        own = world.spare_incident
        by = {"entered_as": director, "entered_at": NOW, "text": "x"}

        def changed(row: IncidentCase, **values: Any) -> None:
            IncidentCase.objects.unscoped(OWN).filter(pk=row.pk).update(**values)

        for act in (
            lambda: changed(case, account="另说"),
            lambda: case.delete(),
            lambda: IncidentReport.objects.create(
                case=case, kind="follow_up", reported_at=NOW, **by
            ),
            lambda: IncidentReport.objects.create(
                case=own, kind="supplement", reason="x", reported_at=NOW, **by
            ),
            lambda: changed(own, harm="death"),
            lambda: changed(own, children_dead=1),
            lambda: changed(own, reported_at=own.occurred_at - dt.timedelta(minutes=1)),
            lambda: changed(own, closed_at=NOW, closed_as=director, closing_note="x"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()

    def test_wrong_times_and_stale_forms_change_nothing(self, world: World):
        case = record(world)
        with pytest.raises(IncidentRefused) as refused:
            correct(world, case, reported_at=AT - dt.timedelta(minutes=1))
        assert refused.value.field == "reported_at"
        correct(world, case, place="示例楼梯")
        with pytest.raises(IncidentRefused, match="别人改过"):
            correct(world, case, place="示例门口")
        with pytest.raises(IncidentRefused, match="这个月"):
            services.record_case(
                kindergarten=world.kindergarten, facts=said(), now=NOW,
                by=acting(world.people["director"]), stated_on=dt.date(2026, 10, 14),
            )  # fmt: skip

    def test_sent_twice_it_is_one_case_and_numbers_go_on(self, world: World):
        form = {
            "kindergarten": world.kindergarten, "facts": said(), "now": NOW, "submission": uuid4(),
            "by": acting(world.people["director"]),
        }  # fmt: skip
        first = services.record_case(**form)
        assert services.record_case(**form | {"facts": said(place="示例门口")}) == first
        # A form that another kindergarten's case was made by makes none, and shows none.
        neighbour = world.strangers["director"]
        elsewhere = {"kindergarten": Kindergarten.objects.visible_to(acting(neighbour)).get()}
        with pytest.raises(IncidentRefused, match="别的园"):
            services.record_case(**form | elsewhere | {"by": acting(neighbour)})
        # Typed a second time, it is asked about; of another kind it is another one.
        with pytest.raises(IncidentRefused, match=f"已有一份：{first}"):
            services.record_case(**form | {"submission": uuid4()})
        other = record(world, kind="food")
        assert int(other.number[-4:]) == int(first.number[-4:]) + 1
        with pytest.raises(IncidentRefused, match="不在您的范围内"):
            services.record_case(**form | {"by": acting(world.strangers["director"])})

    def test_who_is_judged_by_a_time_does_not_move_it(self, world: World):
        case = record(world, parents_told_at=None)
        moved = {"reported_at": AT + dt.timedelta(minutes=5)}
        with pytest.raises(IncidentRefused, match="请教育局核实后更正") as refused:
            correct(world, case, **moved, parents_told_at=None)
        assert refused.value.field == "reported_at"
        correct(world, case)  # what was not there yet is completed
        case.refresh_from_db()
        correct(world, case, "bureau_officer", **moved)
        case.refresh_from_db()
        assert case.reported_at == moved["reported_at"]
        with pytest.raises(IncidentRefused, match="别人改过"):
            services.close_case(
                case_id=case.pk, note="示例", seen="older", now=NOW,
                by=acting(world.people["bureau_officer"]),
            )  # fmt: skip

    @pytest.mark.parametrize("role", ["inspector", "town_officer", "kindergarten_clerk"])
    def test_who_reads_no_account_keeps_no_case(self, world: World, role: str):
        with pytest.raises(PermissionDenied):
            record(world, role)


class TestFindings:
    def test_a_finding_vetoes_the_check_of_its_year_until_it_is_withdrawn(self, world: World):
        by = acting(world.people["bureau_leader"])
        services.withdraw_finding(finding_id=world.incident_finding.pk, reason="误", by=by, now=NOW)
        # 昆都仑区 lies in 包头市, whose clause it is.
        city, case = world.small.city, record(world)
        type(city).objects.filter(pk=city.pk).update(code="150200")
        found = {"case_id": case.pk, "nature": "ethics", "decided_on": NOW.date(), "now": NOW}
        seen = stamp_of(case, SAID)
        correct(world, case, place="示例另一处")
        for act in (
            lambda: services.find(**found, document="x", seen=seen, by=by),
            lambda: services.withdraw_case(case_id=case.pk, reason="误", seen=seen, by=by, now=NOW),
        ):
            with pytest.raises(IncidentRefused, match="改过"):
                act()
        case.refresh_from_db()
        found["seen"] = stamp_of(case, SAID)
        made = services.find(**found, document="示例认〔2026〕1号", by=by)
        check = world.small.procedure(
            world.kindergarten, world.people["director"], kind="annual_check", details={"year": 2026}
        )  # fmt: skip
        text = beside.said_of(check, NOW.date())
        assert "2026年年检一票否决" in text
        assert "第13条" in text
        assert SECRET not in text
        with pytest.raises(IncidentRefused, match="这样认定过"):
            services.find(**found, document="x", by=by)
        services.withdraw_finding(finding_id=made.pk, reason="复议撤销", by=by, now=NOW)
        assert beside.said_of(check, NOW.date()) == ""
        with pytest.raises(IncidentRefused, match="已经撤销"):
            services.withdraw_finding(finding_id=made.pk, reason="再撤", by=by, now=NOW)
        assert IncidentFinding.objects.visible_to(by).filter(case=case).count() == 1


class TestLists:
    def test_the_nearest_limit_of_the_kind_judges(self, world: World):
        by = acting(world.people["bureau_officer"])
        case = record(world)
        late = CaseFilter(state="late")
        assert case in listed(by, late, NOW)
        since = dt.date(2026, 9, 1)
        IncidentLimit.objects.create(
            region=world.small.city, step="first_report", kind="injury", minutes=30, document="x",
            valid_from=since,
        )  # fmt: skip
        assert listed(by, CaseFilter(), NOW).get(pk=case.pk).first_report_minutes == 60
        IncidentLimit.objects.create(
            region=world.small.county, step="first_report", kind="injury", minutes=90, document="x",
            valid_from=since,
        )  # fmt: skip
        assert listed(by, CaseFilter(), NOW).get(pk=case.pk).first_report_minutes == 90
        assert case not in listed(by, late, NOW)

    def test_accounts_are_for_few_and_each_look_is_kept(self, world: World):
        case = record(world)
        for role in ("town_officer", "kindergarten_clerk", "city_officer"):
            page = client_of(world.people[role]).get(reverse("incidents")).content.decode()
            assert "幼儿意外伤害" in page
            assert case.number not in page
        client = client_of(world.people["bureau_leader"])
        assert SECRET not in client.get(reverse("incidents")).content.decode()
        looks = AccessRecord.objects.filter(action="read_list", object_id=str(case.pk))
        before = looks.count()
        assert SECRET in client.get(reverse("incident", args=[case.number])).content.decode()
        assert looks.count() == before + 1

    def test_any_number_of_cases_takes_the_same_queries(self, world: World):
        client = client_of(world.people["bureau_officer"])
        post = world.people["director"].memberships.get()

        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert client.get(reverse("incidents")).status_code == 200
            return len(found)

        queries()
        few = queries()
        for _ in range(4):
            a_finding(a_case(world.kindergarten, post), post)
        assert queries() == few

    def test_the_file_has_no_account(self, world: World):
        case = record(world)
        answer = client_of(world.people["bureau_officer"]).get(
            reverse("incidents-export", args=["xlsx"])
        )
        book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row]
        assert case.number in cells
        assert not [cell for cell in cells if SECRET in cell]


class TestReturns:
    def test_what_stands_on_one_side_only(self, world: World):
        by = acting(world.people["bureau_officer"])
        stated = an_incident(world.filing)
        post = world.people["director"].memberships.get()
        day = dt.datetime.combine(stated.occurred_on, dt.time(10), tzinfo=NOW.tzinfo)
        told = {"reported_at": None, "reported_to": [], "parents_told_at": None}
        found = reconciled(by, OCTOBER)
        assert (found.stated, found.cases) == ([stated], [])
        case = a_case(world.kindergarten, post, occurred_at=day, **told)
        other = a_case(world.kindergarten, post, occurred_at=day + dt.timedelta(days=3), **told)
        found = reconciled(by, OCTOBER)
        assert (found.stated, found.cases, found.agreeing) == ([], [other], 1)
        assert found.cases[0].filed
        assert case not in reconciled(by, OCTOBER.replace(month=9)).cases

    def test_a_return_begins_from_the_months_cases_without_their_accounts(self, world: World):
        director = acting(world.people["director"])
        kindergarten = world.small.kindergarten(world.town, "示例新园")
        post = world.small.person("园长", kindergarten.organisation, "director")
        at = dt.datetime(2026, 10, 31, 23, 30, tzinfo=NOW.tzinfo)
        a_case(
            kindergarten, director.memberships.get(), occurred_at=at, account=SECRET,
            reported_at=at + dt.timedelta(hours=1), parents_told_at=None,
        )  # fmt: skip
        filing = open_filing(
            kindergarten=kindergarten, period=world.period, by=acting(post), now=NOW
        )
        assert filing.draft["incidents"] == {
            "1": {
                "occurred_on": "2026-10-31", "kind": "injury", "children_hurt": "1",
                "staff_hurt": "0", "account": "", "reported_at": "2026-11-01T00:30",
            }
        }  # fmt: skip
