"""跟进: marked with a note, closed once with its outcome, unseen by the kindergarten."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from kindergartens.models import MonthlyFiling
from reports.filings import services
from reports.filings.board.models import FollowUp
from tests.conftest import acting
from tests.reports.filings.board.conftest import OVERDUE, Scene
from tests.signing_in import client_of


def mark(scene: Scene, name: str, note: str = "人数跳动，电话核实") -> FollowUp:
    url = reverse("follow-up-open", args=[scene.filing(name).pk])
    assert client_of(scene.officer).post(url, {"note": note}).status_code == 302
    return FollowUp.objects.latest("pk")


def listed(scene: Scene, query: str = "") -> str:
    page = client_of(scene.officer).get(f"{reverse('follow-ups')}?{query}").content.decode()
    return re.sub(r"\s+", " ", page)


def test_a_return_is_marked_listed_and_closed(scene: Scene) -> None:
    found = mark(scene, "迟报园")
    assert "人数跳动，电话核实" in listed(scene)
    board = client_of(scene.officer).get(f"{reverse('filing-board')}?state=followed")
    assert "迟报园" in board.content.decode()
    assert "接收园" not in board.content.decode()
    url = reverse("follow-up-close", args=[found.pk])
    assert client_of(scene.officer).post(url, {"outcome": "园所搬迁，属实"}).status_code == 302
    assert "人数跳动" not in listed(scene)
    assert "园所搬迁，属实" in listed(scene, "state=closed")
    again = client_of(scene.officer).post(url, {"outcome": "改口"})
    assert again.status_code == 422
    assert "已经办结，结果不能再改" in again.content.decode()
    found.refresh_from_db()
    assert (found.outcome, found.closed_at) == ("园所搬迁，属实", OVERDUE)


def test_it_does_not_stand_in_the_way_of_acceptance(scene: Scene) -> None:
    mark(scene, "迟报园")
    services.accept(
        filing_id=scene.filing("迟报园").pk, version_seen=1, by=acting(scene.officer), now=OVERDUE
    )
    assert scene.filing("迟报园").state == MonthlyFiling.State.ACCEPTED
    assert FollowUp.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("note", "said"),
    [("", "请写明要跟进什么"), ("  ", "请写明要跟进什么"), ("字" * 301, "写了301字")],
)
def test_a_note_that_says_nothing_or_too_much_is_refused(
    scene: Scene, note: str, said: str
) -> None:
    url = reverse("follow-up-open", args=[scene.filing("迟报园").pk])
    answer = client_of(scene.officer).post(url, {"note": note})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert note in answer.content.decode()


def test_one_at_a_time(scene: Scene) -> None:
    found = mark(scene, "迟报园")
    url = reverse("follow-up-open", args=[scene.filing("迟报园").pk])
    answer = client_of(scene.officer).post(url, {"note": "又一条"})
    assert answer.status_code == 422
    assert "已经在跟进" in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            filing=found.filing, version=1, note="又一条", opened_as=found.opened_as,
            opened_at=OVERDUE,
        )  # fmt: skip


def test_what_was_never_submitted_cannot_be_followed(scene: Scene) -> None:
    url = reverse("follow-up-open", args=[scene.filing("填报园").pk])
    assert client_of(scene.officer).get(url).status_code == 404


def test_the_director_reads_nothing_of_it(scene: Scene) -> None:
    mark(scene, "退回园")
    director = scene.small.person("园长", scene.named["退回园"].organisation, "director")
    client = client_of(director)
    assert client.get(reverse("follow-ups")).status_code == 403
    for url in (
        reverse("my-filings"),
        reverse("filing-edit", args=[scene.filing("退回园").pk]),
        reverse("filing-version", args=[scene.filing("退回园").pk, 1]),
        reverse("filing-history", args=[scene.filing("退回园").pk]),
    ):
        assert "电话核实" not in client.get(url).content.decode()
