"""What a row of the table is told at its cells."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.exchange import reports
from accounts.models import User
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row

pytestmark = pytest.mark.django_db


def test_first_days_more_than_a_year_ahead_are_said_at_their_cells(officer: User) -> None:
    late = dt.date(2030, 1, 1)
    batch = checked(officer, excel([HEADS, [*kindergarten_row(1)[:6], late, late]]))
    said = {one.cell: one.text for one in reports.unpack(REGISTRY_TABLE, batch).faults}
    assert said.keys() == {"G2", "H2"}
    assert all("12个月内" in text for text in said.values())
