"""Closures and mergers: every child is placed, nobody is placed where it closes too, no rings."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import withdraw_change
from kindergartens.models import Kindergarten, Placement, Procedure, StatusChange
from kindergartens.procedures import presenters
from kindergartens.procedures.policies import ProcedureRefused
from tests.kindergartens.procedures.scene import DECEMBER_1, LATER, Scene
from tests.signing_in import client_of
from tests.small_county import NOW, SEPTEMBER


def test_a_closure_places_every_child_of_the_last_return(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24, nursery=6)
    with pytest.raises(ProcedureRefused, match="有30名幼儿，已安置29名，少1名"):
        scene.ask(
            "closure", placements=[("kindergarten", scene.neighbour.pk, 24), ("home", None, 5)]
        )
    closing = scene.checked(
        "closure", placements=[("kindergarten", scene.neighbour.pk, 24), ("home", None, 6)]
    )
    # Two of them were placed before the decision: the list has to be right on the day.
    Placement.objects.filter(procedure=closing, destination="home").update(children=4)
    with pytest.raises(ProcedureRefused, match="少2名"):
        scene.approve(closing)
    assert not StatusChange.objects.exists()
    Placement.objects.filter(procedure=closing, destination="home").update(children=6)
    scene.approve(closing)
    assert scene.kindergarten.statuses.get(valid_from=DECEMBER_1).operating_state == "closed"


def test_what_receiving_does_to_a_kindergarten_is_said(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 30, month=SEPTEMBER)
    scene.small.file(scene.neighbour, 40, nursery=4)
    closing = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    [line] = presenters.placements(closing)
    assert line["note"] == "现有44名、2个班，接收后68名，平均每班34.0名"
    client = client_of(scene.officer)
    with time_machine.travel(NOW, tick=True):
        page = client.get(reverse("procedure", args=[closing.number])).content.decode()
    assert "接收后68名" in page
    assert "核对通过，报决定" in page


def test_children_are_not_placed_where_it_closes_too(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.ask("closure", by=scene.officer, kindergarten=scene.neighbour, placements=[])
    with pytest.raises(ProcedureRefused, match="邻园在生效日期或以后不在办，或正在办理停办"):
        scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])


def test_children_are_not_placed_where_it_stops_later(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    status = scene.neighbour.statuses.get()
    january = dt.date(2027, 1, 1)
    scene.neighbour.statuses.update(valid_to=january)
    status.pk, status.valid_from, status.operating_state = None, january, "closed"
    status.save()
    with pytest.raises(ProcedureRefused, match="邻园在生效日期或以后不在办"):
        scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])


def test_who_was_placed_here_is_placed_again_when_this_one_closes(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 30)
    third = scene.small.kindergarten(scene.town, "三园")
    here = [("kindergarten", scene.neighbour.pk, 24)]
    scene.approve(scene.checked("closure", placements=here))

    def close_too(children: int) -> Procedure:
        return scene.ask(
            "closure", by=scene.officer, kindergarten=scene.neighbour,
            effective_on=dt.date(2027, 3, 1), placements=[("kindergarten", third.pk, children)],
        )  # fmt: skip

    with pytest.raises(ProcedureRefused, match="已批准转入24名，已安置30名，少24名"):
        close_too(30)
    withdraw_change(
        change_id=StatusChange.objects.get().pk, reason="不关了", by=scene.leader, now=LATER
    )
    assert close_too(30).state == "asked"


def test_a_merger_that_was_taken_back_closes_no_ring(scene: Scene) -> None:
    into = {"details": {"receiver": scene.neighbour.pk}}
    merger = scene.checked("merger", **into)
    scene.approve(merger)
    back = {"by": scene.officer, "details": {"receiver": scene.kindergarten.pk}}
    with pytest.raises(ProcedureRefused, match="首尾相连"):
        scene.ask("merger", kindergarten=scene.neighbour, **back)
    withdraw_change(
        change_id=StatusChange.objects.get().pk, reason="不并了", by=scene.leader, now=LATER
    )
    assert scene.ask("merger", kindergarten=scene.neighbour, **back).state == "asked"


def test_a_ring_is_looked_for_again_when_a_merger_is_decided(scene: Scene) -> None:
    merger = scene.checked("merger", details={"receiver": scene.neighbour.pk})
    # As if it had been asked for beside the first one.
    Procedure.objects.create(
        number="6543212026-9999", county=scene.small.county, kindergarten=scene.neighbour,
        kind="merger", details={"receiver": scene.kindergarten.pk}, reason="并", asked_at=NOW,
        asked_as=scene.officer.acting,
    )  # fmt: skip
    with pytest.raises(ProcedureRefused, match="首尾相连"):
        scene.approve(merger)


def test_a_ring_of_mergers_is_refused(scene: Scene) -> None:
    third: Kindergarten = scene.small.kindergarten(scene.town, "三园")
    by = {"by": scene.officer}
    scene.ask("merger", details={"receiver": scene.neighbour.pk})
    scene.ask("merger", kindergarten=third, details={"receiver": scene.neighbour.pk}, **by)
    for target in (scene.kindergarten.pk, third.pk, scene.neighbour.pk):
        with pytest.raises(ProcedureRefused, match="首尾相连"):
            scene.ask("merger", kindergarten=scene.neighbour, details={"receiver": target}, **by)


def test_what_the_status_forbids_is_not_decided(scene: Scene) -> None:
    procedure = scene.checked()
    scene.small.file(scene.kindergarten, 24)
    with pytest.raises(ProcedureRefused, match="生效日期要在今天"):
        scene.approve(procedure, effective_on=dt.date(2026, 10, 31))
    scene.kindergarten.statuses.update(for_profit=True)
    with pytest.raises(ChangeRefused, match="第二十四条"):
        scene.approve(procedure)
    procedure.refresh_from_db()
    assert procedure.state == "checked"
    assert procedure.events.count() == 2
