"""A file about many persons needs a second person; it leaves once, marked, or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Callable
from functools import partial
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.exports import Table, Written, write
from accounts.models import AccessRecord, ExportRequest, Membership
from accounts.people.resources import PEOPLE
from accounts.people.services import standing
from accounts.releases import services
from accounts.releases.rules import PERSONS_A_DAY, needs_approval
from accounts.releases.services import ApprovalNeeded, ExportRefused
from tests.accounts.people.conftest import Bureau, enter
from tests.conftest import acting
from tests.small_county import NOW, SINCE

HOUR = dt.timedelta(hours=1)
State = ExportRequest.State


def fill(bureau: Bureau, persons: int) -> None:
    """Make the region's list exactly so long."""
    missing = persons - PEOPLE.count(bureau.security, {}, NOW)
    assert missing >= 0
    for _ in range(missing):
        bureau.small.person("示例资料员", bureau.kindergarten, "kindergarten_clerk")


def export(bureau: Bureau, now: dt.datetime = NOW) -> Written:
    return services.export_now(kind=PEOPLE, filters={}, ending="xlsx", by=bureau.security, now=now)


def ask(bureau: Bureau, **changes: object) -> ExportRequest:
    usual = {
        "kind": PEOPLE, "filters": {}, "ending": "xlsx", "reason": "核对名册",
        "by": bureau.security, "now": NOW,
    }  # fmt: skip
    return services.ask_to_export(**{**usual, **changes})  # type: ignore[arg-type]


def approved(bureau: Bureau, **changes: object) -> ExportRequest:
    request = ask(bureau, **changes)
    return services.decide(
        request_id=request.pk, approve=True, reason="", by=bureau.leader, now=NOW
    )


def use(bureau: Bureau, request: ExportRequest, now: dt.datetime = NOW) -> Written:
    return services.use_approval(request_id=request.pk, kind=PEOPLE, by=bureau.security, now=now)


@pytest.mark.parametrize(
    ("persons", "already", "needed"),
    [
        (50, 0, False),
        (51, 0, True),
        (50, 50, False),
        (50, 51, True),
        (1, 100, True),
        (0, 500, False),
    ],
)
def test_when_a_second_person_is_needed(persons: int, already: int, needed: bool) -> None:
    assert needs_approval(persons, already) is needed


def test_fifty_go_at_once_recorded_and_marked(bureau: Bureau) -> None:
    fill(bureau, 50)
    release = export(bureau)
    assert release.rows == 50
    record = AccessRecord.objects.get(action="export")
    assert (record.user, record.persons, record.rows) == (bureau.security, 50, 50)
    for part in (bureau.security.full_name, bureau.security.username, "2026年11月5日16:40"):
        assert part in release.watermark


def test_fifty_one_do_not(bureau: Bureau) -> None:
    fill(bureau, 51)
    with pytest.raises(ApprovalNeeded, match="51人，超过50人"):
        export(bureau)
    assert not AccessRecord.objects.filter(action="export").exists()


def test_many_small_files_add_up(bureau: Bureau) -> None:
    fill(bureau, 49)
    for _ in range(PERSONS_A_DAY // 49):
        export(bureau)
    with pytest.raises(ApprovalNeeded, match="今天已导出、查看98人次"):
        export(bureau)
    # The next day is another day, and another person has the own quota.
    assert export(bureau, NOW + dt.timedelta(days=1))
    other = bureau.office("security_administrator")
    services.export_now(kind=PEOPLE, filters={"role": "director"}, ending="xlsx", by=other, now=NOW)


def test_looks_at_numbers_use_the_days_quota_up(bureau: Bureau) -> None:
    """A hundred single looks and one small file would be a hundred and fifty persons."""
    fill(bureau, 49)
    for _ in range(52):
        services.look_at_one(target=bureau.clerk, reason="核实月报", by=bureau.security, now=NOW)
    assert services.persons_today(bureau.security, NOW) == 52
    with pytest.raises(ApprovalNeeded, match="今天已导出、查看52人次"):
        export(bureau)


def test_an_approval_is_good_for_one_file(bureau: Bureau) -> None:
    fill(bureau, 60)
    request = approved(bureau)
    release = use(bureau, request)
    assert release.rows == 60
    assert request.number in release.watermark
    record = AccessRecord.objects.get(action="export")
    assert (record.persons, record.object_id, record.reason) == (60, str(request.pk), "核对名册")
    with pytest.raises(ExportRefused, match="已经用过一次"):
        use(bureau, request)
    # What another person let go does not eat up the day's quota.
    assert services.persons_today(bureau.security, NOW) == 0


def test_without_approval_nothing_leaves(bureau: Bureau) -> None:
    fill(bureau, 60)
    request = ask(bureau)
    with pytest.raises(ExportRefused, match="待批准"):
        use(bureau, request)
    services.decide(
        request_id=request.pk, approve=False, reason="请只导出园长", by=bureau.leader, now=NOW
    )
    with pytest.raises(ExportRefused, match="已拒绝"):
        use(bureau, request)
    with pytest.raises(ExportRefused, match="理由"):
        ask(bureau, reason=" ")


def test_an_approval_expires(bureau: Bureau) -> None:
    fill(bureau, 60)
    late = NOW + 24 * HOUR
    request = approved(bureau)
    with pytest.raises(ExportRefused, match="过期"):
        use(bureau, request, late)
    assert services.close_overdue(now=late) == 1
    assert services.close_overdue(now=late) == 0
    waiting = ask(bureau, now=late)
    with pytest.raises(ExportRefused, match="已过期"):
        services.decide(
            request_id=waiting.pk, approve=True, reason="", by=bureau.leader,
            now=late + dt.timedelta(days=7),
        )  # fmt: skip


def test_who_asks_does_not_approve(bureau: Bureau) -> None:
    request = ask(bureau)
    for other in (bureau.security, bureau.officer, bureau.director):
        with pytest.raises(PermissionDenied):
            services.decide(request_id=request.pk, approve=True, reason="", by=other, now=NOW)
    far_leader = acting(bureau.small.officer(bureau.small.other_county, "bureau_leader"))
    with pytest.raises(ExportRefused, match="没有这份"):
        services.decide(request_id=request.pk, approve=True, reason="", by=far_leader, now=NOW)
    # The database says the same to a script, for the person and for another person's post.
    for person, post in (
        (bureau.security, bureau.security.acting),
        (bureau.leader, bureau.officer.acting),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExportRequest.objects.filter(pk=request.pk).update(
                state="approved", decided_by=person, decided_as=post, decided_at=NOW
            )


@pytest.mark.parametrize("revoked", ["account", "post"])
def test_a_revoked_person_with_an_approved_export_gets_nothing(
    bureau: Bureau, revoked: str
) -> None:
    fill(bureau, 60)
    request = approved(bureau)
    if revoked == "account":
        standing.disable(
            user_id=bureau.security.pk,
            reason="停职",
            by=bureau.office("security_administrator"),
            now=NOW,
        )
        request.refresh_from_db()
        assert request.state == State.EXPIRED
    else:
        Membership.objects.filter(user=bureau.security).update(ended_at=NOW)
    # The request object in memory still believes in its post: the database is asked.
    with pytest.raises(PermissionDenied):
        use(bureau, request)
    with pytest.raises(PermissionDenied):
        export(bureau)
    assert not AccessRecord.objects.filter(action="export").exists()


def test_a_list_that_grew_since_the_approval_is_refused(bureau: Bureau) -> None:
    fill(bureau, 60)
    request = approved(bureau)
    fill(bureau, 61)
    with pytest.raises(ExportRefused, match="批准的是60人，现在名单有61人"):
        use(bureau, request)


def test_a_list_of_as_many_but_other_persons_is_refused(bureau: Bureau) -> None:
    fill(bureau, 60)
    request = approved(bureau, filters={"role": "kindergarten_clerk"})
    leaving = Membership.objects.filter(role="kindergarten_clerk").latest("pk")
    Membership.objects.filter(pk=leaving.pk).update(ended_at=NOW)
    bureau.small.person("示例资料员", bureau.kindergarten, "kindergarten_clerk")
    assert PEOPLE.count(bureau.security, request.filters, NOW) == request.persons
    with pytest.raises(ExportRefused, match="名单上的人有了变化"):
        use(bureau, request)


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_whoever_comes_in_between_the_count_and_the_rows_does_not_leave(
    bureau: Bureau, is_asked_for: bool
) -> None:
    def table(*asked: Any) -> Table:
        bureau.small.person("示例新来", bureau.kindergarten, "kindergarten_clerk")
        return PEOPLE.table(*asked)

    kind = dataclasses.replace(PEOPLE, table=table)
    request = approved(bureau)
    act: Callable[..., Written]
    if is_asked_for:
        act = partial(services.use_approval, request_id=request.pk)
    else:
        act = partial(services.export_now, filters={}, ending="csv")
    with pytest.raises(ExportRefused, match="名单正好有了变化"):
        act(kind=kind, by=bureau.security, now=NOW)
    assert not AccessRecord.objects.filter(action="export").exists()
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_one_asks_anew_for_a_list_that_changed(bureau: Bureau) -> None:
    """Nobody is left with an approval that neither exports nor makes room for another."""
    fill(bureau, 60)
    first = approved(bureau)
    with pytest.raises(ExportRefused, match="同样的导出已经申请过"):
        ask(bureau)
    fill(bureau, 61)
    second = ask(bureau)
    first.refresh_from_db()
    assert (first.state, second.state, second.persons) == (State.WITHDRAWN, State.WAITING, 61)
    services.decide(request_id=second.pk, approve=True, reason="", by=bureau.leader, now=NOW)
    assert use(bureau, second).rows == 61


def test_a_waiting_one_whose_list_changed_gives_way_too(bureau: Bureau) -> None:
    fill(bureau, 60)
    first = ask(bureau)
    fill(bureau, 61)
    ask(bureau)
    first.refresh_from_db()
    assert first.state == State.WITHDRAWN


def test_nobody_approves_a_list_that_changed(bureau: Bureau) -> None:
    fill(bureau, 60)
    request = ask(bureau)
    fill(bureau, 61)
    with pytest.raises(ExportRefused, match="名单上的人有了变化，批准了也导不出来"):
        services.decide(request_id=request.pk, approve=True, reason="", by=bureau.leader, now=NOW)
    refused = services.decide(
        request_id=request.pk, approve=False, reason="名单有变化", by=bureau.leader, now=NOW
    )
    assert refused.state == State.REFUSED


def test_nobody_approves_for_a_post_that_ended(bureau: Bureau) -> None:
    request = ask(bureau)
    Membership.objects.filter(user=bureau.security).update(ended_at=NOW)
    with pytest.raises(ExportRefused, match="申请人的账号或岗位已经停用"):
        services.decide(request_id=request.pk, approve=True, reason="", by=bureau.leader, now=NOW)


@pytest.mark.parametrize("is_approved", [False, True])
def test_one_takes_ones_own_request_back(bureau: Bureau, is_approved: bool) -> None:
    fill(bureau, 60)
    request = approved(bureau) if is_approved else ask(bureau)
    with pytest.raises(ExportRefused, match="没有这份"):
        services.withdraw(request_id=request.pk, by=bureau.leader, now=NOW)
    services.withdraw(request_id=request.pk, by=bureau.security, now=NOW)
    with pytest.raises(ExportRefused, match="不用撤回"):
        services.withdraw(request_id=request.pk, by=bureau.security, now=NOW)
    with pytest.raises(ExportRefused, match="已撤回"):
        use(bureau, request)
    with pytest.raises(ExportRefused, match="已经办过"):
        services.decide(request_id=request.pk, approve=True, reason="", by=bureau.leader, now=NOW)
    # What is taken back stays so, also for a script.
    with pytest.raises(DatabaseError, match="as it was asked"), transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(state="waiting")
    assert ask(bureau).state == State.WAITING


def test_the_page_of_a_changed_list_leads_to_asking_anew(bureau: Bureau, client) -> None:  # type: ignore[no-untyped-def]
    fill(bureau, 60)
    now = timezone.now()
    request = ask(bureau, filters=PEOPLE.read({}, now), now=now)
    services.decide(
        request_id=request.pk, approve=True, reason="", by=bureau.leader, now=timezone.now()
    )
    fill(bureau, 61)
    enter(client, bureau.security)
    page = client.post(f"/exports/{request.pk}/download/", follow=True)
    assert page.redirect_chain == [("/exports/ask/people/?ending=xlsx", 302)]
    assert "批准的是60人，现在名单有61人" in page.content.decode()
    asked = client.post(
        "/exports/ask/people/", {"reason": "核对名册", "ending": "xlsx"}, follow=True
    )
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "已撤回" in text
    assert "待批准" in text
    newest = ExportRequest.objects.get(state="waiting")
    text = client.post(f"/exports/{newest.pk}/withdraw/", follow=True).content.decode()
    assert "的导出申请已撤回" in text
    assert "withdraw/" not in text


def test_an_approval_is_for_the_post_that_asked(bureau: Bureau) -> None:
    request = approved(bureau)
    other = Membership.objects.create(
        user=bureau.security,
        organisation=bureau.far_security.acting.organisation,  # type: ignore[union-attr]
        role="security_administrator",
        valid_from=SINCE,
    )
    bureau.security.acting = other
    with pytest.raises(ExportRefused, match="另一个岗位"):
        use(bureau, request)


@pytest.mark.parametrize(
    "change",
    [
        {"persons": 1},
        {"persons_digest": "0" * 64},
        {"state": "used", "used_at": NOW},
        {"reason": "别的"},
        {"state": "waiting"},
    ],
)
def test_the_database_keeps_what_was_asked(bureau: Bureau, change: dict[str, object]) -> None:
    request = ask(bureau)
    with pytest.raises(DatabaseError, match="as it was asked"), transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(**change)


def test_who_sees_which_export(bureau: Bureau) -> None:
    request = ask(bureau)
    for who in ("security", "leader"):
        assert set(ExportRequest.objects.visible_to(getattr(bureau, who))) == {request}
    for who in ("officer", "system", "director", "far_security"):
        assert not ExportRequest.objects.visible_to(getattr(bureau, who)).exists()


def test_the_pages_lead_from_the_list_to_the_marked_file(bureau: Bureau, client) -> None:  # type: ignore[no-untyped-def]
    fill(bureau, 51)
    enter(client, bureau.security)
    assert "导出51个账号" in client.get("/people/").content.decode()
    answer = client.get("/people/export.xlsx?role=kindergarten_clerk&q=%E7%A4%BA")
    assert answer.status_code == 200  # a narrower list is small enough
    asking = client.get("/people/export.xlsx", follow=True)
    assert "51人，超过50人" in asking.content.decode()
    client.post("/exports/ask/people/", {"reason": "核对名册", "ending": "xlsx"})
    request = ExportRequest.objects.get()
    services.decide(
        request_id=request.pk, approve=True, reason="", by=bureau.leader, now=request.requested_at
    )
    file = client.post(f"/exports/{request.pk}/download/")
    sheet = openpyxl.load_workbook(io.BytesIO(file.getvalue())).active
    assert request.number in sheet.oddHeader.center.text
    assert request.number in sheet.oddFooter.center.text
    assert request.number in str([row[0] for row in sheet.iter_rows(values_only=True)])
    again = client.post(f"/exports/{request.pk}/download/", follow=True)
    assert "已经用过一次" in again.content.decode()


def test_a_csv_carries_the_mark_too() -> None:
    written = write(Table("名单", ["姓名"], [["示例甲"]]), "csv", lambda rows: f"张某 编号{rows}")
    text = written.file.read().decode("utf-8-sig")
    assert text.splitlines() == ["姓名", "示例甲", "张某 编号1"]
