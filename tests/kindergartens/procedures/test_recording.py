"""What a decision writes into the kindergarten's record, and what is still to be written there."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import change_status, withdraw_change
from kindergartens.models import Kindergarten, Procedure, StatusChange
from kindergartens.procedures import rules, selectors, services
from kindergartens.procedures.policies import ProcedureRefused
from tests.conftest import acting
from tests.kindergartens.procedures.scene import DECEMBER_1, LATER, Scene
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

RENEWED = {"expires": "2026-12-01", "until": "2029-12-01"}


def moving(scene: Scene, **more: Any) -> Procedure:
    there = scene.small.town("二镇")
    return scene.checked("relocation", details={"town": there.pk, "address": "二镇新街1号"}, **more)


def test_the_record_is_compared_with_what_was_decided() -> None:
    def wants(code: str, **recorded: str) -> str:
        details = {"address": " 新街1号 ", "sponsor": "甲公司"}
        return rules.to_record(code, details, {"address": "", "sponsor_name": ""} | recorded)

    assert wants("relocation", address="老街1号") == "新街1号"
    assert wants("relocation") == "新街1号"
    assert wants("relocation", address="甲县二镇新街1号") == ""
    assert wants("relocation", address="甲县二镇 新街1号") == ""
    # Another street, a house behind it, and the name of the street alone.
    for other in ("东新街1号", "甲县二镇东新街1号", "新街1号院2栋", "甲县二镇新街1号院", "新街"):
        assert wants("relocation", address=other) == "新街1号", other
    assert wants("sponsor_change", address="甲公司") == "甲公司"
    assert wants("sponsor_change", sponsor_name="甲公司") == ""
    for other in ("乙甲公司", "乙区甲公司", "甲公司分公司", ""):
        assert wants("sponsor_change", sponsor_name=other) == "甲公司", other
    assert wants("closure") == ""
    assert rules.to_record("relocation", {}, {"address": "", "sponsor_name": ""}) == ""


def test_a_new_sponsor_is_to_record(scene: Scene) -> None:
    details = {"sponsor_type": "joint_venture", "sponsor": "示例教育公司"}
    scene.approve(scene.checked("sponsor_change", details=details))
    [one] = selectors.still_to_record(scene.kindergarten)
    assert (one.label, one.value, one.recorded) == ("举办者", "示例教育公司", "")


WITHIN = "relocation", {"address": "甲镇新街1号"}
AGAIN = "sponsor_change", {"sponsor_type": "private", "sponsor": "示例教育公司"}


@pytest.mark.parametrize(("code", "details"), [WITHIN, AGAIN])
def test_what_moves_no_status_is_decided_all_the_same(
    scene: Scene, code: str, details: dict[str, object]
) -> None:
    """Within the town it is in, and from one private sponsor to another: the record alone."""
    if code == "relocation":
        details = details | {"town": scene.town.pk}
    before = scene.kindergarten.statuses.values().get()
    procedure = scene.checked(code, details=details)
    with time_machine.travel(LATER, tick=True):
        client = client_of(scene.leader)
        page = client.get(reverse("procedure", args=[procedure.number])).content.decode()
        assert 'name="act" value="approve"' in page
        assert "测算影响并决定" not in page
        decide = client.get(reverse("procedure-decide", args=[procedure.number]))
        assert decide.status_code == 404, "there is no effect to show"
    assert scene.approve(procedure, without_effect=True).state == "approved"
    assert scene.kindergarten.statuses.values().get() == before
    assert not StatusChange.objects.exists()
    [one] = selectors.still_to_record(scene.kindergarten)
    assert one.value in details.values()
    with time_machine.travel(LATER, tick=True):
        page = client.get(reverse("procedure", args=[procedure.number])).content.decode()
        assert f"{one.label}改为“{one.value}”" in page
        decide = client.get(reverse("procedure-decide", args=[procedure.number]))
        assert decide.status_code == 409, "it has been decided"


def test_it_is_judged_by_the_day_it_takes_effect_on(scene: Scene) -> None:
    """In the other town by then: what would be no move today is one."""
    there = scene.small.town("二镇")
    back = scene.checked(
        "relocation", details={"town": scene.town.pk, "address": "甲镇新街1号"},
        effective_on=dt.date(2027, 2, 1),
    )  # fmt: skip
    assert not selectors.changes_status(back, back.effective_on)
    change_status(
        kindergarten=scene.kindergarten, valid_from=dt.date(2027, 1, 1), values={"town": there},
        reason="先迁到二镇", document=None, document_number="x", by=scene.officer, now=NOW,
    )  # fmt: skip
    assert selectors.changes_status(back, back.effective_on)
    assert not selectors.changes_status(back, DECEMBER_1)
    with pytest.raises(ProcedureRefused, match="先看过对三率的影响"):
        scene.approve(back, without_effect=True)
    scene.approve(back)
    assert scene.kindergarten.statuses.get(valid_from=dt.date(2027, 2, 1)).town == scene.town


def test_a_kindergarten_that_stands_still_is_not_suspended_again(scene: Scene) -> None:
    scene.approve(scene.checked("suspension"))
    again = scene.checked("suspension", effective_on=dt.date(2026, 12, 15))
    assert selectors.changes_status(again, again.effective_on)
    with pytest.raises(ChangeRefused, match="没有需要变更的"):
        scene.approve(again)


def test_what_holds_later_is_said_to_be_still_to_record(scene: Scene) -> None:
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(address="甲镇老街1号")
    done = scene.approve(moving(scene))
    scene.kindergarten.refresh_from_db()
    assert scene.kindergarten.address == "甲镇老街1号", "it is still there until the day"
    with time_machine.travel(LATER, tick=True):
        client = client_of(scene.officer)
        for route in (
            reverse("procedure", args=[done.number]),
            reverse("kindergarten-detail", args=[scene.kindergarten.code]),
        ):
            page = client.get(route).content.decode()
            assert "2026年12月1日起地址改为“二镇新街1号”" in page, route
            assert "还是“甲镇老街1号”" in page, route
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(address="二镇新街1号")
    scene.kindergarten.refresh_from_db()
    assert selectors.still_to_record(scene.kindergarten) == []


def test_nothing_is_to_record_of_a_change_taken_back(scene: Scene) -> None:
    scene.approve(moving(scene))
    scene.kindergarten.refresh_from_db()
    assert [one.recorded for one in selectors.still_to_record(scene.kindergarten)] == [""]
    withdraw_change(
        change_id=scene.kindergarten.status_changes.get().pk, reason="不迁了",
        by=scene.leader, now=LATER,
    )  # fmt: skip
    assert selectors.still_to_record(scene.kindergarten) == []


def test_another_change_of_that_day_says_nothing_of_it(scene: Scene) -> None:
    there = scene.small.town("二镇")
    scene.approve(scene.checked(WITHIN[0], details=WITHIN[1] | {"town": scene.town.pk}))
    change_status(
        kindergarten=scene.kindergarten, valid_from=DECEMBER_1, values={"town": there},
        reason="先迁到二镇", document=None, document_number="x", by=scene.officer, now=NOW,
    )  # fmt: skip
    withdraw_change(
        change_id=scene.kindergarten.status_changes.get().pk, reason="不迁了",
        by=scene.officer, now=LATER,
    )  # fmt: skip
    scene.kindergarten.refresh_from_db()
    assert [one.value for one in selectors.still_to_record(scene.kindergarten)] == ["甲镇新街1号"]


def test_who_does_not_read_procedures_is_not_told_what_they_say(scene: Scene) -> None:
    scene.approve(moving(scene))
    for code, details, more in (
        ("annual_check", {"year": 2025}, {"conclusion": "basic", "to_mend": "厨房排烟"}),
        ("director_change", {"former": "示例旧园长", "person": "柳岚青"}, {}),
    ):
        asked = scene.ask(code, details=details, effective_on=None, occurred_on=NOW.date())
        services.check(procedure_id=asked.pk, reason="", by=scene.officer, now=NOW, **more)
    place = scene.kindergarten.organisation
    clerk = acting(scene.small.person("资料员", place, "kindergarten_clerk"))
    told = {}
    for person in (scene.director, clerk):
        client = client_of(person)
        with time_machine.travel(LATER, tick=True), CaptureQueriesContext(connection) as queries:
            route = reverse("kindergarten-detail", args=[scene.kindergarten.code])
            page = client.get(route).content.decode()
        assert "2025年度基本合格" in page, "a fact of the registry, as in the list"
        words = ("登记资料还要改", "厨房排烟", "备案园长", "备案和审批</h2>")
        asked_of = [one for one in queries if 'FROM "kindergartens_procedure"' in one["sql"]]
        told[person] = [word in page for word in words], len(asked_of)
    assert told[scene.director][0] == [True] * 4
    assert told[clerk] == ([False] * 4, 1)


@pytest.mark.django_db(transaction=True)
def test_a_licence_corrected_meanwhile_is_not_overwritten(small: SmallCounty) -> None:
    scene = Scene(small)
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(licence_until="2026-12-01")
    renewal = scene.checked("licence_renewal", effective_on=None, details=RENEWED)
    ends: list[str] = []

    def decide() -> None:
        try:
            scene.approve(renewal)
            ends.append("done")
        except ProcedureRefused as refusal:
            ends.append(str(refusal))
        finally:
            connection.close()

    thread = threading.Thread(target=decide)
    with transaction.atomic():
        own = Kindergarten.objects.select_for_update(no_key=True).get(pk=scene.kindergarten.pk)
        thread.start()
        thread.join(1.5)
        assert thread.is_alive(), "it waits for who has the record"
        own.licence_until = dt.date(2027, 3, 1)
        own.save(update_fields=["licence_until"])
    thread.join(30)
    assert len(ends) == 1
    assert "登记的许可证到期日是2027-03-01" in ends[0]
    own.refresh_from_db()
    assert own.licence_until == dt.date(2027, 3, 1)
