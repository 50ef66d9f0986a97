"""The audit administrator sees who did what, in the own region, and never what a row says."""

from __future__ import annotations

import csv
import datetime as dt
import io
import pathlib
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import files
from accounts.files.refusal_words import words_of
from accounts.history import audit, tasks
from accounts.history.context import request_history
from accounts.history.recording import Action, Outcome, record_access
from accounts.history.sentences import Actors
from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord, ExportRequest, HistoryCheck, Job, User
from accounts.releases import services as releases
from kindergartens.models import Kindergarten
from tests.accounts.history.conftest import behind_the_triggers
from tests.conftest import acting
from tests.signing_in import shown_who_they_are
from tests.small_county import OCTOBER, SmallCounty


@pytest.fixture
def auditor(small: SmallCounty, sign_in) -> Client:
    return shown_who_they_are(sign_in(small.officer(role="audit_administrator")))


def test_the_first_page_of_the_role_is_the_audit(auditor: Client) -> None:
    assert auditor.get("/").url == reverse("audit")


def test_acts_of_the_own_county_only(small: SmallCounty, auditor: Client) -> None:
    now = timezone.now()
    own, other = acting(small.officer()), acting(small.officer(small.other_county))
    record_access(Action.EXPORT, by=own, at=now, rows=17, target=small.county)
    record_access(Action.EXPORT, by=other, at=now, rows=94)
    record_access(Action.SIGN_IN, by=None, at=now, outcome=Outcome.REFUSED)
    page = auditor.get(reverse("audit")).content.decode()
    assert ">17<" in page
    assert f"行政区划，编号{small.county.pk}" in page
    assert ">94<" not in page
    assert "系统或命令" in page


def test_what_nobody_did_is_shown_where_the_account_belongs(
    small: SmallCounty, auditor: Client, sign_in
) -> None:
    """Refused sign-ins are nobody's acts: the account tried says whose they are to see."""
    now = timezone.now()
    own, other = small.officer(), small.officer(small.other_county)
    posts = (own.memberships.get(), other.memberships.get())
    for rows, target in ((11, own), (12, posts[0]), (91, other), (92, posts[1]), (55, None)):
        kept = record_access(
            Action.SIGN_IN, by=None, at=now, outcome=Outcome.REFUSED, target=target, rows=rows
        )
        with behind_the_triggers() as execute:
            execute(
                "UPDATE accounts_accessrecord SET address = %s WHERE id = %s",
                f"192.0.2.{rows}",
                kept.pk,
            )

    def shown(client: Client) -> tuple[set[int], set[int]]:
        pages = [
            client.get(reverse("audit")).content.decode(),
            client.get(reverse("audit-export", args=["csv"])).getvalue().decode(),
        ]
        rows = {n for n in (11, 12, 91, 92, 55) if any(f">{n}<" in page for page in pages)}
        return rows, {n for n in (11, 12, 91, 92, 55) if any(f"192.0.2.{n}" in p for p in pages)}

    assert shown(auditor) == ({11, 12, 55}, {11, 12})
    above = sign_in(small.officer(small.city, role="audit_administrator"))
    assert shown(above) == ({11, 12, 91, 92, 55}, {11, 12, 91, 92, 55})


def test_changes_of_nobodys_name_rows_of_the_own_county_only(
    small: SmallCounty, auditor: Client
) -> None:
    other = small.officer(small.other_county)
    own = small.officer()
    for kind, mine, theirs in (
        ("accounts.user", own.pk, other.pk),
        ("accounts.membership", own.memberships.get().pk, other.memberships.get().pk),
    ):
        rows = auditor.get(reverse("audit-changes"), {"kind": kind}).context["page_obj"]
        numbers = {row.object_id for row in rows}
        assert str(mine) in numbers
        assert "" in numbers
        assert str(theirs) not in numbers


def test_acts_are_filtered(small: SmallCounty, auditor: Client) -> None:
    officer = acting(small.officer())
    now = timezone.now()
    for rows, action in ((111, Action.EXPORT), (222, Action.PRINT)):
        record_access(action, by=officer, at=now, rows=rows)

    def shown(**query: str) -> set[int]:
        text = auditor.get(reverse("audit"), query).content.decode()
        return {rows for rows in (111, 222) if f">{rows}<" in text}

    assert shown() == {111, 222}
    assert shown(action="print") == {222}
    assert shown(who=officer.username) == {111, 222}
    assert shown(who="没有这个人") == set()
    assert shown(outcome="refused") == set()
    assert shown(until="2020-01-01") == set()
    assert shown(action="';DROP", since="x", until="9999-99-99") == {111, 222}
    assert shown(request="NOSUCH") == set()


def test_changes_name_fields_and_no_values(small: SmallCounty, auditor: Client) -> None:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例暗号园")
    with request_history(acting(small.officer()), "r"):
        Kindergarten.objects.update(name="示例暗语园")
    page = auditor.get(reverse("audit-changes"), {"kind": "kindergartens.kindergarten"})
    text = page.content.decode()
    assert "园名" in text
    assert f">{kindergarten.pk}<" in text
    assert "经办人（甲县教育局经办人）" in text
    for answer in (
        text,
        auditor.get(reverse("audit-changes-export", args=["csv"])).getvalue().decode(),
    ):
        assert "暗号" not in answer
        assert "暗语" not in answer


def test_changes_by_people_of_another_county_are_not_shown(
    small: SmallCounty, auditor: Client
) -> None:
    small.kindergarten(small.town("甲镇"), "示例一园")
    with request_history(acting(small.officer(small.other_county)), "r"):
        Kindergarten.objects.update(name="改")
    text = auditor.get(
        reverse("audit-changes"), {"kind": "kindergartens.kindergarten", "action": "update"}
    ).content.decode()
    assert "没有符合条件的改动" in text


def test_lists_page_with_the_same_queries(
    small: SmallCounty, auditor: Client, django_assert_max_num_queries
) -> None:
    now = timezone.now()
    for _ in range(3):
        record_access(Action.PRINT, by=acting(small.officer()), at=now)
    town = small.town("甲镇")
    for number in range(60):
        small.kindergarten(town, f"示例{number}园")
        Kindergarten.objects.update(name=f"新{number}")
    with django_assert_max_num_queries(40):
        page = auditor.get(reverse("audit-changes"), {"page": 2})
    assert page.context["page_obj"].number == 2
    assert len(page.context["page_obj"].object_list) == 50
    with django_assert_max_num_queries(16):
        auditor.get(reverse("audit"))


def test_an_audit_of_many_persons_leaves_like_any_list_of_persons(
    small: SmallCounty, auditor: Client
) -> None:
    """Asked for with a reason, let go by another person, once, marked, and no longer than it was."""
    town = small.kindergarten(small.town("甲镇"), "示例一园").organisation
    for _ in range(51):
        person = acting(small.person("示例园长", town, "director"))
        record_access(Action.SIGN_IN, by=person, at=timezone.now())
    asking = auditor.get(reverse("audit-export", args=["csv"]), {"action": "sign_in"}, follow=True)
    text = asking.content.decode()
    assert "超过50人" in text
    assert "操作记录，" in text
    form = dict(asking.context["hidden"])
    assert form["action"] == "sign_in"
    where = reverse("export-ask", args=["audit"])
    assert auditor.post(where, form).status_code == 422
    auditor.post(where, {**form, "reason": "上级抽查登录记录"})
    asked = ExportRequest.objects.get()
    assert asked.persons >= 51
    assert not AccessRecord.objects.filter(action="export").exists()
    again = auditor.post(where, {**form, "reason": "再来一份"})
    assert "已经申请过" in again.content.decode()
    releases.decide(
        request_id=asked.pk, approve=True, reason="",
        by=acting(small.officer(role="bureau_leader")), now=timezone.now(),
    )  # fmt: skip
    # Somebody who signs in meanwhile is not in the file and does not spoil the approval.
    late = acting(small.person("示例晚来", town, "director"))
    record_access(Action.SIGN_IN, by=late, at=timezone.now())
    file = auditor.post(reverse("export-download", args=[asked.pk]))
    content = file.getvalue().decode("utf-8-sig")
    assert "示例晚来" not in content
    assert content.count("示例园长") == 51
    assert asked.number in content
    kept = AccessRecord.objects.get(action="export")
    assert (kept.reason, kept.object_id) == ("上级抽查登录记录", str(asked.pk))


def test_changes_count_who_made_them_and_whose_account_it_was(
    small: SmallCounty, auditor: Client
) -> None:
    town = small.kindergarten(small.town("甲镇"), "示例一园").organisation
    for _ in range(51):
        small.person("示例园长", town, "director")
    asking = auditor.get(reverse("audit-changes-export", args=["xlsx"]), follow=True)
    assert "超过50人" in asking.content.decode()
    narrow = auditor.get(
        reverse("audit-changes-export", args=["xlsx"]), {"kind": "kindergartens.kindergarten"}
    )
    assert narrow.headers["Content-Type"].startswith("application/vnd")
    kept = AccessRecord.objects.get(action="export")
    assert kept.persons == 0


def test_small_audits_add_up_with_everything_else_of_the_day(
    small: SmallCounty, auditor: Client
) -> None:
    for _ in range(40):
        record_access(Action.PRINT, by=acting(small.officer()), at=timezone.now())
    query = {"action": "print"}
    for _ in range(2):
        assert auditor.get(reverse("audit-export", args=["csv"]), query).status_code == 200
    third = auditor.get(reverse("audit-export", args=["csv"]), query, follow=True)
    assert "今天已导出、查看80人次" in third.content.decode()


def test_days_the_wrong_way_round_are_said_at_the_field(auditor: Client) -> None:
    query = {"since": "2026-11-05", "until": "2026-11-01"}
    for page, export in (("audit", "audit-export"), ("audit-changes", "audit-changes-export")):
        answer = auditor.get(reverse(page), query)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "开始日期晚于结束日期" in text
        assert 'value="2026-11-05"' in text
        assert 'aria-invalid="true"' in text
        assert "共0条" not in text
        back = auditor.get(reverse(export, args=["xlsx"]), query)
        assert back.url == f"{reverse(page)}?since=2026-11-05&until=2026-11-01"
    assert not AccessRecord.objects.filter(action="export").exists()


@pytest.mark.parametrize("route", ["audit-export", "audit-changes-export"])
def test_the_export_is_complete_and_recorded(
    small: SmallCounty, auditor: Client, route: str
) -> None:
    officer = acting(small.officer())
    for _ in range(70):
        record_access(Action.PRINT, by=officer, at=timezone.now())
    answer = auditor.get(reverse(route, args=["csv"]))
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    kept = AccessRecord.objects.get(action="export")
    # The watermark is the last line.
    assert "导出 编号" in rows[-1][0]
    assert kept.persons >= 1
    assert kept.rows == len(rows) - 2 >= (70 if route == "audit-export" else 1)
    known = {
        "audit-export": {officer.username, "打印"},
        "audit-changes-export": {str(officer.memberships.get().pk), "任职", "新增"},
    }
    assert any(known[route] <= set(row) for row in rows[1:]), rows[:5]
    assert auditor.get(reverse(route, args=["exe"])).status_code == 404


def test_the_button_asks_for_a_verification_once(small: SmallCounty, auditor: Client) -> None:
    for _ in range(2):
        assert auditor.post(reverse("audit-verify")).status_code == 302
    job = Job.objects.get(kind="verify-history")
    assert job.requested_as.role == "audit_administrator"
    page = auditor.get(reverse("audit")).content.decode()
    assert "核对全部历史记录" in page
    # The page itself asks again; the job's own route is not the role's to read.
    assert reverse("job-progress", args=[job.pk]) not in page
    assert 'hx-trigger="every 2s"' in page


@pytest.mark.django_db(transaction=True)
def test_the_button_runs_the_verification_and_shows_what_it_found(sign_in) -> None:
    from accounts.jobs.runner import run_job

    small = SmallCounty()
    auditor = sign_in(small.officer(role="audit_administrator"))
    auditor.post(reverse("audit-verify"))
    run_job(Job.objects.get().pk, clock=timezone.now)
    job = Job.objects.get()
    assert (job.state, job.error) == ("done", "")
    check = HistoryCheck.objects.get()
    assert check.findings == 0
    assert check.rows > 5
    assert AccessRecord.objects.get(action="verify_history").user is not None
    assert "记录完整" in auditor.get(reverse("audit")).content.decode()


def test_exports_prints_and_downloads_are_recorded(small: SmallCounty, sign_in) -> None:
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 24)
    small.settle()
    officer = small.officer()
    client: Client = sign_in(officer)
    with time_machine.travel("2026-11-05T16:40:00+08:00", tick=True):
        client.get(reverse("kindergarten-export", args=["xlsx"]))
        client.get(reverse("dashboard-export", args=[small.county.code, "csv"]))
        client.get(
            reverse(
                "figure-export", args=[small.county.code, "public_enrolment_share", OCTOBER, "csv"]
            )
        )
        client.post(
            reverse("document-print"),
            {"kind": "monthly_rates", "region": small.county.code, "month": "2026-10"},
        )
    kept = list(AccessRecord.objects.order_by("pk").values_list("action", "rows", "user"))
    assert [(action, user) for action, _, user in kept] == [
        ("export", officer.pk),
        ("export", officer.pk),
        ("export", officer.pk),
        ("print", officer.pk),
    ]
    assert all(rows >= 1 for action, rows, _ in kept if action == "export")
    assert all(r.request_id and r.address for r in AccessRecord.objects.all())


def test_a_verification_that_does_not_run_is_shown_and_logged(
    small: SmallCounty, auditor: Client, caplog
) -> None:
    now = timezone.now()
    said = "超过36小时没有核对"

    def kept(hours: int) -> None:
        HistoryCheck.objects.create(
            at=now - dt.timedelta(hours=hours), rows=1, position=1, findings=0
        )

    def alarms() -> list[str]:
        caplog.clear()
        tasks.anchor()
        return [r.message for r in caplog.records if r.levelname == "ERROR"]

    kept(37)
    assert said in auditor.get(reverse("audit")).content.decode()
    assert alarms() == ["History has not been verified for 36 hours"]
    kept(35)
    assert said not in auditor.get(reverse("audit")).content.decode()
    assert alarms() == []


def test_what_the_timetable_changes_says_so(small: SmallCounty) -> None:
    from accounts.people.tasks import nightly

    unused = small.officer()
    User.objects.filter(pk=unused.pk).update(
        created_at=timezone.now() - dt.timedelta(days=900),
        last_login=timezone.now() - dt.timedelta(days=800),
    )
    nightly()
    newest = TRACKED[User].event._default_manager.filter(pgh_obj_id=unused.pk).latest("pgh_id")
    assert Actors([newest.pgh_context]).name(newest.pgh_context) == "系统（定时任务）"


def test_what_was_done_to_a_person_is_found_by_the_name(
    small: SmallCounty, auditor: Client
) -> None:
    person = small.officer()
    User.objects.filter(pk=person.pk).update(full_name="被锁定的人")
    record_access(Action.LOCK, by=None, at=timezone.now(), target=person, rows=333)
    record_access(
        Action.SWITCH_POST, by=None, at=timezone.now(), target=person.memberships.get(), rows=444
    )
    text = auditor.get(reverse("audit"), {"who": "被锁定的人"}).content.decode()
    assert ">333<" in text
    assert ">444<" in text
    assert text.count('<span class="sub">被锁定的人</span>') == 2


def test_a_refused_page_is_recorded_once_a_minute(
    small: SmallCounty, auditor: Client, client: Client, caplog
) -> None:
    for route in ("jobs", "jobs", "account-requests"):
        path = reverse(route)
        assert auditor.get(path).status_code == 403
    kept = AccessRecord.objects.filter(action="denied").order_by("pk")
    assert [(r.outcome, r.user_id is not None, r.reason[:2]) for r in kept] == [
        ("refused", True, "页面")
    ] * 2
    assert len({r.reason for r in kept}) == 2
    assert not any(record.exc_info for record in caplog.records)
    page = auditor.get(reverse("audit"), {"action": "denied"}).content.decode()
    assert "“后台任务”页" in page
    assert "“账号申请”页" in page
    assert "页面account-requests" not in page


def test_numbers_and_findings_are_said_in_words() -> None:
    record = AccessRecord(object_kind="accounts.membership", object_id="582")
    assert audit.act_object(record) == "任职，编号582"
    record = AccessRecord(
        object_kind="accounts.exportrequest", object_id="0b5c2f6e-8a2f-4a7e-9d59-3a1f5b0c77aa"
    )
    assert audit.act_object(record) == "导出申请，编号0B5C2F6E"
    [said] = audit.findings_in_words(
        [{"table": "accounts_userchange", "id": "616", "what": "altered", "says": "内容被改动"}]
    )
    assert said == {"kind": "用户改动", "number": "编号616", "says": "内容被改动"}


def test_a_refused_file_is_told_in_words(small: SmallCounty, auditor: Client) -> None:
    for action, outcome, code in (
        (Action.UPLOAD, Outcome.REFUSED, "xlsx-macro"),
        (Action.UPLOAD, Outcome.REFUSED, "zip-two-stories"),
        (Action.DOWNLOAD, Outcome.REFUSED, "pending"),
        (Action.DOWNLOAD, Outcome.FAILED, "damaged"),
    ):
        record_access(
            action, by=acting(small.officer()), at=timezone.now(), outcome=outcome, reason=code
        )
    for text in (
        auditor.get(reverse("audit")).content.decode(),
        auditor.get(reverse("audit-export", args=["csv"])).getvalue().decode(),
    ):
        for words in ("表格里有宏", "文件内部结构不合规范", "文件还没查毒", "文件和上传时不一样"):
            assert words in text
        for code in ("xlsx-macro", "zip-two-stories", "damaged"):
            assert code not in text


def test_every_rule_for_files_has_words() -> None:
    """The codes are read from the code itself: a new family without words fails."""
    found = set()
    for path in pathlib.Path(files.__file__).parent.rglob("*.py"):
        found |= set(
            re.findall(r'"((?:xlsx|xml|zip|name|image|pdf|type|too)-[a-z0-9-]+)"', path.read_text())
        )
    assert len(found) > 50
    assert not {code for code in found | {"empty", "infected"} if words_of(code).isascii()}
    assert words_of("任何别的话") == "任何别的话"


def test_every_change_says_what_of_the_row_it_was(small: SmallCounty, auditor: Client) -> None:
    town = small.town("甲镇")
    kindergarten = small.kindergarten(town, "示例一园")
    Kindergarten.objects.filter(pk=kindergarten.pk).update(name="示例二园")
    user = small.officer()
    user.set_password("一个很长的密码-2026")
    user.full_name = "改名的人"  # and with it, in one statement
    user.save()
    kindergarten.statuses.all().delete()
    rows = auditor.get(reverse("audit-changes")).context["page_obj"]
    told = {(row.label, row.way): row.fields for row in rows}
    assert told["kindergartens.kindergarten", "update"] == "园名"
    assert told["kindergartens.kindergarten", "insert"] == "整条登记"
    assert told["kindergartens.kindergartenstatus", "delete"] == "整条删除"
    assert told["accounts.user", "update"] == "姓名"
    assert told["accounts.user", "secret"] == "密码或手机号（内容不记录）"
    assert not [row for row in rows if not row.fields]


def test_a_change_whose_forerunner_is_archived_says_so(small: SmallCounty, auditor: Client) -> None:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    Kindergarten.objects.filter(pk=kindergarten.pk).update(name="示例二园")
    table = TRACKED[Kindergarten].event._meta.db_table
    with behind_the_triggers() as execute:
        execute(f"DELETE FROM {table} WHERE pgh_label = 'insert'")
    rows = auditor.get(reverse("audit-changes"), {"kind": "kindergartens.kindergarten"})
    (row,) = rows.context["page_obj"]
    assert row.fields == "前一次的记录已归档，看不出改了哪项"
