"""A table's way in: checked, confirmed, written once; the second time nothing changes."""

from __future__ import annotations

import pytest

from accounts.exchange import reports, services
from accounts.models import User
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, as_csv, excel, kindergarten_row, libreoffice, wps
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db

ROWS = [HEADS, *(kindergarten_row(number) for number in range(1, 6))]
FILES = {
    "excel": (excel(ROWS), "名册.xlsx"),
    "libreoffice": (libreoffice(ROWS), "名册.xlsx"),
    "wps": (wps(ROWS), "名册.xlsx"),
    "csv utf-8": (as_csv(ROWS), "名册.csv"),
    "csv utf-8 bom": (as_csv(ROWS, encoding="utf-8-sig"), "名册.csv"),
    "csv gbk": (as_csv(ROWS, encoding="gbk"), "名册.csv"),
    "csv gb18030": (as_csv(ROWS, encoding="gb18030"), "名册.csv"),
    "csv utf-16 tab": (as_csv(ROWS, encoding="utf-16", separator="\t"), "名册.csv"),
    "csv semicolon": (as_csv(ROWS, separator=";"), "名册.csv"),
}


def counts(batch):
    return batch.new_count, batch.changed_count, batch.same_count, batch.fault_count


@pytest.mark.parametrize("file", FILES)
def test_files_of_every_program_are_read_and_written_once(officer: User, file: str):
    content, name = FILES[file]
    batch = checked(officer, content, name)
    assert (batch.state, counts(batch)) == ("ready", (5, 0, 0, 0)), batch.refusal
    assert not Kindergarten.objects.exists()
    assert written(officer, batch).state == "written"
    assert Kindergarten.objects.count() == 5
    status = KindergartenStatus.objects.get(kindergarten__code="1165900001")
    assert (status.ownership, status.counts_public, status.town.name) == ("public", True, "甲镇")
    assert status.kindergarten.organisation.name == "示例第1幼儿园"
    assert "shilidi1youeryuan" in status.kindergarten.search_text
    again = checked(officer, content, name)
    assert (again.state, counts(again)) == ("unchanged", (0, 0, 5, 0))


def test_a_confirmed_table_is_written_once(officer: User):
    batch = written(officer, checked(officer, excel(ROWS)))
    again = services.write_batch(batch_id=batch.pk, by=officer, now=batch.uploaded_at)
    assert again.state == "written"
    assert Kindergarten.objects.count() == 5
    with pytest.raises(services.Refused, match="已写入"):
        services.confirm(
            batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=batch.uploaded_at
        )


def test_what_changed_meanwhile_is_not_overwritten(officer: User, small: SmallCounty):
    batch = checked(officer, excel(ROWS))
    services.confirm(batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=batch.uploaded_at)
    town = small.county.children.get(name="甲镇")
    taken = small.kindergarten(town, "示例第1幼儿园")
    Kindergarten.objects.filter(pk=taken.pk).update(code="1165900001")
    batch = services.write_batch(batch_id=batch.pk, by=officer, now=batch.uploaded_at)
    assert batch.state in {"stale", "faulty"}
    assert Kindergarten.objects.count() == 1


def test_a_report_is_read_back_as_it_was(officer: User):
    batch = checked(officer, excel(ROWS))
    report = reports.unpack(REGISTRY_TABLE, batch)
    assert [line.row for line in report.new] == [2, 3, 4, 5, 6]
    assert report.new[0].values["code"] == "1165900001"
    assert report.new[0].values["opened_on"].isoformat() == "2012-09-01"
