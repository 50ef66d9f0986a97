"""分园、教学点 belong to a kindergarten: by page, on the record and by table, which names it by code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.exchange import reports
from accounts.models import ImportBatch, User
from kindergartens.models import InstitutionType, Kindergarten
from kindergartens.record.policies import NeedsMending
from kindergartens.record.services.correcting import correct_records
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

MORE = ["办学类型", "所属园标识码"]
SITE, BRANCH = InstitutionType.TEACHING_POINT.label, InstitutionType.BRANCH.label
ALONE = InstitutionType.INDEPENDENT.label


@pytest.fixture
def main(officer: User, small: SmallCounty) -> Kindergarten:
    return small.kindergarten(small.county.children.get(name="甲镇"), "小太阳幼儿园")


def new(number: int, kind: str | None, host: str | None) -> list[Any]:
    return [*kindergarten_row(number), kind, host]


def there(one: Kindergarten, kind: str | None, host: str | None) -> list[Any]:
    return [one.code, one.name, *[None] * (len(HEADS) - 2), kind, host]


def table(*rows: list[Any]) -> bytes:
    return excel([[*HEADS, *MORE], *rows])


def faults(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(one.cell, one.text) for one in reports.unpack(REGISTRY_TABLE, batch).faults]


def test_sites_come_with_their_host_on_the_books_or_further_up(
    officer: User, main: Kindergarten
) -> None:
    content = table(
        new(1, None, None), new(2, SITE, main.code), new(3, BRANCH, "1165900001"),
    )  # fmt: skip
    batch = checked(officer, content)
    assert (batch.state, faults(batch)) == ("ready", [])
    assert written(officer, batch).state == "written"
    hosts = dict(Kindergarten.objects.values_list("code", "host__code"))
    assert hosts == {
        main.code: None, "1165900001": None, "1165900002": main.code, "1165900003": "1165900001",
    }  # fmt: skip
    assert checked(officer, content).state == "unchanged"
    answer = client_of(officer).get(reverse("import-current", args=["registry"]))
    again = checked(officer, b"".join(answer.streaming_content))
    assert (again.state, again.same_count, faults(again)) == ("unchanged", 4, [])


WRONG: dict[str, tuple[list[list[Any]], str, str]] = {
    "no host": ([new(1, SITE, None)], "J2", "要写明所属园"),
    "a host further down": (
        [new(1, SITE, "1165900002"), new(2, None, None)], "J2", "写在它的分园、教学点上面",
    ),
    "nowhere": ([new(1, SITE, "1165999999")], "J2", "没有标识码为1165999999的园"),
    "itself": ([new(1, SITE, "1165900001")], "J2", "没有标识码"),
    "no site": ([new(1, None, "MAIN")], "J2", "独立的幼儿园没有所属园"),
    "a site of a site": (
        [new(1, SITE, "MAIN"), new(2, BRANCH, "1165900001")], "J3", "自己是分园或教学点",
    ),
    "no code at all": ([new(1, SITE, "小太阳幼儿园")], "J2", "11开头的10位数字"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_host_that_cannot_be_is_told_at_its_cell(
    officer: User, main: Kindergarten, case: str
) -> None:
    rows, cell, words = WRONG[case]
    rows = [[main.code if value == "MAIN" else value for value in row] for row in rows]
    batch = checked(officer, table(*rows))
    found = faults(batch)
    assert [at for at, _ in found] == [cell], found
    assert words in found[0][1]


def test_a_host_of_another_county_is_none(
    officer: User, main: Kindergarten, small: SmallCounty
) -> None:
    other = small.kindergarten(small.other_county.children.get(name="外镇"), "外镇幼儿园")
    batch = checked(officer, table(new(1, SITE, other.code)))
    assert [at for at, _ in faults(batch)] == ["J2"]
    assert "外镇幼儿园" not in faults(batch)[0][1]
    with pytest.raises(PermissionDenied):
        correct_records(
            {main.pk: {"institution_type": "branch", "host_id": other.pk}}, by=officer, now=NOW
        )


def test_one_that_is_there_becomes_a_site_and_changes_its_host(
    officer: User, main: Kindergarten, small: SmallCounty
) -> None:
    town = small.county.children.get(name="甲镇")
    one, second = (small.kindergarten(town, name) for name in ("东园", "第二幼儿园"))
    batch = checked(officer, table(there(one, BRANCH, None)))
    assert [at for at, _ in faults(batch)] == ["J2"]
    rows = [new(1, None, None), there(one, BRANCH, main.code), there(second, SITE, "1165900001")]
    batch = written(officer, checked(officer, table(*rows)))
    assert (batch.state, batch.new_count, batch.changed_count) == ("written", 1, 2)
    hosts = dict(Kindergarten.objects.values_list("name", "host__code"))
    assert (hosts["东园"], hosts["第二幼儿园"]) == (main.code, "1165900001")
    assert checked(officer, table(*rows)).state == "unchanged"
    # Who has sites becomes none; neither in the same table nor against the books.
    for row in (there(main, BRANCH, "1165900001"), there(one, SITE, second.code)):
        assert [at for at, _ in faults(checked(officer, table(row)))] == ["J2"]
    moved = [there(one, None, "1165900001"), there(main, SITE, "1165900001")]
    assert "名下有分园" in faults(checked(officer, table(*moved)))[0][1]
    # An older template has no such column: the host stays.
    batch = checked(officer, excel([HEADS, there(one, None, None)[:-2]]))
    assert batch.state == "unchanged"
    one.refresh_from_db()
    assert one.host == main


def test_the_dry_run_judges_in_the_order_of_writing(
    officer: User, main: Kindergarten, small: SmallCounty
) -> None:
    """New rows are written before any change, wherever they stand: “ready” must come true."""
    town = small.county.children.get(name="甲镇")
    site = small.kindergarten(town, "东园")
    # As it may lie on the books from before: a site without a host.
    Kindergarten.objects.filter(pk=site.pk).update(institution_type="branch")
    freed = checked(officer, table(there(site, ALONE, None), new(1, SITE, site.code)))
    assert [at for at, _ in faults(freed)] == ["J3"]
    assert "自己是分园或教学点" in faults(freed)[0][1]
    second = small.kindergarten(town, "第二幼儿园")
    bound = checked(officer, table(there(main, SITE, second.code), new(1, SITE, main.code)))
    assert [at for at, _ in faults(bound)] == ["J2"]
    assert "名下有分园" in faults(bound)[0][1]
    # Each half by itself can be written, the change first.
    for row in (there(site, ALONE, None), new(1, SITE, site.code)):
        batch = checked(officer, table(row))
        assert (batch.state, faults(batch)) == ("ready", [])
        assert written(officer, batch).state == "written"


def test_the_service_refuses_what_the_table_would(
    officer: User, main: Kindergarten, small: SmallCounty
) -> None:
    town = small.county.children.get(name="甲镇")
    one, second = (small.kindergarten(town, name) for name in ("东园", "第二幼儿园"))
    branch = {"institution_type": "branch"}
    wrong: list[dict[int, dict[str, Any]]] = [
        {one.pk: branch},
        {one.pk: {"host_id": main.pk}},
        {one.pk: {**branch, "host_id": one.pk}},
        {
            one.pk: {**branch, "host_id": main.pk},
            second.pk: {**branch, "host_id": one.pk},
        },
        {
            one.pk: {**branch, "host_id": main.pk},
            main.pk: {**branch, "host_id": second.pk},
        },
    ]
    for corrections in wrong:
        with pytest.raises(NeedsMending) as refusal:
            correct_records(corrections, by=officer, now=NOW)
        assert [finding.field for finding in refusal.value.findings] == ["host"]
    assert not Kindergarten.objects.filter(institution_type="branch").exists()


def test_many_sites_are_checked_in_as_many_queries_as_one(
    officer: User, main: Kindergarten
) -> None:
    counts = []
    for rows in (range(1, 2), range(1, 30)):
        content = table(*(new(number, SITE, main.code) for number in rows))
        with CaptureQueriesContext(connection) as queries:
            assert checked(officer, content).state == "ready"
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.fixture
def at_noon() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


def page(client: Any, **more: Any) -> Any:
    return client.post(
        reverse("kindergarten-register"),
        {
            "name": "春芽教学点", "code": "1165900009", "institution_type": "teaching_point",
            "opened_on": "2026-10-01", "valid_from": "2026-11-02", "sponsor_type": "education",
            "ownership": "public", "document_number": "甲教审〔2026〕9号", "reason": "新设", **more,
        },
    )  # fmt: skip


@pytest.mark.usefixtures("at_noon")
def test_the_page_asks_for_the_host(officer: User, main: Kindergarten, small: SmallCounty) -> None:
    town = small.county.children.get(name="甲镇")
    client = client_of(officer)
    blank = client.get(reverse("kindergarten-register")).content.decode()
    # Asked of some: its hint says of whom, and nothing says that anybody may leave it out.
    label = re.search(r'<label[^>]*for="id_host">(.*?)</label>', blank)
    assert label is not None
    assert "选填" not in label[1]
    assert "分园、教学点必填" in blank
    answer = page(client, town=town.pk)
    assert answer.status_code == 422
    assert answer.context["form"].errors["host"] == ["分园、教学点要写明所属园，是哪一所幼儿园的。"]
    assert page(client, town=town.pk, host=main.pk).status_code == 302
    assert Kindergarten.objects.get(code="1165900009").host == main


@pytest.mark.usefixtures("at_noon")
def test_the_record_asks_for_the_host_and_other_sections_do_not(
    officer: User, main: Kindergarten, small: SmallCounty
) -> None:
    site = small.kindergarten(small.county.children.get(name="甲镇"), "东园")
    # As it may lie on the books from before.
    Kindergarten.objects.filter(pk=site.pk).update(institution_type="branch")
    client = client_of(officer)

    def save(section: str, **values: Any) -> Any:
        url = reverse("record-edit", args=[site.code, section])
        form = client.get(url).context["form"]
        shown = {name: form[name].value() for name in form.fields}
        given = {name: value for name, value in {**shown, **values}.items() if value is not None}
        return client.post(url, given)

    refused = save("identity")
    assert refused.status_code == 422
    assert "host" in refused.context["form"].errors
    assert save("daily", school_buses=1).status_code == 302
    assert save("identity", host=main.pk).status_code == 302
    site.refresh_from_db()
    assert (site.host, site.school_buses) == (main, 1)
    assert site.opened_on == dt.date(2020, 1, 1)
