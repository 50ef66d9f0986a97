"""Editing, renaming, proposing: what is kept, what is refused, and who may."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from accounts.history.tracking import TRACKED
from accounts.models import User
from kindergartens.models import FormerName, Kindergarten, RecordProposal
from kindergartens.record.catalogue import BY_KEY
from kindergartens.record.policies import ChangedMeanwhile, NeedsMending, Refused
from kindergartens.record.services import correcting, editing, proposals
from kindergartens.record.values import stamp
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

REAL_BUT_FAILING = "91350203M0001QAY9B"


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(self.town, "甲镇中心幼儿园")
        self.private = small.kindergarten(self.town, "春芽幼儿园", ownership="inclusive_private")
        self.officer = acting(small.officer())
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))

    def edit(self, section: str, by: User | None = None, **values: Any) -> list[str]:
        kindergarten = Kindergarten.objects.get(pk=self.kindergarten.pk)
        return editing.edit_section(
            kindergarten_id=kindergarten.pk,
            section=BY_KEY[section],
            values=values,
            seen=stamp(kindergarten, BY_KEY[section]),
            by=by or self.officer,
            now=NOW,
        )

    def propose(
        self, section: str = "licence", reason: str = "换证", **values: Any
    ) -> RecordProposal:
        return proposals.propose(
            kindergarten_id=self.kindergarten.pk,
            section=BY_KEY[section],
            values=values,
            seen=stamp(Kindergarten.objects.get(pk=self.kindergarten.pk), BY_KEY[section]),
            reason=reason,
            by=self.director,
            now=NOW,
        )

    @property
    def now_says(self) -> Kindergarten:
        return Kindergarten.objects.get(pk=self.kindergarten.pk)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def fields(refusal: pytest.ExceptionInfo[NeedsMending]) -> list[str]:
    return [finding.field for finding in refusal.value.findings]


# ---- editing -------------------------------------------------------------------------------------


def test_what_is_saved_is_kept_with_its_history(scene: Scene) -> None:
    changed = scene.edit(
        "place", address="甲镇一路1号", latitude=Decimal("47.7"), longitude=Decimal("86.9")
    )
    assert set(changed) == {"address", "latitude", "longitude"}
    assert scene.now_says.address == "甲镇一路1号"
    copies = TRACKED[Kindergarten].event._default_manager.filter(pgh_obj_id=scene.kindergarten.pk)
    assert copies.order_by("pgh_id").last().address == "甲镇一路1号"


def test_saving_the_same_again_writes_nothing(scene: Scene) -> None:
    scene.edit("place", address="甲镇一路1号")
    copies = TRACKED[Kindergarten].event._default_manager.filter(pgh_obj_id=scene.kindergarten.pk)
    before = copies.count()
    assert scene.edit("place", address="甲镇一路1号") == []
    assert copies.count() == before


def test_a_failing_check_digit_is_kept_with_a_reason_and_only_so(scene: Scene) -> None:
    with pytest.raises(NeedsMending) as refusal:
        scene.edit("identity", uscc=REAL_BUT_FAILING)
    assert fields(refusal) == ["uscc"]
    assert scene.now_says.uscc is None
    scene.edit("identity", uscc=REAL_BUT_FAILING, uscc_reason="证书原件就是这样")
    assert (scene.now_says.uscc, scene.now_says.uscc_reason) == (
        REAL_BUT_FAILING,
        "证书原件就是这样",
    )
    # Right by now: the reason explains nothing any more.
    scene.edit("identity", uscc="91350200776049653A")
    assert scene.now_says.uscc_reason == ""


def test_a_reason_does_not_outlive_its_finding_nor_does_it_excuse_nonsense(scene: Scene) -> None:
    with pytest.raises(NeedsMending):
        scene.edit("identity", uscc="123", uscc_reason="就是这样")
    scene.edit("identity", uscc=REAL_BUT_FAILING, uscc_reason="证书原件就是这样")
    with pytest.raises(NeedsMending):
        scene.edit("identity", uscc_reason="")


def test_who_has_a_code_already_is_named(scene: Scene) -> None:
    other = scene.private
    Kindergarten.objects.filter(pk=other.pk).update(uscc="91350200776049653A")
    with pytest.raises(NeedsMending, match=r"春芽幼儿园（1165\d+）") as refusal:
        scene.edit("identity", uscc="91350200776049653A")
    assert refusal.value.findings[0].source == other.code
    with pytest.raises(NeedsMending, match="学校标识码已经登记给"):
        scene.edit("identity", code=other.code)


def test_a_code_of_another_province_wants_a_reason(scene: Scene) -> None:
    with pytest.raises(NeedsMending, match="本省是65"):
        scene.edit("identity", code="1112000001")
    scene.edit("identity", code="1112000001", code_reason="随迁")
    assert scene.now_says.code == "1112000001"


def test_sites_of_sites_are_refused(scene: Scene) -> None:
    private = scene.private
    scene.edit("identity", institution_type="branch", host=private)
    assert scene.now_says.host == private
    third = scene.small.kindergarten(scene.town, "三园")
    for values, words in (
        ({"institution_type": "branch", "host": scene.kindergarten}, "自己是分园"),
        ({"institution_type": "independent", "host": private}, "没有所属园"),
        ({"institution_type": "teaching_point", "host": third}, "不能属于自己"),
    ):
        with pytest.raises(NeedsMending, match=words):
            editing.edit_section(
                kindergarten_id=third.pk, section=BY_KEY["identity"], values=values,
                seen=stamp(third, BY_KEY["identity"]), by=scene.officer, now=NOW,
            )  # fmt: skip
    with pytest.raises(NeedsMending, match="本园名下有分园"):
        editing.edit_section(
            kindergarten_id=private.pk, section=BY_KEY["identity"],
            values={"institution_type": "branch", "host": third},
            seen=stamp(private, BY_KEY["identity"]), by=scene.officer, now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("by_table", [False, True])
@pytest.mark.django_db(transaction=True)
def test_no_host_becomes_a_site_while_it_gets_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, by_table: bool
) -> None:
    """Two officers at once; each waits for the other between check and write."""
    host, other = scene.kindergarten, scene.private
    site = scene.small.kindergarten(scene.town, "三园")
    second = acting(scene.small.officer())
    both = threading.Barrier(2, timeout=1)

    def waiting(write: Any) -> Any:
        def wait(*args: Any) -> Any:
            # Meets the other one here only where nothing keeps them apart.
            with suppress(threading.BrokenBarrierError):
                both.wait()
            return write(*args)

        return wait

    monkeypatch.setattr(editing, "_check_taken", waiting(editing._check_taken))
    monkeypatch.setattr(correcting, "_write", waiting(correcting._write))
    ends: list[str] = []

    def act(of: Kindergarten, its_host: Kindergarten, by: User, table: bool) -> None:
        try:
            if table:
                record = {"institution_type": "branch", "host_id": its_host.pk}
                correcting.correct_records({of.pk: record}, by=by, now=NOW)
            else:
                editing.edit_section(
                    kindergarten_id=of.pk, section=BY_KEY["identity"],
                    values={"institution_type": "branch", "host": its_host},
                    seen=stamp(of, BY_KEY["identity"]), by=by, now=NOW,
                )  # fmt: skip
            ends.append("done")
        except NeedsMending:
            ends.append("refused")
        except DatabaseError as problem:
            ends.append(type(problem).__name__)
        finally:
            connection.close()

    asked = [(site, host, scene.officer, False), (host, other, second, by_table)]
    threads = [threading.Thread(target=act, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ends) == ["done", "refused"]
    assert Kindergarten.objects.filter(institution_type="branch").count() == 1


def test_two_tabs_never_overwrite_each_other(scene: Scene) -> None:
    section = BY_KEY["place"]
    seen = stamp(scene.now_says, section)
    scene.edit("place", address="第一个人填的")
    # Another section is another matter.
    scene.edit("daily", landline="0906-2345678")
    with pytest.raises(ChangedMeanwhile):
        editing.edit_section(
            kindergarten_id=scene.kindergarten.pk, section=section,
            values={"address": "第二个人填的"}, seen=seen, by=scene.officer, now=NOW,
        )  # fmt: skip
    assert scene.now_says.address == "第一个人填的"


def test_a_position_far_from_the_countys_others_wants_a_reason(scene: Scene) -> None:
    for number in range(3):
        other = scene.small.kindergarten(scene.town, f"邻{number}园")
        Kindergarten.objects.filter(pk=other.pk).update(
            latitude=Decimal("47.7") + number / Decimal(100), longitude=Decimal("86.9")
        )
    far = {"latitude": Decimal("39.4"), "longitude": Decimal("117.0")}
    with pytest.raises(NeedsMending, match=r"离甲县其他幼儿园约\d{4}公里"):
        scene.edit("place", **far)
    scene.edit("place", **far, position_reason="驻外地的附属园")
    assert scene.now_says.longitude == Decimal("117.0")


def test_mobile_numbers_stay_out_of_the_record(scene: Scene) -> None:
    with pytest.raises(NeedsMending, match="个人手机号"):
        scene.edit("daily", landline="13800001234")


@pytest.mark.parametrize("role", ["bureau_leader", "inspector", "system_administrator"])
def test_only_the_bureaus_officer_and_the_director_edit(scene: Scene, role: str) -> None:
    other = acting(scene.small.officer(role=role))
    with pytest.raises((PermissionDenied, Kindergarten.DoesNotExist)):
        scene.edit("daily", by=other, landline="0906-2345678")


def test_another_countys_officer_finds_nothing_to_edit(scene: Scene) -> None:
    stranger = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(Kindergarten.DoesNotExist):
        scene.edit("daily", by=stranger, landline="0906-2345678")


def test_a_director_edits_what_is_harmless_and_nothing_else(scene: Scene) -> None:
    scene.edit("daily", by=scene.director, after_hours=True, school_buses=0)
    assert (scene.now_says.after_hours, scene.now_says.school_buses) == (True, 0)
    with pytest.raises(PermissionDenied):
        scene.edit("licence", by=scene.director, licence_number="证1")
    with pytest.raises(ValueError, match="inspector"):
        scene.edit("governance", by=scene.director, inspector=None)


# ---- names ---------------------------------------------------------------------------------------


def rename(scene: Scene, name: str, **more: Any) -> Kindergarten:
    given = {
        "kindergarten_id": scene.private.pk,
        "name": name,
        "valid_from": dt.date(2026, 11, 1),
        "reason": "甲教〔2026〕1号批准",
        "seen": Kindergarten.objects.get(pk=scene.private.pk).name,
        "by": scene.officer,
        "now": NOW,
    }
    return editing.rename(**(given | more))


def test_a_new_name_keeps_the_old_one_with_its_days(scene: Scene) -> None:
    renamed = rename(scene, "新芽幼儿园")
    assert (renamed.name, renamed.former_names) == ("新芽幼儿园", "春芽幼儿园")
    past = FormerName.objects.get()
    assert (past.name, past.valid_from, past.valid_to) == (
        "春芽幼儿园", renamed.opened_on, dt.date(2026, 11, 1),
    )  # fmt: skip
    renamed.organisation.refresh_from_db()
    assert renamed.organisation.name == "新芽幼儿园"
    assert "chunyayoueryuan" in renamed.search_text
    with pytest.raises(Refused, match="2026年11月1日起使用"):
        rename(scene, "又一个幼儿园", valid_from=dt.date(2026, 11, 1))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("国际春芽幼儿园", "不能冠以"),
        ("春芽双语幼儿园", "课程特色"),
        ("甲镇中心幼儿园", "已经登记给甲县甲镇的甲镇中心幼儿园"),
        ("甲镇 中心幼儿园", "已经登记给"),
        ("甲镇中心幼儿园春芽分园", "公办学校的名称"),
    ],
)
def test_names_the_rules_refuse(scene: Scene, name: str, words: str) -> None:
    with pytest.raises(NeedsMending, match=words):
        rename(scene, name)
    scene.private.refresh_from_db()
    assert scene.private.name == "春芽幼儿园"
    assert not FormerName.objects.exists()


def test_where_the_rule_leaves_room_a_reason_is_kept(scene: Scene) -> None:
    renamed = rename(scene, "国学巷春芽幼儿园", name_reason="国学巷是街名")
    assert renamed.name_reason == "国学巷是街名"
    # And where it leaves none, none helps.
    with pytest.raises(NeedsMending):
        rename(scene, "国际春芽幼儿园", valid_from=dt.date(2026, 11, 3), name_reason="想这么叫")


def test_a_name_that_somebody_changed_meanwhile(scene: Scene) -> None:
    rename(scene, "新芽幼儿园")
    with pytest.raises(ChangedMeanwhile):
        rename(scene, "别的幼儿园", valid_from=dt.date(2026, 11, 4), seen="春芽幼儿园")


def test_a_director_does_not_rename(scene: Scene) -> None:
    with pytest.raises(PermissionDenied):
        rename(scene, "新芽幼儿园", by=scene.director, kindergarten_id=scene.kindergarten.pk,
               seen=scene.kindergarten.name)  # fmt: skip


# ---- proposals -----------------------------------------------------------------------------------


def test_a_proposal_changes_nothing_until_it_is_accepted(scene: Scene) -> None:
    proposal = scene.propose(licence_number="证2", licence_until=dt.date(2029, 6, 30))
    assert proposal.wanted == {"licence_number": ["", "证2"], "licence_until": ["", "2029-06-30"]}
    assert scene.now_says.licence_number == ""
    proposals.accept(proposal_id=proposal.pk, by=scene.officer, now=NOW)
    assert scene.now_says.licence_number == "证2"
    assert scene.now_says.licence_until == dt.date(2029, 6, 30)
    with pytest.raises(Refused, match="已采用"):
        proposals.accept(proposal_id=proposal.pk, by=scene.officer, now=NOW)


def test_a_proposal_is_checked_when_it_is_made(scene: Scene) -> None:
    with pytest.raises(NeedsMending):
        scene.propose("identity", uscc=REAL_BUT_FAILING)
    with pytest.raises(Refused, match="依据"):
        scene.propose(reason=" ", licence_number="证2")
    with pytest.raises(Refused, match="没有要改的"):
        scene.propose(licence_number="")
    assert scene.now_says.uscc is None
    assert not RecordProposal.objects.exists()


def test_a_new_proposal_takes_the_waiting_ones_place(scene: Scene) -> None:
    first = scene.propose(licence_number="证2")
    second = scene.propose(licence_number="证3")
    first.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "waiting")


def test_what_was_changed_since_is_not_overwritten_by_a_proposal(scene: Scene) -> None:
    proposal = scene.propose(licence_number="证2")
    scene.edit("licence", licence_number="证9")
    with pytest.raises(Refused, match="办学许可证号已经改过"):
        proposals.accept(proposal_id=proposal.pk, by=scene.officer, now=NOW)
    assert scene.now_says.licence_number == "证9"


def test_declining_says_why_and_leaves_the_record(scene: Scene) -> None:
    proposal = scene.propose(licence_number="证2")
    with pytest.raises(Refused, match="写明"):
        proposals.decline(proposal_id=proposal.pk, reason=" ", by=scene.officer, now=NOW)
    declined = proposals.decline(
        proposal_id=proposal.pk, reason="证号和原件不符", by=scene.officer, now=NOW
    )
    assert (declined.state, declined.decision_reason) == ("declined", "证号和原件不符")
    assert scene.now_says.licence_number == ""


def test_who_may_decide_and_who_may_withdraw(scene: Scene) -> None:
    proposal = scene.propose(licence_number="证2")
    with pytest.raises(PermissionDenied):
        proposals.accept(proposal_id=proposal.pk, by=scene.director, now=NOW)
    with pytest.raises(PermissionDenied):
        proposals.withdraw(proposal_id=proposal.pk, by=scene.officer, now=NOW)
    stranger = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(RecordProposal.DoesNotExist):
        proposals.accept(proposal_id=proposal.pk, by=stranger, now=NOW)
    assert (
        proposals.withdraw(proposal_id=proposal.pk, by=scene.director, now=NOW).state == "withdrawn"
    )
