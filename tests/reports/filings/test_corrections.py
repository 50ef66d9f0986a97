"""Changed since accepted: counted for a month, and told version by version."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kindergartens.models import MonthlyFiling
from reports.filings import corrections, services
from tests.conftest import acting
from tests.reports.filings.test_comparison import change
from tests.reports.filings.test_services import Scene, send_back
from tests.small_county import NOW, OCTOBER, SmallCounty, moment

SignIn = Callable[[User], Client]
LATER = moment(2026, 11, 6)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def month(scene: Scene, user: User | None = None) -> corrections.MonthCorrections:
    user = user or scene.officer
    filings = MonthlyFiling.objects.visible_to(user).filter(month=OCTOBER)
    return corrections.of_month(filings, user, OCTOBER)


def accepted(scene: Scene) -> MonthlyFiling:
    filing = scene.open()
    scene.submit(filing)
    scene.accept(filing)
    return filing


def test_each_accepted_version_says_from_when_until_when_it_counted(scene: Scene) -> None:
    filing = accepted(scene)
    send_back(scene, filing)
    change(scene, filing, boys="15", age3="27")
    scene.accept(filing, version=2, now=LATER)
    told = [
        (one.version, one.children, one.staff, one.since, one.until, one.children_change)
        for one in corrections.counted_versions(filing)
    ]
    assert told == [(1, 24, 14, NOW, LATER, None), (2, 27, 14, LATER, None, 3)]
    assert corrections.counted_versions(filing)[0].accepted_by == "甲县教育局 经办人"


def test_a_version_that_was_never_accepted_is_no_correction(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    send_back(scene, filing)
    change(scene, filing, boys="15", age3="27")
    assert corrections.counted_versions(filing) == []
    scene.accept(filing, version=2)
    assert month(scene) == corrections.MonthCorrections(0, 0, 0, 0)


def test_more_here_does_not_hide_fewer_there(scene: Scene) -> None:
    filing = accepted(scene)
    send_back(scene, filing)
    assert month(scene) == corrections.MonthCorrections(0, 0, 0, under_way=1)
    change(scene, filing, boys="15", age3="27")
    scene.accept(filing, version=2, now=LATER)
    other = copy.copy(scene)
    other.kindergarten = scene.small.kindergarten(scene.town, "示例二园")
    scene.small.file(other.kindergarten, 24, month=OCTOBER.replace(month=9))
    other.director = acting(scene.small.person("园长", other.kindergarten.organisation, "director"))
    second = accepted(other)
    for version, boys in ((2, "11"), (3, "10")):
        send_back(other, second, version=version - 1)
        change(other, second, boys=boys, age3=str(int(boys) + 12))
        other.accept(second, version=version, now=LATER)
    # Each against what was accepted first, however often it was corrected.
    assert month(scene) == corrections.MonthCorrections(returns=2, up=3, down=2, under_way=0)
    abroad = acting(scene.small.officer(scene.small.other_county))
    assert month(scene, abroad).returns == 0


def test_the_queue_counts_them_and_lists_only_them(scene: Scene, sign_in: SignIn) -> None:
    filing = accepted(scene)
    send_back(scene, filing)
    change(scene, filing, boys="15", age3="27")
    scene.accept(filing, version=2, now=LATER)
    scene.small.file(scene.small.kindergarten(scene.town, "没改过的园"), 20)
    client = sign_in(scene.officer)
    query = {"month": "2026-10", "state": "accepted"}
    page = client.get(reverse("filing-queue"), query).content.decode()
    assert "更正过1份</a>，在园幼儿增加3人" in page
    assert "没改过的园" in page
    only = client.get(reverse("filing-queue"), query | {"corrected": "1"}).content.decode()
    assert "示例一园" in only
    assert "没改过的园" not in only
    for url in (
        reverse("filing-review", args=[filing.pk]),
        reverse("filing-version", args=[filing.pk, 1]),
    ):
        assert "接收后更正过1次" in client.get(url).content.decode()


def test_the_director_reads_how_the_own_return_was_counted(scene: Scene, sign_in: SignIn) -> None:
    filing = accepted(scene)
    services.send_back(
        filing_id=filing.pk, version_seen=1, reason="少报", field_reasons={}, by=scene.officer,
        now=NOW,
    )  # fmt: skip
    page = sign_in(scene.director).get(reverse("filing-version", args=[filing.pk, 1]))
    assert "接收后没有更正过" in page.content.decode()
