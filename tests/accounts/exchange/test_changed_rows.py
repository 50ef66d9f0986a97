"""Kindergartens that are there, changed by table: nothing the rates count by, and no table goes
along as the paper of a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.exchange import reports, services
from accounts.files import store
from accounts.models import ImportBatch, User
from kindergartens.changes import rules
from kindergartens.models import Kindergarten, KindergartenStatus, StatusChange, StatusDocument
from kindergartens.registering.importable import REGISTRY_TABLE, RegistryTable
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db

MORE = [
    "办园状态", "半日制", "等级", "城乡分类", "普惠认定文件", "普惠认定到期日", "计入在园幼儿", "计入公办", "计入普惠",
    "计入教职工", "变更原因", "依据文号",
]  # fmt: skip
DAY = dt.date(2026, 11, 1)
PAPER = {"状态起始日期": DAY, "变更原因": "示例原因", "依据文号": "示教〔2026〕1号"}
State = KindergartenStatus.OperatingState


@pytest.fixture
def one(officer: User, small: SmallCounty) -> Kindergarten:
    return small.kindergarten(
        small.county.children.get(name="甲镇"), "小太阳幼儿园", ownership="inclusive_private"
    )


class Undone(Exception):
    pass


def table(kindergarten: Kindergarten, cells: dict[str, Any], *, heads: Sequence[str] = ()) -> bytes:
    heads = list(dict.fromkeys([*HEADS, *MORE, *heads]))
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


PAGE, PROCEDURE, LAW = "“变更状态”", "“备案审批”", "不得转制"
# What it is, the cells that differ, and where each of them is to be changed instead.
COUNTED: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "closing": ("inclusive_private", {"办园状态": State.CLOSED.label}, {"办园状态": PROCEDURE}),
    "suspending": ("inclusive_private", {"办园状态": State.SUSPENDED.label}, {"办园状态": PROCEDURE}),
    "resuming": ("suspended", {"办园状态": State.OPERATING.label}, {"办园状态": PROCEDURE}),
    "recognition": (
        "non_inclusive_private", {"办园性质": "普惠性民办", "普惠认定文件": "示教〔2026〕9号"},
        {"办园性质": PROCEDURE, "普惠认定文件": PROCEDURE},
    ),
    "leaving": ("inclusive_private", {"办园性质": "非普惠民办"}, {"办园性质": PROCEDURE}),
    "its paper": (
        "inclusive_private", {"普惠认定文件": "示教〔2026〕9号"}, {"普惠认定文件": PROCEDURE},
    ),
    "its term": (
        "inclusive_private", {"普惠认定到期日": "2029-08-31"}, {"普惠认定到期日": PROCEDURE},
    ),
    "public from now on": (
        "inclusive_private",
        {"办别": "教育部门", "办园性质": "公办", "计入公办": "是"},
        {"办别": PROCEDURE, "办园性质": PROCEDURE, "计入公办": PROCEDURE},
    ),
    "private from now on": (
        "public", {"办别": "民办", "办园性质": "非普惠民办", "计入公办": "否"},
        {"办别": PAGE, "办园性质": LAW, "计入公办": PROCEDURE},
    ),
    "another private sponsor": ("inclusive_private", {"办别": "中外合作"}, {"办别": PAGE}),
    "no profit": ("non_inclusive_private", {"营利性": "否"}, {"营利性": PAGE}),
    "another town": ("inclusive_private", {"乡镇街道": "乙镇"}, {"乡镇街道": PAGE}),
    "not counted": (
        "inclusive_private", {"计入在园幼儿": "否", "计入教职工": "否"},
        {"计入在园幼儿": PAGE, "计入教职工": PAGE},
    ),
    "its share": ("non_inclusive_private", {"计入普惠": "是"}, {"计入普惠": PROCEDURE}),
    "beside what is open": (
        "inclusive_private", {"等级": "一级园", "乡镇街道": "乙镇"}, {"乡镇街道": PAGE},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COUNTED)
def test_what_the_rates_count_by_is_not_changed_by_table(
    officer: User, small: SmallCounty, case: str
):
    kind, cells, wanted = COUNTED[case]
    there = small.kindergarten(
        small.county.children.get(name="甲镇"),
        "示例园",
        ownership="inclusive_private" if kind == "suspended" else kind,
        state="suspended" if kind == "suspended" else "operating",
    )
    batch = checked(officer, table(there, cells))
    assert batch.state == "faulty"
    found = dict(texts(batch))
    assert found.keys() == wanted.keys()
    for head, where in wanted.items():
        assert where in found[head], found[head]
        assert "照原来的填，或者空着" in found[head]


def test_the_template_leads_where_the_check_does():
    for name in ("ownership", "operating_state", *rules.RECOGNITION):
        note = REGISTRY_TABLE.column(name).note
        assert PROCEDURE in note
        assert PAGE not in note


HEAD_OF_COUNTED = {name: REGISTRY_TABLE.column(name).head for name in rules.COUNTED_BY}
YES_NO = st.sampled_from([None, "是", "否"])
CELLS = st.fixed_dictionaries(
    {
        "town": st.sampled_from([None, "甲镇", "乙镇"]),
        "sponsor_type": st.sampled_from([None, *KindergartenStatus.SponsorType.labels]),
        "ownership": st.sampled_from([None, *KindergartenStatus.Ownership.labels]),
        "operating_state": st.sampled_from([None, *State.labels]),
        "recognition_document": st.sampled_from([None, "示教〔2026〕9号"]),
        "recognised_until": st.sampled_from([None, dt.date(2029, 8, 31)]),
        **dict.fromkeys(("for_profit", *rules.FLAGS), YES_NO),
    }
)


def test_no_table_whatever_moves_what_the_rates_count_by(officer: User, small: SmallCounty):
    """A table is written only where it says of these columns what the books say already."""
    assert set(HEAD_OF_COUNTED) == set(rules.FIELDS) - {"half_day", "level", "urban_rural"}
    town = small.county.children.get(name="甲镇")
    every = [
        small.kindergarten(town, f"{kind}示例园", ownership=kind)
        for kind in KindergartenStatus.Ownership.values
    ]

    @hypothesis.settings(max_examples=30)
    @given(st.sampled_from(every), CELLS)
    def kept(one: Kindergarten, cells: dict[str, Any]) -> None:
        named = {HEAD_OF_COUNTED[name]: cell for name, cell in cells.items()}
        with suppress(Undone), transaction.atomic():
            before = one.statuses.values(*rules.COUNTED_BY).get()
            batch = checked(officer, table(one, {"等级": "一级园", **named}, heads=[*named]))
            if batch.state == "ready":
                batch = written(officer, batch)
                assert batch.state == "written"
            after = one.statuses.order_by("valid_from").values(*rules.COUNTED_BY)
            assert all(row == before for row in after)
            assert (batch.state == "written") == (len(after) == 2)
            raise Undone

    kept()


TWICE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "level": ({"等级": "一级园"}, {"level": "first"}),
    "hours": ({"半日制": "是"}, {"half_day": True}),
    "where it lies": ({"城乡分类": "220村庄", "等级": "三级园"}, {"urban_rural": "220", "level": "third"}),
}  # fmt: skip


@pytest.mark.parametrize("case", TWICE)
def test_a_table_of_changes_sent_twice_changes_once(officer: User, one: Kindergarten, case: str):
    cells, after = TWICE[case]
    content = table(one, cells)
    first = checked(officer, content)
    assert (first.state, first.changed_count, texts(first)) == ("ready", 1, [])
    assert written(officer, first).state == "written"
    statuses = list(one.statuses.order_by("valid_from").values())
    assert len(statuses) == 2
    assert {name: statuses[1][name] for name in after} == after
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


@pytest.mark.parametrize(("row", "said"), [(2, "1行，有误1行，1处要改"), (0, "1行，1处要改")])
def test_a_refusal_while_writing_takes_everything_back_and_says_why(
    officer: User, one: Kindergarten, monkeypatch, row: int, said: str
):
    batch = checked(officer, table(one, {"等级": "一级园"}))
    write = RegistryTable.write

    def refusing(self, context, plan, batch):
        write(self, context, plan, batch)
        raise services.Refused("示例理由，请重新上传。", row=row)

    monkeypatch.setattr(RegistryTable, "write", refusing)
    batch = written(officer, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.fault_count, batch.confirmed_at) == ("faulty", 1, None)
    assert texts(batch) == [("", "示例理由，请重新上传。")]
    assert services.summary(batch, REGISTRY_TABLE) == said
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
