"""Whose tables one sees, and who may confirm them."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.access.roles import RoleCode
from accounts.exchange import services
from accounts.models import ImportBatch, User
from tests.accounts.exchange.conftest import checked
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

CONTENT = excel([HEADS, kindergarten_row(1)])


def test_tables_are_the_offices_whose_people_upload_them(officer: User, small: SmallCounty):
    batch = checked(officer, CONTENT)
    colleague = acting(small.officer())
    assert list(ImportBatch.objects.visible_to(colleague)) == [batch]
    for other in (
        small.officer(small.other_county),
        small.officer(small.city, "city_officer"),
        small.officer(small.county.children.get(name="甲镇"), "town_officer"),
        *(small.officer(role=role) for role in ("system_administrator", "audit_administrator")),
        User.objects.create(username="nobody", full_name="无岗位"),
    ):
        assert not ImportBatch.objects.visible_to(acting(other)).exists(), other
    with pytest.raises(services.Refused, match="由上传的人确认"):
        services.confirm(batch_id=batch.pk, seen=batch.fingerprint, by=colleague, now=NOW)
    with pytest.raises(services.Refused, match="检查结果已经更新"):
        services.confirm(batch_id=batch.pk, seen="0" * 64, by=officer, now=NOW)


@pytest.mark.parametrize("role", [role for role in RoleCode if role != "bureau_officer"])
def test_nobody_but_the_countys_officer_imports_the_registry(small: SmallCounty, role: str):
    small.town("甲镇")
    place = {"city_officer": small.city, "town_officer": small.county.children.get(name="甲镇")}
    person = acting(small.officer(place.get(role, small.county), role))
    with pytest.raises(PermissionDenied):
        services.upload(code="registry", raw_name="名册.xlsx", content=CONTENT, by=person, now=NOW)
    assert not ImportBatch.objects.exists()
