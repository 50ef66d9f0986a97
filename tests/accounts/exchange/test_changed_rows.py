"""Kindergartens that are there, changed by table: what a procedure decides is not, and no table
goes along as the paper of a change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.exchange import reports, services
from accounts.files import store
from accounts.models import ImportBatch, User
from kindergartens.models import Kindergarten, KindergartenStatus, StatusChange, StatusDocument
from kindergartens.registering.importable import REGISTRY_TABLE, RegistryTable
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db

MORE = [
    "办园状态", "等级", "普惠认定文件", "普惠认定到期日", "计入在园幼儿", "计入公办", "计入普惠", "变更原因", "依据文号",
]  # fmt: skip
DAY = dt.date(2026, 11, 1)
PAPER = {"状态起始日期": DAY, "变更原因": "示例原因", "依据文号": "示教〔2026〕1号"}
State = KindergartenStatus.OperatingState
PUBLIC_NOW = {"办别": "教育部门", "办园性质": "公办", "营利性": "否"}


@pytest.fixture
def one(officer: User, small: SmallCounty) -> Kindergarten:
    return small.kindergarten(
        small.county.children.get(name="甲镇"), "小太阳幼儿园", ownership="inclusive_private"
    )


def table(kindergarten: Kindergarten, cells: dict[str, Any]) -> bytes:
    heads = [*HEADS, *MORE]
    told = {"学校标识码": kindergarten.code, "园名": kindergarten.name, **PAPER, **cells}
    return excel([heads, [told.get(head) for head in heads]])


def texts(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(one.head, one.text) for one in reports.unpack(REGISTRY_TABLE, batch).faults]


def test_the_countys_table_is_not_shown_to_a_kindergarten(
    officer: User, one: Kindergarten, small: SmallCounty
):
    batch = written(officer, checked(officer, table(one, {"等级": "一级园"})))
    assert (batch.state, batch.changed_count) == ("written", 1)
    change = StatusChange.objects.get(kindergarten=one)
    assert change.document_number == "示教〔2026〕1号"
    assert not StatusDocument.objects.filter(change=change).exists()
    director = small.person("园长", one.organisation, "director")
    assert not StatusDocument.objects.visible_to(acting(director)).exists()
    for name in ("import-original", "import-batch"):
        assert client_of(director).get(reverse(name, args=[batch.pk])).status_code in {403, 404}


@pytest.mark.parametrize("head", PAPER)
def test_a_change_needs_its_day_its_reason_and_its_paper(
    officer: User, one: Kindergarten, head: str
):
    batch = checked(officer, table(one, {"等级": "一级园", head: None}))
    assert batch.state == "faulty"
    assert [at for at, _ in texts(batch)] == [head]


DECIDED_ELSEWHERE: dict[str, tuple[str, dict[str, Any], str]] = {
    "closing": ("inclusive_private", {"办园状态": State.CLOSED.label}, "办园状态"),
    "suspending": ("inclusive_private", {"办园状态": State.SUSPENDED.label}, "办园状态"),
    "resuming": ("suspended", {"办园状态": State.OPERATING.label}, "办园状态"),
    "recognition": ("non_inclusive_private", {"办园性质": "普惠性民办", "营利性": "否"}, "办园性质"),
    "leaving": ("inclusive_private", {"办园性质": "非普惠民办"}, "办园性质"),
    "its paper": ("inclusive_private", {"普惠认定文件": "示教〔2026〕9号"}, "普惠认定文件"),
    "its term": ("inclusive_private", {"普惠认定到期日": "2029-08-31"}, "普惠认定到期日"),
    "the flag": ("non_inclusive_private", {"计入普惠": "是", "营利性": "否"}, "计入普惠"),
}  # fmt: skip


@pytest.mark.parametrize("case", DECIDED_ELSEWHERE)
def test_what_a_leader_decides_is_not_changed_by_table(
    officer: User, small: SmallCounty, case: str
):
    kind, cells, head = DECIDED_ELSEWHERE[case]
    there = small.kindergarten(
        small.county.children.get(name="甲镇"),
        "示例园",
        ownership="inclusive_private" if kind == "suspended" else kind,
        state="suspended" if kind == "suspended" else "operating",
    )
    batch = checked(officer, table(there, cells))
    assert batch.state == "faulty"
    found = texts(batch)
    assert [at for at, _ in found] == [head]
    assert "备案审批" in found[0][1]


TWICE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "level": ({}, {"等级": "一级园"}, {"level": "first"}),
    "a flag kept beside another sponsor": (
        {"counts_enrolment": False, "counts_inclusive": False, "counts_staff": False},
        {"办别": "中外合作", "计入在园幼儿": "否", "计入普惠": "否"},
        {"counts_enrolment": False, "counts_inclusive": False},
    ),
    "public from now on": (
        {"recognition_document": "示教〔2025〕3号", "recognised_until": dt.date(2028, 8, 31)},
        {**PUBLIC_NOW, "计入公办": "是", "计入普惠": "是"},
        {
            "ownership": "public", "counts_public": True, "counts_inclusive": True,
            "recognition_document": "", "recognised_until": None,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TWICE)
def test_a_table_of_changes_sent_twice_changes_once(officer: User, one: Kindergarten, case: str):
    before, cells, after = TWICE[case]
    if before:
        one.statuses.update(**before)
    content = table(one, cells)
    first = checked(officer, content)
    assert (first.state, first.changed_count, texts(first)) == ("ready", 1, [])
    assert written(officer, first).state == "written"
    statuses = list(one.statuses.order_by("valid_from").values())
    assert len(statuses) == 2
    assert {name: statuses[1][name] for name in after if name != "level"} == {
        name: value for name, value in after.items() if name != "level"
    }
    again = checked(officer, content)
    assert (again.state, again.same_count, texts(again)) == ("unchanged", 1, [])
    assert list(one.statuses.order_by("valid_from").values()) == statuses


def test_the_dry_run_asks_what_writing_would(officer: User, one: Kindergarten, small: SmallCounty):
    small.file(one, 20)
    batch = checked(officer, table(one, {"等级": "一级园", "状态起始日期": dt.date(2026, 10, 15)}))
    assert batch.state == "faulty"
    assert "月报已接收" in texts(batch)[0][1]


def test_what_is_counted_before_writing_stops_the_table(
    officer: User, one: Kindergarten, small: SmallCounty
):
    cells = {"等级": "一级园", "状态起始日期": dt.date(2026, 10, 15)}
    batch = checked(officer, table(one, cells))
    assert batch.state == "ready"
    small.file(one, 20)
    batch = written(officer, batch)
    assert (batch.state, one.statuses.count()) == ("faulty", 1)


def test_a_refusal_while_writing_takes_everything_back_and_says_why(
    officer: User, one: Kindergarten, monkeypatch
):
    batch = checked(officer, table(one, {"等级": "一级园"}))
    write = RegistryTable.write

    def refusing(self, context, plan, batch):
        write(self, context, plan, batch)
        raise services.Refused("示例理由，请重新上传。", row=2)

    monkeypatch.setattr(RegistryTable, "write", refusing)
    batch = written(officer, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.fault_count, batch.confirmed_at) == ("faulty", 1, None)
    assert texts(batch) == [("", "示例理由，请重新上传。")]
    assert one.statuses.count() == 1


def test_one_county_does_not_wait_for_another(officer: User, small: SmallCounty):
    batch = ImportBatch(kind="registry")
    other = acting(small.officer(small.other_county))
    colleague = acting(small.officer())
    key = services._lock_key(batch, officer)
    assert key == services._lock_key(batch, colleague) != services._lock_key(batch, other)


def test_a_table_is_handed_out_as_any_kept_file_is(officer: User, one: Kindergarten, settings):
    batch = checked(officer, table(one, {"等级": "一级园"}))
    client, url = client_of(officer), reverse("import-original", args=[batch.pk])
    assert client.get(url).status_code == 200
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    assert client.get(url).status_code == 409
    settings.CLAMD_ADDRESS = ""
    store.path_of(batch.file.storage_name).unlink()
    answer = client.get(url)
    assert answer.status_code == 500
    assert "没有提供下载" in answer.content.decode()
