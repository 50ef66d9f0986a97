"""The importing pages take as many queries for much as for little."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ImportBatch, User
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db


def queries(officer: User, url: str) -> int:
    client = client_of(officer)
    client.get(url)
    with CaptureQueriesContext(connection) as counted:
        answer = client.get(url)
        b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200
    return len(counted)


def table(first: int, last: int, *, spoilt: bool = False) -> bytes:
    rows = [kindergarten_row(number) for number in range(first, last + 1)]
    if spoilt:
        for row in rows:
            row[3] = "私立"
    return excel([HEADS, *rows])


def test_the_list_of_tables(officer: User) -> None:
    url = reverse("imports")
    checked(officer, table(1, 2))
    few = queries(officer, url)
    for number in range(8):
        checked(officer, table(1, 2 + number))
    assert queries(officer, url) == few
    assert ImportBatch.objects.count() == 9


@pytest.mark.parametrize("spoilt", [False, True])
def test_the_page_of_a_table(officer: User, spoilt: bool) -> None:
    counts = set()
    for last in (1, 120):
        batch = checked(officer, table(1, last, spoilt=spoilt))
        counts.add(queries(officer, reverse("import-batch", args=[batch.pk])))
    assert len(counts) == 1


def test_the_templates(officer: User) -> None:
    counts = {name: set() for name in ("import-upload", "import-template", "import-current")}
    for first, last in ((1, 1), (2, 80)):
        written(officer, checked(officer, table(first, last)))
        for name, seen in counts.items():
            seen.add(queries(officer, reverse(name, args=["registry"])))
    assert {name: len(seen) for name, seen in counts.items()} == dict.fromkeys(counts, 1)


def test_a_dry_run(officer: User) -> None:
    counts = set()
    for last in (2, 150):
        with CaptureQueriesContext(connection) as counted:
            assert checked(officer, table(1, last)).new_count == last
        counts.add(len(counted))
    assert len(counts) == 1
