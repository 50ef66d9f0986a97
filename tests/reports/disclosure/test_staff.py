"""What everybody may read of a kindergarten's staff: counts, never a person, and the same for all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.hardening import limits
from accounts.hardening.middleware import limit_for
from reports.disclosure.rules import Shares, published_certified, published_shares
from tests.access.routes import World
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW
from tests.staffing.roster.making import in_post

LEVELS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),
        ({"a": 2}, None),
        ({"a": 3}, Shares([("a", 3)], 0)),
        ({"c": 3, "a": 4}, Shares([("a", 4), ("c", 3)], 0)),
        # One of b would be told by the rest, so a smaller level goes with it.
        ({"a": 10, "b": 1}, None),
        ({"a": 10, "b": 1, "c": 4}, Shares([("a", 10)], 5)),
        ({"a": 10, "b": 2, "c": 1}, Shares([("a", 10)], 3)),
        ({"a": 10, "": 3}, Shares([("a", 10)], 3)),
        ({"a": 2, "b": 2, "c": 2}, None),
    ],
)
def test_a_level_of_few_is_not_named(counts: dict[str, int], expected: Shares | None) -> None:
    assert published_shares(counts, LEVELS) == expected


@pytest.mark.parametrize(
    ("people", "certified", "expected"),
    [
        (1, 1, None),
        (2, 0, None),
        (3, 0, 0),
        (12, 12, 12),
        (12, 9, 9),
        (12, 10, None),
        (12, 11, None),
        (12, 2, None),
        (12, None, None),
    ],
)
def test_who_is_certified_is_told_of_several(
    people: int, certified: int | None, expected: int | None
) -> None:
    assert published_certified(people, certified) == expected


def test_the_page_counts_and_names_nobody(world: World, rf) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    address = reverse("public-staff", args=[world.kindergarten.code])
    people = [in_post(world.kindergarten, officer, serial) for serial in range(50, 54)]
    people[0].post, people[0].ended_on = "principal", None
    people[0].save()
    client = Client()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len([q for q in captured if "staffing_" in q["sql"] or "kindergarten" in q["sql"]]) <= 4
    assert "教职工共<b>5人</b>" in page
    assert "4（100.0%）" in page  # teachers
    assert "人数少，不公布" in page  # the one director
    for row in (*people, world.staff_post):
        number = str(row.person.number)
        assert row.person.name not in page
        assert number[:3] + "*" not in page
        assert number[-4:] not in page
    # A cache may keep it: no cookie, no token, no script, and the same for whoever is signed in.
    assert set(answer["Cache-Control"].split(", ")) == {"max-age=600", "public"}
    assert not answer.cookies
    assert "csrf" not in page
    assert "<script" not in page
    director = client_of(acting(world.people["director"]))
    assert director.get(address).content.decode() == page
    request = rf.get(address)
    request.resolver_match = answer.resolver_match
    assert limit_for(request, answer.resolver_match.func) == limits.PUBLIC_PAGE


def test_only_who_runs_with_a_licence_is_published(world: World) -> None:
    address = reverse("public-staff", args=[world.kindergarten.code])
    world.kindergarten.licence_until = NOW.date() - dt.timedelta(days=1)
    world.kindergarten.save()
    assert Client().get(address).status_code == 404
    world.kindergarten.licence_until = None
    world.kindergarten.save()
    assert Client().get(address).status_code == 200
    world.kindergarten.statuses.update(operating_state="suspended")
    assert Client().get(address).status_code == 404
    assert Client().get(reverse("public-staff", args=["9999999999"])).status_code == 404
