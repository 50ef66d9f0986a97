"""Evidence of a measure: handed in by one, decided by another; lists of places, the nearest whole."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from accounts.access.acting import choose_membership
from accounts.files import store
from accounts.files.intake import Accepted
from kindergartens.dated.services import RowRefused, correct_row
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import stamp_of
from safety.measures import services
from safety.measures.selectors import MeasureLists
from safety.measures.services import MEASURE, EvidenceFacts
from safety.models import MeasureDocument, MeasureEvidence, SafetyMeasure
from tests.safety.measured import a_measure, evidenced
from tests.signing_in import client_of
from tests.small_county import NOW, PDF, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
FACTS = EvidenceFacts("大门外", "升降柱4根", "", dt.date(2026, 3, 1), dt.date(2027, 2, 28))


class World:
    """One kindergarten, and who looks after it."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(self.town, "示例园")
        self.people = {
            "bureau_officer": small.officer(),
            "bureau_leader": small.officer(role="bureau_leader"),
            "director": small.person("园长", self.kindergarten.organisation, "director"),
        }


@pytest.fixture
def world(small: SmallCounty) -> Iterator[World]:
    with time_machine.travel(NOW, tick=True):
        yield World(small)


def acting(world: World, role: str) -> Any:
    user = world.people[role]
    choose_membership(user, None, today=TODAY)
    return user


@pytest.fixture
def measure(world: World) -> SafetyMeasure:
    return a_measure(world.small.county, "gate")


def hand_in(world: World, measure: SafetyMeasure, by: str = "director", **more: Any) -> Any:
    user = acting(world, by)
    with transaction.atomic():
        kept = store.keep(Accepted("照片.pdf", PDF, "application/pdf"), post=user.acting, now=NOW)
        ask: dict[str, Any] = {"files": [(kept, "照片.pdf")], "facts": FACTS} | more
        return services.record_evidence(
            kindergarten=world.kindergarten, measure=measure, by=user, now=NOW, today=TODAY, **ask
        )


def decide(evidence: MeasureEvidence, by: Any, confirm: bool = True, note: str = "") -> Any:
    return services.decide_evidence(
        evidence_id=evidence.pk, confirm=confirm, note=note, by=by, now=NOW, today=TODAY
    )


def test_nobody_confirms_what_is_their_own(world: World, measure: SafetyMeasure) -> None:
    officer, leader = acting(world, "bureau_officer"), acting(world, "bureau_leader")
    evidence = hand_in(world, measure, "bureau_officer")
    with pytest.raises(NotAllowedNow, match="另一位"):
        decide(evidence, officer)
    with pytest.raises(RowRefused, match="写明原因"):
        decide(evidence, leader, confirm=False, note=" ")
    assert decide(evidence, leader, confirm=False, note="看不清").state == "returned"
    with pytest.raises(NotAllowedNow, match="已退回"):
        decide(evidence, leader)
    # The database holds it as well.
    with pytest.raises(IntegrityError, match="confirmed_by_another"), transaction.atomic():
        MeasureEvidence.objects.filter(pk=evidence.pk).update(
            state="confirmed", note="", decided_as=evidence.entered_as
        )


def test_one_waits_at_a_time_and_may_be_withdrawn(world: World, measure: SafetyMeasure) -> None:
    evidence = hand_in(world, measure)
    with pytest.raises(RowRefused, match="在等教育局核对"):
        hand_in(world, measure)
    with pytest.raises(IntegrityError, match="one_evidence_waiting"), transaction.atomic():
        evidenced(world.kindergarten, evidence.entered_as, measure)
    back: dict[str, Any] = {"evidence_id": evidence.pk, "reason": "传错了", "now": NOW}
    # What one organisation handed in another does not take back.
    with pytest.raises(NotAllowedNow, match="示例园登记的"):
        services.withdraw_evidence(by=acting(world, "bureau_officer"), **back)
    services.withdraw_evidence(by=acting(world, "director"), **back)
    assert hand_in(world, measure).state == "submitted"


def test_confirmed_evidence_ends_within_its_days(world: World, measure: SafetyMeasure) -> None:
    officer = acting(world, "bureau_officer")
    evidence = hand_in(world, measure)
    end: dict[str, Any] = {"reason": "已拆除", "by": officer, "today": TODAY}
    with pytest.raises(RowRefused, match="只有已核对"):
        services.end_evidence(evidence_id=evidence.pk, on=TODAY, **end)
    decide(evidence, officer)
    for day in (TODAY + dt.timedelta(1), dt.date(2026, 2, 28)):
        with pytest.raises(RowRefused) as refusal:
            services.end_evidence(evidence_id=evidence.pk, on=day, **end)
        assert refusal.value.field == "on"
    assert services.end_evidence(evidence_id=evidence.pk, on=FACTS.valid_from, **end).ended_on


def test_what_cannot_be_evidence(world: World, measure: SafetyMeasure) -> None:
    for more, field in (
        ({"files": []}, "attachments"),
        ({"facts": EvidenceFacts(" ", "柱", "", TODAY, TODAY)}, "place"),
        ({"facts": EvidenceFacts("门", "柱", "", TODAY, TODAY - dt.timedelta(1))}, "valid_until"),
    ):
        with pytest.raises(RowRefused) as refusal:
            hand_in(world, measure, **more)
        assert refusal.value.field == field
    guards = a_measure(world.small.county, "guards", judged_by="guards")
    with pytest.raises(NotAllowedNow, match="按教职工名册计算"):
        hand_in(world, guards)
    elsewhere = a_measure(world.small.other_county)
    with pytest.raises(NotAllowedNow, match="不在本地的清单上"):
        hand_in(world, elsewhere)


def test_a_photograph_is_sent_decided_and_downloaded(world: World, measure: SafetyMeasure) -> None:
    client = client_of(world.people["director"])
    new = reverse("measure-evidence-new", args=[world.kindergarten.code, measure.code])
    typed = {
        "place": "大门外两侧", "found": "升降柱4根", "document": "", "valid_from": "2026-03-01",
        "valid_until": "2027-02-28",
    }  # fmt: skip
    refused = client.post(new, typed | {"attachments": picture(b"no picture")})
    assert refused.status_code == 422
    page = refused.content.decode()
    # Nothing typed is lost, and what is wrong names the file.
    for told in ("大门.png：", 'value="大门外两侧"', "重新选择一次"):
        assert told in page
    assert not MeasureEvidence.objects.filter(measure=measure).exists()
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(drawn, "PNG")
    assert client.post(new, typed | {"attachments": picture(drawn.getvalue())}).status_code == 302
    evidence = MeasureEvidence.objects.get(measure=measure)
    document = MeasureDocument.objects.get(evidence=evidence)
    assert client.get(reverse("measure-document", args=[document.pk])).status_code == 200
    # Who handed it in is led back with the reason, another of the bureau is asked.
    officer = client_of(world.people["bureau_officer"])
    ask = reverse("measure-evidence-decide", args=[evidence.pk])
    assert "大门.png" in officer.get(ask).content.decode()
    unsaid = officer.post(ask, {"decision": "return"})
    assert unsaid.status_code == 422
    assert "退回要写明原因" in unsaid.content.decode()
    assert officer.post(ask, {"decision": "confirm"}).status_code == 302
    evidence.refresh_from_db()
    assert evidence.state == "confirmed"


def picture(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("大门.png", content, "image/png")


# ---- lists ---------------------------------------------------------------------------------------


def codes(world: World, day: dt.date = TODAY) -> list[str]:
    return [row.code for row in MeasureLists(day).in_region(world.town)]


def test_the_nearest_list_holds_whole(world: World) -> None:
    province = world.small.city.province
    a_measure(province, "video")
    assert codes(world) == ["video"]
    a_measure(world.small.city, "alarm", position=2, answers=["alarm"])
    a_measure(world.small.city, "gate", position=1)
    a_measure(world.small.city, "old", position=0, valid_to=TODAY)
    assert codes(world) == ["gate", "alarm"]
    officer = acting(world, "bureau_officer")
    october, values = dt.date(2026, 10, 1), {
        "label": "示例", "meaning": "示例", "one_of_four": True, "position": 1,
        "document": "区文件", "document_number": "", "clause": "", "valid_from": TODAY,
    }  # fmt: skip
    # One row alone would set the city's whole list aside.
    with pytest.raises(RowRefused, match="另设本区县的清单"):
        services.set_measure(values=values, stands_for="", by=officer, today=TODAY)
    begin: dict[str, Any] = {
        "document": "区文件", "document_number": "", "by": officer, "today": TODAY,
    }  # fmt: skip
    begun = services.begin_list(valid_from=october, **begin)
    assert [row.code for row in begun] == ["old", "gate", "alarm"]
    assert codes(world) == ["gate", "alarm"]
    assert codes(world, dt.date(2026, 9, 30)) == ["old", "gate", "alarm"]
    with pytest.raises(RowRefused, match="已有自己的清单"):
        services.begin_list(valid_from=TODAY, **begin)
    # In the place of one, whose evidence and answers go on; and one that is new.
    other = services.set_measure(
        values=values | {"position": 9}, stands_for="alarm", by=officer, today=TODAY
    )
    assert (other.code, other.answers) == ("alarm", ["alarm"])
    services.set_measure(values=values, stands_for="", by=officer, today=TODAY)
    assert codes(world) == ["gate", f"own-{world.small.county.code}-5", "alarm"]
    seen = stamp_of(other, MEASURE.corrected)
    told: dict[str, Any] = {"kind": MEASURE, "pk": other.pk, "by": officer, "today": TODAY}
    right = {name: getattr(other, name) for name in MEASURE.corrected} | {"label": "一键报警"}
    assert correct_row(values=right, seen=seen, reason="写错", **told).label == "一键报警"
    with pytest.raises(RowRefused):
        correct_row(values=right, seen=seen, reason="写错", **told)
    SafetyMeasure.objects.filter(pk=other.pk).update(source="measures-x")
    other.refresh_from_db()
    with pytest.raises(RowRefused, match="随文件载入"):
        correct_row(
            values=right, seen=stamp_of(other, MEASURE.corrected), reason="写错", **told
        )  # fmt: skip


def test_a_row_of_the_own_list_is_corrected_and_ended_on_its_pages(
    world: World, measure: SafetyMeasure
) -> None:
    client = client_of(world.people["bureau_officer"])
    correct = reverse("safety-measure-correct", args=[measure.pk])
    form = client.get(correct).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    assert typed["one_of_four"] == "1"
    assert client.post(correct, typed | {"one_of_four": "0", "reason": "写错"}).status_code == 302
    measure.refresh_from_db()
    assert measure.one_of_four is False
    end = reverse("safety-measure-end", args=[measure.pk])
    ask = {"on": TODAY.isoformat(), "reason": "示例"}
    assert client.post(end, ask).status_code == 302
    assert "已于" in client.post(end, ask).context["form"].errors["on"][0]


@pytest.mark.as_owner
def test_both_cities_lists_are_loaded_and_loading_again_changes_nothing(
    world: World, capsys: Any
) -> None:
    """The list of 淮北 is another four than that of 包头."""
    small = world.small
    small.city.code, small.other_county.city = "150200", None
    small.city.save()
    huaibei = type(small.city).objects.create(
        code="340600", name="淮北市", level=2, parent=small.city.province,
        province=small.city.province, is_active=True,
    )  # fmt: skip
    call_command("load_safety_measures")
    call_command("load_safety_measures")
    assert "未变10" in capsys.readouterr().out
    fours = {
        city.code: [row.label for row in MeasureLists(TODAY).in_region(city) if row.one_of_four]
        for city in (small.city, huaibei)
    }
    assert fours == {
        "150200": ["专职保安配备", "一键式紧急报警", "视频监控装置配备", "封闭化管理"],
        "340600": ["专职保安员配备", "封闭化管理", "一键报警与视频监控", "护学岗配备"],
    }
    # Of other places one sees those above, not those beside.
    city = small.officer(small.city, "city_officer")
    choose_membership(city, None, today=TODAY)
    seen = SafetyMeasure.objects.visible_to(city).values_list("region__code", flat=True)
    assert set(seen) == {"150200"}
    with pytest.raises(IntegrityError, match="one_safety_measure_at_a_time"), transaction.atomic():
        a_measure(small.city, "alarm", valid_from=SINCE)
