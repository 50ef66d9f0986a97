"""Whoever receives the children of a closure is judged by the class sizes, not only counted."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from kindergartens.procedures import presenters, services
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.rules import classes_too_large
from tests.kindergartens.procedures.scene import LATER, Scene
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, SEPTEMBER


@pytest.mark.parametrize(
    ("children", "classes", "too_large"),
    [(35, 1, False), (36, 1, True), (245, 7, False), (246, 7, True), (50, 0, False)],
)
def test_the_average_is_judged_unrounded(children: int, classes: int, too_large: bool) -> None:
    assert classes_too_large(children, classes) is too_large


def test_a_receiver_without_room_is_marked_and_wants_a_reason(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 30)
    closing = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    [line] = presenters.placements(closing)
    assert line["tags"] == ["over_class_size"]
    assert line["note"].endswith("接收后54名，平均每班54.0名，超过每班最多35名")
    with time_machine.travel(NOW, tick=True):
        client = shown_who_they_are(client_of(scene.officer))
        page = client.get(reverse("procedure", args=[closing.number])).content.decode()
        refused = client.post(
            reverse("procedure-act", args=[closing.number]),
            {"act": "check", "reason": " ", "seen": services.stamp(closing)},
        )
    assert "超班额" in page
    assert refused.status_code == 422
    assert "邻园接收后超班额" in refused.content.decode()
    why = "邻园九月加一个班"
    services.check(procedure_id=closing.pk, reason=why, by=scene.officer, now=NOW)
    with time_machine.travel(LATER, tick=True):
        preview = (
            shown_who_they_are(client_of(scene.leader))
            .post(
                reverse("procedure-decide", args=[closing.number]),
                {
                    "decision_number": "甲教审〔2026〕1号",
                    "effective_on": "2026-12-01",
                    "seen": services.stamp(closing),
                },
            )
            .content.decode()
        )
    assert "邻园接收24名后54名、1个班，超班额" in preview
    with pytest.raises(ProcedureRefused, match="写明仍这样安置的理由"):
        services.approve(
            procedure_id=closing.pk, reason="", decision_number="甲教审〔2026〕1号",
            by=scene.leader, now=LATER,
        )  # fmt: skip
    scene.approve(closing)
    assert [event.reason for event in closing.events.all()][1:] == [why, "同意"]


def test_more_than_a_kindergarten_should_hold_is_marked(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 340)
    closing = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    [line] = presenters.placements(closing)
    assert "over_size" in line["tags"]
    assert "超过全园一般最多360名" in line["note"]


def test_with_room_no_reason_is_wanted(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 4)
    closing = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    [line] = presenters.placements(closing)
    assert line["tags"] == []
    assert services.check(procedure_id=closing.pk, reason="", by=scene.officer, now=NOW).is_open


def test_two_closures_fill_one_receiver_together(scene: Scene) -> None:
    third = scene.small.kindergarten(scene.town, "三园")
    scene.small.file(scene.kindergarten, 15)
    scene.small.file(third, 15)
    scene.small.file(scene.neighbour, 10)
    here = ("kindergarten", scene.neighbour.pk, 15)
    scene.approve(scene.checked("closure", placements=[here]))
    also = scene.ask("closure", by=scene.officer, kindergarten=third, placements=[here])
    [line] = presenters.placements(also)
    assert "已批准转入15名，接收后40名" in line["note"]
    assert line["tags"] == ["over_class_size"]


def test_what_was_decided_is_not_judged_by_later_returns(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24, month=SEPTEMBER)
    scene.small.file(scene.neighbour, 4, month=SEPTEMBER)
    done = scene.approve(scene.checked("closure", placements=[
        ("kindergarten", scene.neighbour.pk, 24),
    ]))  # fmt: skip
    # The children are in it: added once more they would be 52 in a class.
    scene.small.file(scene.neighbour, 28)
    [line] = presenters.placements(done)
    assert (line["tags"], line["note"]) == ([], "")
    with time_machine.travel(LATER, tick=True):
        page = client_of(scene.leader).get(reverse("procedure", args=[done.number]))
    text = page.content.decode()
    assert "24" in text
    for said in ("超班额", "能否容纳", "最近接收的月报"):
        assert said not in text


def test_the_effect_says_whom_it_does_not_hold(scene: Scene) -> None:
    scene.small.populate(scene.small.county, 200)
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 4)
    scene.small.settle()
    placed = [("kindergarten", scene.neighbour.pk, 20), ("school", None, 4)]
    closing = scene.checked("closure", placements=placed)
    asked = {
        "decision_number": "甲教审〔2026〕1号", "effective_on": "2026-12-01",
        "seen": services.stamp(closing),
    }  # fmt: skip
    with time_machine.travel(LATER, tick=True):
        client = shown_who_they_are(client_of(scene.leader))
        preview = client.post(reverse("procedure-decide", args=[closing.number]), asked)
    page = preview.content.decode()
    assert "没有加上转到别园的20名幼儿（含托班）：邻园20名" in page
    # Only the kindergarten's own children have left the figures, as the sentence says.
    assert "28÷198 → 4÷198" in page
