"""What a decision writes into the kindergarten's record, and what is still to be written there."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse

from kindergartens.changes.services import withdraw_change
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import rules, selectors
from kindergartens.procedures.policies import ProcedureRefused
from tests.kindergartens.procedures.scene import LATER, Scene
from tests.signing_in import client_of
from tests.small_county import SmallCounty

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
    assert wants("sponsor_change", address="甲公司") == "甲公司"
    assert wants("sponsor_change", sponsor_name="甲公司") == ""
    assert wants("closure") == ""
    assert rules.to_record("relocation", {}, {"address": "", "sponsor_name": ""}) == ""


def test_a_new_sponsor_is_to_record(scene: Scene) -> None:
    details = {"sponsor_type": "joint_venture", "sponsor": "示例教育公司"}
    scene.approve(scene.checked("sponsor_change", details=details))
    [one] = selectors.still_to_record(scene.kindergarten)
    assert (one.label, one.value, one.recorded) == ("举办者", "示例教育公司", "")


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
