"""Until when what is reported, handed in and renewed; what is overdue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import kinds, owed, selectors, services
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.services import Asked
from tests.conftest import acting
from tests.kindergartens.procedures.scene import DECEMBER_1, Scene, licence
from tests.signing_in import client_of
from tests.small_county import NOW


def test_a_change_of_director_is_reported_within_a_month(scene: Scene) -> None:
    details = {"former": "甲", "person": "乙"}
    late = scene.ask(
        "director_change", occurred_on=dt.date(2026, 9, 30), effective_on=None, details=details
    )
    assert (late.report_by, late.came_late) == (dt.date(2026, 10, 30), True)
    done = services.check(procedure_id=late.pk, reason="", by=scene.officer, now=NOW)
    assert done.state == "approved", "a filing ends when it was checked"
    with pytest.raises(ProcedureRefused, match="不能晚于今天"):
        scene.ask("director_change", occurred_on=DECEMBER_1, effective_on=None, details=details)


def test_a_new_director_without_a_filing_is_listed(scene: Scene) -> None:
    today = NOW.date()
    Membership.objects.filter(user=scene.director).update(valid_to=dt.date(2026, 9, 1))
    new = scene.small.person("新园长", scene.kindergarten.organisation, "director")
    Membership.objects.filter(user=new).update(valid_from=dt.date(2026, 9, 1))
    [one] = owed.directors_owed(scene.seen, today=today)
    assert (one.kindergarten, one.due_on, one.days_over) == (
        scene.kindergarten, dt.date(2026, 10, 1), 35,
    )  # fmt: skip
    scene.ask("director_change", by=acting(new), occurred_on=dt.date(2026, 9, 1),
              effective_on=None, details={"former": "甲", "person": "乙"})  # fmt: skip
    assert owed.directors_owed(scene.seen, today=today) == []


def test_of_two_new_directors_the_newest_is_owed(scene: Scene) -> None:
    for day in (dt.date(2026, 9, 1), dt.date(2026, 6, 1)):
        new = scene.small.person("新园长", scene.kindergarten.organisation, "director")
        Membership.objects.filter(user=new).update(valid_from=day)
    [one] = owed.directors_owed(scene.seen, today=NOW.date())
    assert one.due_on == dt.date(2026, 10, 1)


def test_directors_are_read_of_the_kindergartens_in_hand(scene: Scene) -> None:
    new = scene.small.person("新园长", scene.kindergarten.organisation, "director")
    Membership.objects.filter(user=new).update(valid_from=dt.date(2026, 9, 1))
    none = scene.seen.filter(pk=scene.neighbour.pk)
    with CaptureQueriesContext(connection) as captured:
        assert owed.directors_owed(none, today=NOW.date()) == []
    assert len(captured) == 1, "nobody of another kindergarten is looked into"


def test_three_months_are_of_the_calendar(scene: Scene) -> None:
    """The answer of 民办教育促进法 Art 53: from 5 November, 92 days."""
    assert licence(scene).due_on == dt.date(2027, 2, 5)


def test_private_kindergartens_owe_an_audit_a_year(scene: Scene) -> None:
    today = NOW.date()
    [one] = owed.yearly_owed("annual_audit", scene.seen, today=today)
    assert (one.kindergarten, one.due_on, one.days_over) == (
        scene.kindergarten, dt.date(2026, 6, 30), 128,
    )  # fmt: skip
    scene.ask("annual_audit", effective_on=None, details={"year": 2025, "auditor": "示例所"})
    assert owed.yearly_owed("annual_audit", scene.seen, today=today) == []


def test_an_audit_is_owed_also_where_the_status_changed_since(scene: Scene) -> None:
    first = scene.kindergarten.statuses.get()
    spring = dt.date(2026, 3, 1)
    scene.kindergarten.statuses.update(valid_to=spring)
    first.pk, first.valid_from, first.level = None, spring, "first"
    first.save()
    assert len(owed.yearly_owed("annual_audit", scene.seen, today=NOW.date())) == 1
    scene.kindergarten.statuses.filter(valid_from=spring).update(operating_state="closed")
    assert owed.yearly_owed("annual_audit", scene.seen, today=NOW.date()) == []


def test_a_licence_is_renewed_to_a_later_day(scene: Scene) -> None:
    ends = {"expires": "2026-12-01", "until": "2026-12-01"}
    with pytest.raises(ProcedureRefused, match="要晚于现许可证到期日"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(licence_from=dt.date(2027, 1, 1))
    scene.kindergarten.refresh_from_db()
    ends = {"expires": "2026-12-01", "until": "2026-12-31"}
    with pytest.raises(ProcedureRefused, match="要晚于许可证起始日"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    client = client_of(scene.director)
    with time_machine.travel(NOW, tick=True):
        answer = client.post(
            reverse("procedure-ask", args=[scene.kindergarten.code, "licence_renewal"]),
            {"d_expires": "2026-12-01", "d_until": "2026-12-01", "reason": "续"},
        )
    assert answer.status_code == 422
    assert "要晚于现许可证到期日" in answer.content.decode()


def test_a_renewal_starts_from_the_licence_on_record(scene: Scene) -> None:
    scene.kindergarten.licence_until = dt.date(2026, 12, 31)
    scene.kindergarten.save()
    ends = {"expires": "2020-01-01", "until": "2031-01-01"}
    with pytest.raises(ProcedureRefused, match="登记的许可证到期日是2026-12-31"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    client = client_of(scene.director)
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "licence_renewal"])
    with time_machine.travel(NOW, tick=True):
        assert 'value="2026-12-31"' in client.get(route).content.decode()
        answer = client.post(
            route, {"d_expires": "2020-01-01", "d_until": "2031-01-01", "reason": "续"}
        )
    assert answer.context["form"].errors["d_expires"] == [
        "登记的许可证到期日是2026-12-31，与填的不同。请核对许可证；登记有误的，先请教育局更正许可证资料。"
    ]


@pytest.mark.parametrize(("year", "fits"), [("2025", True), ("2026", False), ("2031", False)])
def test_a_year_is_audited_when_it_is_over(scene: Scene, year: str, fits: bool) -> None:
    client = client_of(scene.director)
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "annual_audit"])
    with time_machine.travel(NOW, tick=True):
        answer = client.post(route, {"d_year": year, "d_auditor": "甲所", "reason": "报送"})
    assert ("d_year" not in answer.context["form"].errors) == fits


def test_what_changes_no_status_has_no_page_of_effects(scene: Scene) -> None:
    client = client_of(scene.leader)
    split = licence(scene)
    ends = {"expires": "2026-12-01", "until": "2029-12-01"}
    renewal = scene.checked("licence_renewal", effective_on=None, details=ends)
    with time_machine.travel(NOW, tick=True):
        for number in (split.number, renewal.number):
            route = reverse("procedure-decide", args=[number])
            assert client.get(route).status_code == 404
            data = {"decision_number": "1号", "effective_on": "2026-12-01"}
            assert client.post(route, data).status_code == 404


def test_a_day_computed_without_holidays_is_said_to_be_provisional(scene: Scene) -> None:
    """The notice for 2027 is not out: thirty working days before June are more than it says."""
    ends = {"expires": "2027-06-01", "until": "2030-06-01"}
    renewal = scene.ask("licence_renewal", effective_on=None, details=ends)
    assert renewal.report_by is not None
    day = f"{renewal.report_by.year}年{renewal.report_by.month}月{renewal.report_by.day}日"
    route = reverse("procedure", args=[renewal.number])
    with time_machine.travel(NOW, tick=True):
        page = client_of(scene.officer).get(route).content.decode()
    assert f"{day}（暂定）" in page
    assert "算的时候2027年的节假日安排还没有公布" in page
    this_year = scene.ask("licence_renewal", kindergarten=scene.neighbour, by=scene.officer,
                          effective_on=None, details=ends | {"expires": "2026-12-21"})  # fmt: skip
    with time_machine.travel(NOW, tick=True):
        route = reverse("procedure", args=[this_year.number])
        page = client_of(scene.officer).get(route).content.decode()
    assert "应在此前报" in page
    assert "（暂定）" not in page.split("应在此前报")[1].split("</dd>")[0]


def test_a_step_begins_with_the_event_that_was_written_last(scene: Scene) -> None:
    """By whichever clock: the machine that took the check may be behind the other."""
    asked = scene.ask()
    behind = NOW - dt.timedelta(minutes=3)
    services.check(procedure_id=asked.pk, reason="", by=scene.officer, now=behind)
    row = selectors.detailed(Procedure.objects.visible_to(scene.officer)).get(pk=asked.pk)
    assert row.step_began_at == behind


def test_late_is_counted_in_the_days_of_the_place(scene: Scene) -> None:
    procedure = scene.ask()
    procedure.report_by = dt.date(2026, 11, 5)
    # 06:00 on the 6th here, still the 5th in UTC.
    procedure.asked_at = dt.datetime(2026, 11, 5, 22, tzinfo=dt.UTC)
    assert procedure.came_late


def test_a_corrected_day_moves_the_day_it_was_to_be_reported(scene: Scene) -> None:
    names = {"former": "甲", "person": "乙"}
    asked = scene.ask(
        "director_change", effective_on=None, occurred_on=dt.date(2026, 11, 1), details=names
    )
    services.send_back(procedure_id=asked.pk, reason="日期不对", by=scene.officer, now=NOW)
    again = services.ask_again(
        procedure_id=asked.pk, by=scene.director, now=NOW,
        asked=Asked(reason="更正", details=names, occurred_on=dt.date(2026, 9, 1)),
    )  # fmt: skip
    again.refresh_from_db()
    assert again.report_by == dt.date(2026, 10, 1)
    assert again.came_late


def test_licences_that_end_soon_are_listed_with_the_last_day_to_ask(scene: Scene) -> None:
    today = NOW.date()
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(licence_until=dt.date(2026, 12, 1))
    Kindergarten.objects.filter(pk=scene.neighbour.pk).update(licence_until=dt.date(2028, 1, 1))
    [one] = owed.licences_ending(scene.seen, today=today)
    assert (one.kindergarten, one.due_on, one.days_over) == (
        scene.kindergarten, dt.date(2026, 10, 20), 16,
    )  # fmt: skip
    scene.ask("licence_renewal", effective_on=None,
              details={"expires": "2026-12-01", "until": "2029-12-01"})  # fmt: skip
    assert owed.licences_ending(scene.seen, today=today) == []


def test_overdue_steps_are_listed(scene: Scene) -> None:
    procedure = scene.ask()
    rows = Procedure.objects.visible_to(scene.officer)
    assert list(rows.overdue(NOW.date() + dt.timedelta(days=15))) == []
    assert list(rows.overdue(NOW.date() + dt.timedelta(days=16))) == [procedure]
    assert list(selectors.waiting_for(scene.officer)) == [procedure]
    assert list(selectors.waiting_for(scene.director)) == []
    services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
    assert list(selectors.waiting_for(scene.leader)) == [procedure]
    assert list(selectors.waiting_for(scene.second)) == []


def test_a_deadline_over_an_unpublished_year_says_that_it_is_provisional(scene: Scene) -> None:
    december = dt.datetime(2026, 12, 22, 2, tzinfo=dt.UTC)

    def checked_in_december(code: str, details: dict[str, Any]) -> Procedure:
        asked = scene.ask(code, details=details, effective_on=None)
        services.send_back(procedure_id=asked.pk, reason="补正", by=scene.second, now=NOW)
        again = services.ask_again(
            procedure_id=asked.pk, by=scene.director, now=december,
            asked=Asked(reason="补正", details=details),
        )  # fmt: skip
        assert again.due_on == dt.date(2026, 12, 29)
        return services.check(procedure_id=asked.pk, reason="", by=scene.officer, now=december)

    split = checked_in_december("split", {"plan": "分为两园"})
    licence = checked_in_december(
        "licence_renewal", {"expires": "2027-03-01", "until": "2030-03-01"}
    )
    assert licence.due_on == dt.date(2027, 1, 19)
    with time_machine.travel(december, tick=True):
        client = client_of(scene.officer)
        pages = {
            one.pk: client.get(reverse("procedure", args=[one.number])).content.decode()
            for one in (split, licence)
        }
        listed = client.get(reverse("procedures"), {"list": "all"}).content.decode()
    assert "给出期限时2027年的节假日安排还没有公布" in pages[licence.pk]
    assert "2027年1月19日（暂定）到期" in listed
    # Ninety days are of the calendar: no notice moves them.
    assert "2027年3月22日到期" in pages[split.pk]
    assert "暂定" not in pages[split.pk]


def test_the_leader_reads_every_period_with_what_it_stands_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {
        "region": scene.small.county.code, "kind": "recognition",
        "check": {"days": 10, "source": "示例办法第八条"}, "decide": {"working_days": 20},
    }  # fmt: skip
    known = kinds.all_kinds()
    monkeypatch.setattr(kinds, "_read", lambda: (known, [own]))
    client = client_of(scene.leader)
    page = client.get(reverse("procedure-periods")).content.decode()
    for kind in known.values():
        assert kind.name in page
        assert kind.clause in page
    for text in (
        "5个工作日", "行政许可法第三十二条：五日内一次告知补正", "次年4月30日前", "30个工作日",
        "结论：合格、基本合格、不合格",
        # The county's own numbers, with what holds elsewhere.
        "<b>10天</b>", "别处15天", "示例办法第八条", "<b>20个工作日</b>", "别处42天",
    ):  # fmt: skip
        assert text in page, text
    abroad = client_of(scene.small.officer(scene.small.other_county))
    assert "示例办法第八条" not in abroad.get(reverse("procedure-periods")).content.decode()


def test_a_recognition_ends_after_it_begins(scene: Scene) -> None:
    with pytest.raises(ProcedureRefused, match="认定期限要晚于生效日期2026-12-01"):
        scene.ask(details={"until": "2026-12-01"})
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "recognition"])
    with time_machine.travel(NOW, tick=True):
        answer = client_of(scene.director).post(
            route, {"d_until": "2026-11-30", "effective_on": "2026-12-01", "reason": "认定"}
        )
    assert answer.status_code == 422
    assert answer.context["form"].errors["d_until"] == [
        "认定期限要晚于生效日期2026-12-01，请核对这两个日期。"
    ]
    # The decision may name a later day than was asked for.
    checked = scene.checked(details={"until": "2026-12-31"})
    with pytest.raises(ProcedureRefused, match="认定期限要晚于生效日期2027-01-01"):
        scene.approve(checked, effective_on=dt.date(2027, 1, 1))
    checked.refresh_from_db()
    assert checked.state == "checked"
