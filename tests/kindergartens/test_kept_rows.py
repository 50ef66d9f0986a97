"""What the database itself refuses: changed records, and two rows in force on one day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, models, transaction

from fees.models import FeeCeiling
from kindergartens.models import ClassCount, FilingEvent, FilingVersion, Group, GroupMember
from safety.models import Incident, SafetyAnswer
from staffing.models import StaffCount
from tests.small_county import NOW, SmallCounty, an_incident

NEW_YEAR = dt.date(2026, 1, 1)
SUMMER = dt.date(2026, 7, 1)


@pytest.fixture
def submitted(small: SmallCounty) -> SmallCounty:
    filing = small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 24, state="submitted")
    FilingEvent.objects.create(
        filing=filing,
        action=FilingEvent.Action.SUBMITTED,
        version=1,
        at=NOW,
        done_as=filing.versions.get().submitted_as,
    )
    an_incident(filing)
    return small


@pytest.mark.as_owner  # whom the triggers refuse it too
@pytest.mark.parametrize(
    "model", [FilingVersion, FilingEvent, ClassCount, StaffCount, SafetyAnswer, Incident]
)
def test_what_was_submitted_is_never_changed_or_deleted(
    submitted: SmallCounty, model: type[models.Model]
) -> None:
    table = model._meta.db_table
    kept = list(model._default_manager.order_by("pk").values())
    assert kept
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
        with (
            pytest.raises(IntegrityError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert list(model._default_manager.order_by("pk").values()) == kept


def test_a_town_is_in_one_group_a_day(small: SmallCounty) -> None:
    town = small.town("甲镇")
    first, second = (
        Group.objects.create(county=small.county, kind="area", name=name, valid_from=NEW_YEAR)
        for name in "一二"
    )
    GroupMember.objects.create(
        group=first, kind="area", town=town, valid_from=NEW_YEAR, valid_to=SUMMER
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupMember.objects.create(
            group=second, kind="area", town=town, valid_from=SUMMER - dt.timedelta(days=1)
        )
    GroupMember.objects.create(group=second, kind="area", town=town, valid_from=SUMMER)
    assert town.group_memberships.count() == 2


def test_one_fee_ceiling_a_scope_is_in_force_a_day(small: SmallCounty) -> None:
    def ceiling(valid_from: dt.date, **fields: object) -> FeeCeiling:
        return FeeCeiling.objects.create(
            **{
                "region": small.county,
                "scope": FeeCeiling.Scope.PUBLIC,
                "yuan_per_month": Decimal(600),
                "document": "示例文件",
                "valid_from": valid_from,
                **fields,
            }
        )

    ceiling(NEW_YEAR, valid_to=SUMMER)
    with pytest.raises(IntegrityError), transaction.atomic():
        ceiling(SUMMER - dt.timedelta(days=1))
    ceiling(SUMMER)
    ceiling(NEW_YEAR, scope=FeeCeiling.Scope.INCLUSIVE_A)
    ceiling(NEW_YEAR, region=small.other_county)
    assert FeeCeiling.objects.in_force(SUMMER).count() == 3
