"""Accounts from a workbook: read behind the gate, checked cell by cell, asked for once."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.files.workbook import read_rows
from accounts.history.tracking import TRACKED
from accounts.models import AccountBatch, AccountRequest, User
from accounts.people.batches import HEADS, MOST_ROWS, check, template
from accounts.people.policies import AccountRefused
from accounts.people.services.batches import confirm_batch, forget_unconfirmed, keep_batch
from tests.accounts.people.conftest import DAY, TODAY, Bureau, enter
from tests.small_county import NOW

Row = Sequence[Any]


@pytest.fixture
def rows(bureau: Bureau) -> Callable[..., list[list[Any]]]:
    """Rows of a workbook of the system administrator's, under the right heads."""

    def made(*people: Row) -> list[list[Any]]:
        return [list(HEADS), *(list(person) for person in people)]

    return made


def officer(name: str = "示例甲", username: str = "jia.bureau", **changes: Any) -> list[Any]:
    place = changes.get("place", "甲县教育局（甲县）")
    return [name, username, place, changes.get("role", "教育局经办人"), changes.get("day")]


def test_the_template_offers_roles_and_places(bureau: Bureau) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(bureau.system)))
    sheet, choices = book["账号"], book["选项"]
    assert [cell.value for cell in sheet[1]] == list(HEADS)
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert set(lists) == {f"C2:C{MOST_ROWS + 2}", f"D2:D{MOST_ROWS + 2}"}
    places = {row[0] for row in choices.iter_rows(values_only=True) if row[0]}
    assert {"甲县教育局（甲县）", "示例一园（甲镇）"} <= places
    assert "乙县教育局（乙县）" not in places
    # The empty template itself is read, and says that it is empty.
    checked = check(read_rows(template(bureau.system)), by=bureau.system, today=TODAY)
    assert [problem.text for problem in checked.problems] == [
        "表里没有人。请从第2行起每行填一个人。"
    ]
    clerk_only = openpyxl.load_workbook(io.BytesIO(template(bureau.director)))["选项"]
    assert list(clerk_only.iter_rows(values_only=True)) == [
        ("示例一园（甲镇）", "园长"),
        (None, "园所资料员"),
    ]


def test_each_cell_says_what_is_wrong(bureau: Bureau, rows: Callable[..., Any]) -> None:
    checked = check(
        rows(
            ["", "jia", "甲县教育局（甲县）", "教育局经办人", None],
            officer(username="x"),
            officer(username="bing", place="乙县教育局（乙县）"),
            officer(username="ding", role="校长"),
            officer(username="wuu", role="园长"),
            officer(username="jii", day=TODAY - DAY),
            officer(username="geng", day="明天"),
            officer(username=bureau.clerk.username),
            officer(username="xin"),
            officer(username="ＸＩＮ"),
            ["示例园长", "yuanzhang", "示例一园（甲镇）", "园长", None],
        ),
        by=bureau.system,
        today=TODAY,
    )
    assert [problem.cell for problem in checked.problems] == [
        "A2", "B3", "C4", "D5", "D6", "E7", "E8", "B9", "B11", "D12",
    ]  # fmt: skip
    by_cell = {problem.cell: problem for problem in checked.problems}
    assert "不在您的范围内" in by_cell["C4"].text
    assert "和第10行的用户名相同" in by_cell["B11"].text
    assert "已有园长" in by_cell["D12"].text
    assert by_cell["E8"].typed == "明天"
    with pytest.raises(AccountRefused, match="还有要改的地方"):
        keep_batch(checked=checked, by=bureau.system, now=NOW)
    assert not AccountBatch.objects.exists()


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-27", "2026-11-27"),
        ("2026/11/30", "2026-11-30"),
        (" 2026年12月1日 ", "2026-12-01"),
        ("２０２６年１２月１日", "2026-12-01"),
        ("2026-11-31", None),
        ("11月27日", None),
        ("2026-13-1", None),
        ("20261127", None),
    ],
)
def test_a_day_is_read_as_people_write_it(
    bureau: Bureau, rows: Callable[..., Any], typed: str, day: str | None
) -> None:
    checked = check(rows(officer(day=typed)), by=bureau.system, today=TODAY)
    if day is not None:
        assert [row["valid_from"] for row in checked.rows] == [day]
        assert not checked.problems
    else:
        (problem,) = checked.problems
        assert problem.cell == "E2"
        assert "请写成2026-11-26、2026/11/26或2026年11月26日" in problem.text


def test_wrong_heads_are_named(bureau: Bureau) -> None:
    checked = check([["名字", "用户名"]], by=bureau.system, today=TODAY)
    assert [(p.cell, p.typed) for p in checked.problems] == [("A1", "名字、用户名")]
    assert "、".join(HEADS) in checked.problems[0].text


@pytest.mark.parametrize("name", ["张三13812345678", "5", "张", "李4", "王五（园长）"])
def test_what_is_no_name_is_a_problem_of_its_cell(
    bureau: Bureau, rows: Callable[..., Any], name: str
) -> None:
    checked = check(rows(officer(name)), by=bureau.system, today=TODAY)
    assert [problem.cell for problem in checked.problems] == ["A2"]
    assert "姓名" in checked.problems[0].text


def test_too_many_rows_are_refused(bureau: Bureau, rows: Callable[..., Any]) -> None:
    many = [officer(username=f"person-{number}") for number in range(MOST_ROWS + 1)]
    checked = check(rows(*many), by=bureau.system, today=TODAY)
    assert "一次最多500人" in checked.problems[0].text
    assert not checked.rows


def test_checking_asks_the_database_a_constant_number_of_times(
    bureau: Bureau, rows: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    many = rows(*[officer(username=f"person-{number}") for number in range(200)])
    with django_assert_max_num_queries(6):
        checked = check(many, by=bureau.system, today=TODAY)
    assert len(checked.rows) == 200


def test_confirmed_once_and_uploaded_again_it_changes_nothing(
    bureau: Bureau, rows: Callable[..., Any]
) -> None:
    workbook = rows(officer(), officer("示例乙", "yi.bureau", role="责任督学", day=TODAY + DAY))
    checked = check(workbook, by=bureau.system, today=TODAY)
    batch = keep_batch(checked=checked, by=bureau.system, now=NOW)
    assert keep_batch(checked=checked, by=bureau.system, now=NOW) == batch
    for asked in (2, 0):
        assert (
            confirm_batch(
                batch_id=batch.pk, reason="秋季新任", by=bureau.system, now=NOW, today=TODAY
            )
            == asked
        )
    assert set(AccountRequest.objects.values_list("username", "role", "batch", "state")) == {
        ("jia.bureau", "bureau_officer", batch.pk, "waiting"),
        ("yi.bureau", "inspector", batch.pk, "waiting"),
    }
    again = check(workbook, by=bureau.system, today=TODAY)
    assert (again.rows, again.unchanged, again.problems) == ([], 2, [])
    # Also after they were approved; nobody got an account before that.
    assert not User.objects.filter(username="jia.bureau").exists()
    for request in AccountRequest.objects.all():
        assert bureau.approve(request, by=bureau.security).password
    later = check(workbook, by=bureau.system, today=TODAY + DAY)
    assert (later.rows, later.unchanged) == ([], 2)


def test_all_or_none(bureau: Bureau, rows: Callable[..., Any]) -> None:
    checked = check(rows(officer(), officer("示例乙", "yi.bureau")), by=bureau.system, today=TODAY)
    batch = keep_batch(checked=checked, by=bureau.system, now=NOW)
    # Somebody takes the second name between the check and the confirmation.
    User.objects.create(username="yi.bureau", full_name="别人")
    with pytest.raises(AccountRefused, match=r"第3行示例乙：.*已经有人用了.*整份都没有提交"):
        confirm_batch(batch_id=batch.pk, reason="秋季新任", by=bureau.system, now=NOW, today=TODAY)
    assert not AccountRequest.objects.exists()
    batch.refresh_from_db()
    assert batch.confirmed_at is None


def test_rows_changed_after_the_check_are_not_asked_for(
    bureau: Bureau, rows: Callable[..., Any]
) -> None:
    """The names are no history; the digest is, and holds them until they are asked for."""
    checked = check(rows(officer()), by=bureau.system, today=TODAY)
    batch = keep_batch(checked=checked, by=bureau.system, now=NOW)
    kept = batch.changes.get()
    assert kept.digest == batch.digest
    assert not hasattr(kept, "rows")
    AccountBatch.objects.update(rows=[{**checked.rows[0], "role": "bureau_leader"}])
    with pytest.raises(AccountRefused, match="和检查时不一样"):
        confirm_batch(batch_id=batch.pk, reason="秋季新任", by=bureau.system, now=NOW, today=TODAY)
    assert not AccountRequest.objects.exists()


def test_names_nobody_confirmed_are_forgotten_after_thirty_days(
    bureau: Bureau, rows: Callable[..., Any]
) -> None:
    confirmed, left = (
        keep_batch(
            checked=check(rows(officer(username=name)), by=bureau.system, today=TODAY),
            by=bureau.system,
            now=NOW,
        )
        for name in ("jia.bureau", "yi.bureau")
    )
    confirm_batch(batch_id=confirmed.pk, reason="秋季新任", by=bureau.system, now=NOW, today=TODAY)
    assert forget_unconfirmed(now=NOW + 29 * DAY) == 0
    assert forget_unconfirmed(now=NOW + 30 * DAY) == 1
    assert list(AccountBatch.objects.all()) == [confirmed]
    kept = TRACKED[AccountBatch].event._default_manager.filter(pgh_obj_id=left.pk)
    assert set(kept.values_list("pgh_label", flat=True)) == {"insert", "delete"}


def test_nobody_confirms_another_persons_workbook(bureau: Bureau, rows: Callable[..., Any]) -> None:
    checked = check(rows(officer()), by=bureau.system, today=TODAY)
    batch = keep_batch(checked=checked, by=bureau.system, now=NOW)
    for other in (bureau.director, bureau.office("system_administrator")):
        with pytest.raises(AccountRefused, match="没有这份表格"):
            confirm_batch(batch_id=batch.pk, reason="秋季新任", by=other, now=NOW, today=TODAY)


def workbook(content: list[list[Any]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in content:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("账号.xlsx", out.getvalue())


def test_the_pages_from_upload_to_passwords(
    bureau: Bureau, rows: Callable[..., Any], client: Client
) -> None:
    enter(client, bureau.system)
    upload = "/account-requests/workbook/"
    broken = client.post(upload, {"workbook": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 nothing")})
    assert broken.status_code == 422
    assert "这份文件没有读取" in broken.content.decode()
    wrong = client.post(upload, {"workbook": workbook(rows(officer(username="x")))})
    assert wrong.status_code == 422
    assert "B2" in wrong.content.decode()
    assert "没有申请任何账号" in wrong.content.decode()
    right = client.post(upload, {"workbook": workbook(rows(officer()))})
    batch = AccountBatch.objects.get()
    assert right.url == f"{upload}{batch.pk}/"
    assert "jia.bureau" in client.get(right.url).content.decode()
    for reason in ("", "电话13800001234"):
        without = client.post(f"{right.url}confirm/", {"reason": reason})
        assert without.status_code == 422
        assert "没有提交，请改好下面一处" in without.content.decode()
    assert not AccountRequest.objects.exists()
    client.post(f"{right.url}confirm/", {"reason": "秋季新任"})
    request = AccountRequest.objects.get()
    assert request.reason == "秋季新任"

    enter(client, bureau.security)
    answer = client.post(
        "/account-approvals/offices/decide/", {"request": request.pk, "act": "approve"}
    )
    page = answer.content.decode()
    password = page.split('<code class="one-time">')[1].split("</code>")[0]
    assert User.objects.get(username="jia.bureau").check_password(password)
    assert answer["Cache-Control"] == "no-store, private"
    # Once: neither the list nor a second click shows it again.
    assert password not in client.get("/account-approvals/offices/?state=decided").content.decode()
    again = client.post(
        "/account-approvals/offices/decide/", {"request": request.pk, "act": "approve"}, follow=True
    )
    assert "one-time" not in again.content.decode()
    assert "不用再办" in again.content.decode()


def test_a_formula_is_that_cells_problem_and_hides_no_other(bureau: Bureau, client: Client) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(HEADS))
    sheet.append(officer("示例甲", "=LOWER(A2)"))
    sheet.append(officer("示例乙", "yi.bureau", role="不存在的角色"))
    sheet.append(officer("示例丙", "bing.bureau"))
    out = io.BytesIO()
    book.save(out)
    enter(client, bureau.system)
    answer = client.post(
        "/account-requests/workbook/", {"workbook": SimpleUploadedFile("a.xlsx", out.getvalue())}
    )
    assert answer.status_code == 422
    found = {problem.cell: problem.text for problem in answer.context["problems"]}
    assert set(found) == {"B2", "D3"}
    assert found["B2"].startswith("这一格是公式，还没有算出数")
    assert "没有这个角色" in found["D3"]
    assert not AccountRequest.objects.exists()


def test_no_file_is_said_at_the_field(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.system)
    text = client.post("/account-requests/workbook/").content.decode()
    assert 'href="#workbook"' in text
    assert 'aria-invalid="true"' in text
    assert "novalidate" in text
