"""A kindergarten that moves to another county: what each county's officer sees of its returns.

A return stays where it was filed. The county it moved to compares the first return with the last
one filed elsewhere, figure by figure: the kindergarten is theirs now, and a jump between two months
is what an officer looks for. It opens no page of the earlier return.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import User
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

MOVED_ON = dt.date(2026, 10, 15)
# Told apart from every other figure on the pages.
BEFORE, AFTER = 4321, 4987


class Scene:
    """In 甲县 in September, in 乙县 since 15 October; its October return waits in 乙县."""

    def __init__(self, small: SmallCounty) -> None:
        old_town = small.town("甲镇")
        self.new_town = small.town("乙镇", county=small.other_county)
        self.kindergarten = small.kindergarten(old_town, "迁园")
        self.september = small.file(self.kindergarten, BEFORE, month=SEPTEMBER)
        self.attachment = small.attach(self.september)
        self._move()
        self.october = small.file(self.kindergarten, AFTER, month=OCTOBER, state="submitted")
        small.settle(SEPTEMBER, OCTOBER)
        self.old, self.new = small.officer(), small.officer(small.other_county)

    def _move(self) -> None:
        status = self.kindergarten.statuses.get()
        status.valid_to = MOVED_ON
        status.save()
        status.pk, status.valid_from, status.valid_to = None, MOVED_ON, None
        status.town, status.reason = self.new_town, "区划调整"
        status.save()
        self.kindergarten.organisation.region = self.new_town
        self.kindergarten.organisation.save()


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def get(user: User, route: str, *args: object) -> HttpResponse:
    return client_of(user).get(reverse(route, args=args))


def test_each_return_is_read_in_the_county_it_was_filed_to(scene: Scene) -> None:
    of_september = [
        ("filing-review", scene.september.pk),
        ("filing-version", scene.september.pk, 1),
        ("filing-history", scene.september.pk),
        ("filing-attachment", scene.september.pk, scene.attachment.pk),
    ]
    of_october = [
        ("filing-review", scene.october.pk),
        ("filing-version", scene.october.pk, 1),
        ("filing-history", scene.october.pk),
    ]
    for address in of_september:
        assert get(scene.old, *address).status_code == 200, address
        assert get(scene.new, *address).status_code == 404, address
    for address in of_october:
        assert get(scene.new, *address).status_code == 200, address
        assert get(scene.old, *address).status_code == 404, address


def test_the_kindergarten_itself_is_the_new_countys(scene: Scene) -> None:
    for route in ("kindergarten-detail", "kindergarten-history", "kindergarten-ratios"):
        assert get(scene.new, route, scene.kindergarten.code).status_code == 200, route
        assert get(scene.old, route, scene.kindergarten.code).status_code == 404, route
    assert "迁园" not in get(scene.old, "kindergarten-list").content.decode()
    assert "迁园" in get(scene.new, "kindergarten-list").content.decode()


def test_the_new_county_compares_with_the_figures_filed_elsewhere(scene: Scene) -> None:
    seen = _digits(get(scene.new, "filing-review", scene.october.pk))
    assert str(BEFORE) in seen
    assert str(AFTER) in seen


def test_the_old_county_learns_nothing_of_what_came_later(scene: Scene) -> None:
    for address in (
        ("filing-version", scene.september.pk, 1),
        ("filing-history", scene.september.pk),
        ("filing-queue",),
        ("kindergarten-list",),
        ("dashboard",),
    ):
        assert str(AFTER) not in _digits(get(scene.old, *address)), address


def _digits(response: HttpResponse) -> str:
    return response.content.decode().replace(",", "")
