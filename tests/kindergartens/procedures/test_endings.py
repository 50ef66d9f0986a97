"""What ends a procedure for good is said before it is done, and done only as it was shown."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kindergartens.models import Procedure, ProcedureEvent
from kindergartens.procedures import endings, services
from kindergartens.procedures.services import Asked
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, PDF

RENEWED = {"expires": "2026-12-01", "until": "2029-12-01"}


def post(user: User, procedure: Procedure, data: dict[str, Any]) -> Any:
    with time_machine.travel(NOW, tick=True):
        client: Client = shown_who_they_are(client_of(user))
        return client.post(reverse("procedure-act", args=[procedure.number]), data)


def shown(user: User, procedure: Procedure, **typed: str) -> tuple[str, dict[str, str]]:
    """The page that asks once more, and what its button sends."""
    answer = post(user, procedure, typed | {"seen": services.stamp(procedure)})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode(), answer.context["typed"]


def test_a_refusal_is_shown_before_it_is_made(scene: Scene) -> None:
    procedure = scene.checked()
    page, sends = shown(scene.leader, procedure, act="refuse", reason="年检没有合格")
    procedure.refresh_from_db()
    assert procedure.state == "checked", "nothing is written before"
    assert not ProcedureEvent.objects.filter(action="refused").exists()
    for text in (
        "不予同意：民办一园普惠性民办幼儿园认定",
        "原申请2026年12月1日起的变更不发生",
        "各月的三率都不变",
        "年检没有合格",
        "看到结果和您的意见",
        "确认不予同意",
    ):
        assert text in page
    assert post(scene.leader, procedure, sends).status_code == 302
    procedure.refresh_from_db()
    assert procedure.state == "refused"
    assert procedure.events.last().reason == "年检没有合格"  # type: ignore[union-attr]


def test_what_would_be_refused_is_refused_before_it_is_asked(scene: Scene) -> None:
    procedure = scene.checked()
    seen = services.stamp(procedure)
    answer = post(scene.leader, procedure, {"act": "refuse", "reason": "", "seen": seen})
    assert answer.status_code == 409
    assert "请写明不予同意的理由" in answer.content.decode()


def come_back(scene: Scene, procedure: Procedure, **changes: Any) -> None:
    """Returned, and handed in again as it was but for the changes."""
    services.send_back(procedure_id=procedure.pk, reason="补正", by=scene.second, now=NOW)
    placements = [(p.destination, p.receiver_id, p.children) for p in procedure.placements.all()]
    asked: dict[str, Any] = {
        "reason": procedure.reason,
        "details": procedure.details,
        "effective_on": procedure.effective_on,
        "placements": placements,
    }
    services.ask_again(
        procedure_id=procedure.pk, by=scene.director, now=NOW, asked=Asked(**(asked | changes))
    )


def test_nothing_ends_on_papers_nobody_showed(scene: Scene) -> None:
    procedure = scene.ask("annual_check", details={"year": 2025}, effective_on=None)
    _, sends = shown(scene.officer, procedure, act="check", conclusion="passed")
    title, accepted = next(iter(scene.files("annual_check").items()))
    come_back(scene, procedure, files={title: replace(accepted, content=PDF + b"another")})
    answer = post(scene.officer, procedure, sends)
    assert answer.status_code == 409
    assert "别人办过或补正过" in answer.content.decode()
    procedure.refresh_from_db()
    assert (procedure.state, procedure.conclusion) == ("asked", "")


def test_nothing_ends_with_children_placed_elsewhere_than_shown(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    procedure = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    _, sends = shown(scene.director, procedure, act="withdraw", reason="不办了")
    come_back(scene, procedure, placements=[("home", None, 24)])
    answer = post(scene.director, procedure, sends)
    assert answer.status_code == 409
    procedure.refresh_from_db()
    assert procedure.state == "asked"


def read(user: User, procedure: Procedure) -> tuple[str, str]:
    """What the page of a procedure sends with each act, and with the link to the decision."""
    with time_machine.travel(NOW, tick=True):
        page = client_of(user).get(reverse("procedure", args=[procedure.number])).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    link = re.search(r'href="([^"]+\?seen=[^"]+)"', page)
    return seen[1] if seen else "", link[1] if link else ""


def closing(scene: Scene) -> Procedure:
    scene.small.file(scene.kindergarten, 24)
    return scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])


def other_papers(scene: Scene, procedure: Procedure) -> None:
    title, accepted = next(iter(scene.files(procedure.kind).items()))
    files = {title: replace(accepted, content=PDF + b"another")}
    come_back(scene, procedure, files=files, placements=[("home", None, 24)])


@pytest.mark.parametrize("act", ["check", "return"])
def test_nobody_passes_on_or_returns_what_nobody_read(scene: Scene, act: str) -> None:
    procedure = closing(scene)
    seen, _ = read(scene.officer, procedure)
    other_papers(scene, procedure)
    typed = {"act": act, "reason": "材料齐全", "seen": seen}
    answer = post(scene.officer, procedure, typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "别人办过或补正过" in page
    assert "早先交的" in page, "the papers as they are now"
    assert "材料齐全" in page, "nothing typed is lost"
    procedure.refresh_from_db()
    assert procedure.state == "asked"
    assert procedure.events.last().action == "asked_again"  # type: ignore[union-attr]
    # What was shown with the refusal has been read now.
    answer = post(scene.officer, procedure, typed | {"seen": answer.context["seen"]})
    assert answer.status_code == 302


def test_an_ending_is_not_even_asked_for_on_what_nobody_read(scene: Scene) -> None:
    procedure = closing(scene)
    seen, _ = read(scene.director, procedure)
    other_papers(scene, procedure)
    answer = post(scene.director, procedure, {"act": "withdraw", "reason": "不办了", "seen": seen})
    assert answer.status_code == 409
    assert "别人办过或补正过" in answer.content.decode()


def test_a_decision_begins_with_what_was_read(scene: Scene) -> None:
    procedure = closing(scene)
    services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
    seen, link = read(scene.leader, procedure)
    typed = {"decision_number": "甲教审〔2026〕1号", "effective_on": "2026-12-01"}
    with time_machine.travel(NOW, tick=True):
        client = shown_who_they_are(client_of(scene.leader))
        page = client.get(link)
        assert f'name="seen" value="{seen}"' in page.content.decode()
        other_papers(scene, procedure)
        services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
        route = reverse("procedure-decide", args=[procedure.number])
        for answer in (
            client.get(link, follow=True),
            client.post(route, typed | {"seen": seen}, follow=True),
        ):
            assert answer.redirect_chain == [(reverse("procedure", args=[procedure.number]), 302)]
            assert "别人办过或补正过" in answer.content.decode()
        _, link = read(scene.leader, procedure)
        assert client.get(link).status_code == 200


def test_what_does_not_say_what_was_read_is_not_done(scene: Scene) -> None:
    procedure = closing(scene)
    for sends in (
        {"act": "check", "reason": ""},
        {"act": "return", "reason": "补"},
        {"act": "refuse", "reason": "不行", "confirmed": "1", "seen": ""},
    ):
        answer = post(scene.officer, procedure, sends)
        assert answer.status_code == 409
        assert "看不出您看的是哪个时候的内容" in answer.content.decode()
    procedure.refresh_from_db()
    assert procedure.state == "asked"
    services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
    typed = {"decision_number": "甲教审〔2026〕1号", "effective_on": "2026-12-01"}
    with time_machine.travel(NOW, tick=True):
        client = shown_who_they_are(client_of(scene.leader))
        answer = client.post(
            reverse("procedure-decide", args=[procedure.number]), typed, follow=True
        )
    assert "看不出您看的是哪个时候的内容" in answer.content.decode()


def test_a_form_sent_back_still_says_what_was_read(scene: Scene) -> None:
    """The page is drawn anew, and the one who looks at the mistake reads nothing else of it."""
    procedure = closing(scene)
    seen, _ = read(scene.officer, procedure)
    other_papers(scene, procedure)
    long = post(scene.officer, procedure, {"act": "check", "reason": "长" * 301, "seen": seen})
    assert long.status_code == 422
    assert long.context["seen"] == seen


def test_a_closure_is_not_decided_with_placements_nobody_showed(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    procedure = scene.checked("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    with time_machine.travel(NOW, tick=True):
        client = shown_who_they_are(client_of(scene.leader))
        route = reverse("procedure-decide", args=[procedure.number])
        typed = {"decision_number": "甲教审〔2026〕1号", "effective_on": "2026-12-01"}
        page = client.post(route, typed | {"seen": services.stamp(procedure)})
        token = page.context["shown"].token
        come_back(scene, procedure, placements=[("home", None, 24)])
        services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
        confirm = reverse("procedure-decide-confirm")
        answer = client.post(confirm, {"token": token}, follow=True)
        procedure.refresh_from_db()
        assert procedure.state == "checked"
        text = answer.content.decode()
        assert "别人办过或补正过" in text
        assert "24" in text, "the placements as they are now"
        assert not scene.kindergarten.statuses.filter(operating_state="closed").exists()
        # Read again, it can be decided.
        page = client.post(route, typed | {"seen": services.stamp(procedure)})
        client.post(confirm, {"token": page.context["shown"].token})
    assert scene.kindergarten.statuses.filter(operating_state="closed").exists()


def test_only_what_was_shown_is_done(scene: Scene) -> None:
    procedure = scene.ask("split", details={"plan": "分为两园"}, effective_on=None)
    page, sends = shown(scene.director, procedure, act="withdraw", reason="不办了")
    assert "撤回后不能恢复" in page
    services.send_back(procedure_id=procedure.pk, reason="补正", by=scene.officer, now=NOW)
    services.ask_again(
        procedure_id=procedure.pk, by=scene.director, now=NOW,
        asked=Asked(reason="另一个方案", details={"plan": "分为三园"}),
    )  # fmt: skip
    answer = post(scene.director, procedure, sends)
    assert answer.status_code == 409
    assert "别人办过或补正过" in answer.content.decode()
    procedure.refresh_from_db()
    assert procedure.state == "asked"
    answer = post(scene.director, procedure, sends | {"seen": "nothing of the kind"})
    assert answer.status_code == 409


def test_going_back_loses_nothing_that_was_typed(scene: Scene) -> None:
    procedure = scene.checked("licence_renewal", effective_on=None, details=RENEWED)
    _, sends = shown(
        scene.second, procedure, act="approve", reason="齐全", decision_number="甲教审〔2026〕9号"
    )
    answer = post(scene.second, procedure, sends | {"act": "edit"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "甲教审〔2026〕9号" in page
    assert "齐全" in page
    procedure.refresh_from_db()
    assert procedure.state == "checked"


def test_a_licence_is_shown_with_its_old_and_new_end(scene: Scene) -> None:
    scene.kindergarten.licence_until = dt.date(2026, 12, 1)
    scene.kindergarten.save()
    procedure = scene.checked("licence_renewal", effective_on=None, details=RENEWED)
    page, sends = shown(scene.second, procedure, act="approve", decision_number="甲教审〔2026〕9号")
    assert "<del>2026年12月1日</del>" in page
    assert "<ins>2029年12月1日</ins>" in page
    scene.kindergarten.refresh_from_db()
    assert scene.kindergarten.licence_until == dt.date(2026, 12, 1)
    assert post(scene.second, procedure, sends).status_code == 302
    scene.kindergarten.refresh_from_db()
    assert scene.kindergarten.licence_until == dt.date(2029, 12, 1)


def test_a_move_within_the_town_is_shown_with_what_it_leaves_to_write(scene: Scene) -> None:
    procedure = scene.checked(
        "relocation", details={"town": scene.town.pk, "address": "甲镇新街1号"}
    )
    typed = {"act": "approve", "decision_number": "甲教审〔2026〕9号"}
    page, sends = shown(scene.leader, procedure, **typed)
    assert "2026年12月1日起地址改为“甲镇新街1号”，系统不会自动改" in page
    assert "各月的三率都不变" in page
    assert post(scene.leader, procedure, sends).status_code == 302
    procedure.refresh_from_db()
    assert (procedure.state, procedure.decision_number) == ("approved", "甲教审〔2026〕9号")
    # In another town it is decided with its effect, whatever is sent here.
    there = scene.small.town("二镇")
    away = scene.checked("relocation", details={"town": there.pk, "address": "二镇新街1号"})
    answer = post(scene.leader, away, typed | {"seen": services.stamp(away), "confirmed": "1"})
    assert answer.status_code == 409
    assert "请先看过对三率的影响" in answer.content.decode()


def test_a_conclusion_is_shown_before_it_is_recorded(scene: Scene) -> None:
    procedure = scene.ask("annual_check", details={"year": 2025}, effective_on=None)
    page, sends = shown(
        scene.officer, procedure, act="check", conclusion="failed", to_mend="1. 消防设施\r\n2. 班额"
    )
    for text in ("2025年度年检结论", "不合格", "1. 消防设施<br>2. 班额", "起按这次的结论"):
        assert text in page
    procedure.refresh_from_db()
    assert procedure.conclusion == ""
    assert post(scene.officer, procedure, sends).status_code == 302
    procedure.refresh_from_db()
    assert (procedure.conclusion, procedure.to_mend) == ("failed", "1. 消防设施\n2. 班额")


def test_a_second_look_shows_what_the_year_ended_with_before(scene: Scene) -> None:
    def conclude(procedure: Procedure, conclusion: str, to_mend: str) -> None:
        services.check(
            procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW,
            conclusion=conclusion, to_mend=to_mend,
        )  # fmt: skip

    conclude(scene.ask("annual_check", details={"year": 2024}, effective_on=None), "failed", "消防")
    again = scene.ask("annual_check", details={"year": 2024}, effective_on=None)
    page, _ = shown(scene.officer, again, act="check", conclusion="passed")
    assert "<del>不合格</del>" in page
    assert "<ins>合格</ins>" in page
    assert "起按这次的结论" in page
    services.withdraw(procedure_id=again.pk, reason="先办2025", by=scene.director, now=NOW)
    conclude(scene.ask("annual_check", details={"year": 2025}, effective_on=None), "basic", "班额")
    later = scene.ask("annual_check", details={"year": 2024}, effective_on=None)
    page, _ = shown(scene.officer, later, act="check", conclusion="passed")
    assert "<del>不合格</del>" in page
    assert "起按这次的结论" not in page, "the register keeps to 2025"


@pytest.mark.parametrize("act", ["check", "return"])
def test_what_can_be_taken_back_is_done_at_once(scene: Scene, act: str) -> None:
    procedure = scene.ask()
    kind = services.kind_of(procedure)
    assert not endings.ends(procedure, act, kind)
    seen = services.stamp(procedure)
    answer = post(scene.officer, procedure, {"act": act, "reason": "请补", "seen": seen})
    assert answer.status_code == 302
    procedure.refresh_from_db()
    assert procedure.state == {"check": "checked", "return": "returned"}[act]
