"""Who gets in, who stays in, and which of a person's posts are in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

PASSWORD = "long-and-uncommon-7"
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def officer(small: SmallCounty) -> User:
    user = small.officer()
    user.set_password(PASSWORD)
    user.save()
    return user


def try_to_sign_in(client: Client, user: User, password: str = PASSWORD) -> bool:
    """Through the page, as a person does; whether a page behind it then opens."""
    client.post(reverse("login"), {"username": user.username, "password": password})
    return client.get(reverse("dashboard")).status_code == 200


def test_the_right_password_opens_the_portal(client: Client, officer: User) -> None:
    assert not try_to_sign_in(client, officer, PASSWORD + "!")
    assert try_to_sign_in(client, officer)


def test_a_disabled_account_does_not_get_in_and_learns_no_more_than_a_wrong_password(
    client: Client, officer: User
) -> None:
    officer.is_active = False
    officer.save()
    assert not try_to_sign_in(client, officer)
    disabled, wrong = (
        client.post(reverse("login"), {"username": officer.username, "password": password})
        for password in (PASSWORD, "wrong")
    )
    assert list(disabled.context["form"].errors.values()) == list(
        wrong.context["form"].errors.values()
    )


def test_an_account_disabled_meanwhile_is_out_at_the_next_page(
    client: Client, officer: User
) -> None:
    assert try_to_sign_in(client, officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    response = client.get(reverse("dashboard"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize(
    ("begins", "ends", "in_force"),
    [
        (-DAY, None, True),
        (0 * DAY, 0 * DAY, True),
        (DAY, None, False),
        (-9 * DAY, -DAY, False),
        (-9 * DAY, DAY, True),
    ],
)
def test_a_post_counts_from_its_first_day_to_its_last(
    client: Client, officer: User, begins: dt.timedelta, ends: dt.timedelta | None, in_force: bool
) -> None:
    officer.memberships.update(
        valid_from=TODAY + begins, valid_to=None if ends is None else TODAY + ends
    )
    client.force_login(officer)
    assert client.get(reverse("dashboard")).status_code == (200 if in_force else 403)
    assert client.get(reverse("home")).status_code == (302 if in_force else 403)
    assert (acting(officer).acting is not None) is in_force


def test_a_chosen_post_that_ends_gives_way_to_one_in_force(
    client: Client, small: SmallCounty, officer: User
) -> None:
    other = Membership.objects.create(
        user=officer,
        organisation=small.officer(small.other_county).memberships.get().organisation,
        role="bureau_officer",
        valid_from=TODAY,
    )
    client.force_login(officer)
    client.post(reverse("choose-post"), {"membership": other.pk})
    here, there = (
        reverse("dashboard-region", args=[county.code])
        for county in (small.county, small.other_county)
    )
    assert [client.get(page).status_code for page in (here, there)] == [404, 200]
    Membership.objects.filter(pk=other.pk).update(valid_from=TODAY - DAY, valid_to=TODAY - DAY)
    # Nothing is done in another post before the person has chosen it.
    ended = reverse("post-ended")
    assert [client.get(page)["Location"] for page in (here, there)] == [ended, ended]
    # Nor can it be chosen again, or another person's.
    stranger = small.officer(small.other_county).memberships.get()
    for post in (other, stranger):
        client.post(reverse("choose-post"), {"membership": post.pk})
        assert client.get(there)["Location"] == ended
    own = officer.memberships.exclude(pk=other.pk).get()
    client.post(reverse("choose-post"), {"membership": own.pk})
    assert [client.get(page).status_code for page in (here, there)] == [200, 404]
