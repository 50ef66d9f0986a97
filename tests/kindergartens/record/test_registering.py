"""Registering a kindergarten: its organisation, record and first status in one step, or nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Organisation
from kindergartens.changes.policies import ChangeRefused
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.services.registering import register_kindergarten
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 2)


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.there = small.kindergarten(self.town, "甲镇中心幼儿园")
        self.officer = acting(small.officer())

    def register(
        self, name: str = "春芽幼儿园", code: str = "1165900001", **more: Any
    ) -> Kindergarten:
        status = {"sponsor_type": "private", "ownership": "non_inclusive_private"}
        status |= more.pop("status", {})
        given: dict[str, Any] = {
            "town": self.town,
            "status": {"for_profit": False, "half_day": False, **status},
            "valid_from": DAY,
            "reason": "新设",
            "document_number": "甲教审〔2026〕9号",
            "by": self.officer,
            "now": NOW,
        }
        given |= {key: more.pop(key) for key in list(more) if key in given}
        values = {"name": name, "code": code, "opened_on": DAY, "institution_type": "independent"}
        return register_kindergarten(values=values | more, **given)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def nothing_was_written(scene: Scene) -> bool:
    return (
        Kindergarten.objects.get() == scene.there
        and Organisation.objects.filter(kind="kindergarten").count() == 1
    )


def test_a_kindergarten_comes_with_its_organisation_and_first_status(scene: Scene) -> None:
    made = scene.register(uscc="91350200776049653A")
    place = made.organisation
    assert (place.name, place.kind, place.region) == ("春芽幼儿园", "kindergarten", scene.town)
    status = made.statuses.get()
    assert (status.valid_from, status.valid_to, status.town) == (DAY, None, scene.town)
    assert (status.counts_enrolment, status.counts_public, status.counts_inclusive) == (
        True, False, False,
    )  # fmt: skip
    assert status.reason == "新设"
    assert Kindergarten.objects.visible_to(scene.officer).filter(pk=made.pk).exists()


def test_a_public_one_counts_as_public_and_inclusive(scene: Scene) -> None:
    made = scene.register(status={"sponsor_type": "education", "ownership": "public"})
    status = made.statuses.get()
    assert status.counts_public
    assert status.counts_inclusive


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "甲镇中心幼儿园"}, "这个园名已经登记给甲县甲镇的甲镇中心幼儿园"),
        ({"name": "甲镇·中心 幼儿园"}, "这个园名已经登记给"),
        ({"uscc": "91350200776049653A"}, "统一社会信用代码已经登记给"),
        ({"name": "国际春芽幼儿园"}, "不能冠以"),
        ({"code": "1112900001"}, "本省是65"),
        ({"code": "65900001"}, "10位数字"),
        ({"uscc": "91350203M0001QAY9B"}, "校验位不对"),
        ({"landline": "13800001234"}, "个人手机号"),
    ],
)
def test_what_is_there_already_or_cannot_be_is_refused(
    scene: Scene, values: dict[str, Any], words: str
) -> None:
    Kindergarten.objects.filter(pk=scene.there.pk).update(uscc="91350200776049653A")
    with pytest.raises(NeedsMending, match=words):
        scene.register(**values)
    assert nothing_was_written(scene)


def test_the_finding_names_who_has_the_code(scene: Scene) -> None:
    with pytest.raises(NeedsMending) as refusal:
        scene.register(code=scene.there.code)
    assert [finding.source for finding in refusal.value.findings] == [scene.there.code]


def test_a_former_name_is_taken_too(scene: Scene) -> None:
    scene.there.former_names = "旧名幼儿园"
    scene.there.save()
    with pytest.raises(NeedsMending, match="已经登记给"):
        scene.register(name="旧名幼儿园")


def test_the_same_name_in_another_county_is_another_kindergarten(scene: Scene) -> None:
    other = scene.small.town("乙镇", county=scene.small.other_county)
    scene.small.kindergarten(other, "春芽幼儿园")
    assert scene.register().name == "春芽幼儿园"


def test_what_the_law_forbids_leaves_nothing_behind(scene: Scene) -> None:
    with pytest.raises(ChangeRefused, match="办园性质和办别对不上"):
        scene.register(status={"sponsor_type": "private", "ownership": "public"})
    with pytest.raises(ChangeRefused, match="锁定"):
        scene.register(
            valid_from=dt.date(2026, 9, 1),
            opened_on=dt.date(2026, 9, 1),
            now=NOW + dt.timedelta(days=20),
        )
    assert nothing_was_written(scene)


@pytest.mark.parametrize("opened_on", [DAY, dt.date(2028, 1, 1)])
def test_a_first_day_more_than_a_year_ahead_is_refused(scene: Scene, opened_on: dt.date) -> None:
    with pytest.raises(ChangeRefused, match="最晚填2027年11月5日"):
        scene.register(opened_on=opened_on, valid_from=dt.date(2028, 1, 1))
    assert nothing_was_written(scene)


def test_who_may_register_where(scene: Scene) -> None:
    leader = acting(scene.small.officer(role="bureau_leader"))
    with pytest.raises(PermissionDenied):
        scene.register(by=leader)
    elsewhere = scene.small.town("乙镇", county=scene.small.other_county)
    with pytest.raises(Refused, match="由那里的教育局登记"):
        scene.register(town=elsewhere)
    with pytest.raises(Refused, match="乡镇街道"):
        scene.register(town=scene.small.county)
    assert nothing_was_written(scene)


def test_every_kind_of_place_can_be_registered(scene: Scene) -> None:
    for number, kind in enumerate(["attached", "community_site", "child_centre", "care_point"]):
        made = scene.register(
            name=f"示例{number}点", code=f"11659001{number:02d}", institution_type=kind
        )
        assert KindergartenStatus.objects.filter(kindergarten=made).count() == 1
