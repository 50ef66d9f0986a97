"""Who is locked out by failures, who is not, and what nobody can tell from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from accounts.hashers import PortalArgon2PasswordHasher
from accounts.models import AccessRecord, KnownDevice, User
from accounts.sign_in import lockout
from accounts.sign_in.initial import issue_one_time_password
from tests.accounts.sign_in.conftest import (
    PASSWORD,
    Clock,
    is_in,
    sign_in,
    with_password,
)
from tests.conftest import acting
from tests.small_county import SmallCounty

WRONG = "Wrong-and-wrong-again-7"


def fail(user: User | str, times: int, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        assert sign_in(Client(), user, WRONG, address).status_code == 200


def test_five_failures_lock_the_name_at_the_address_for_half_an_hour(
    clock: Clock, officer: User
) -> None:
    fail(officer, 4)
    client = Client()
    sign_in(client, officer)
    assert is_in(client)  # Four are forgiven, and forgotten.
    fail(officer, 5)
    stranger = Client()
    sign_in(stranger, officer)
    assert not is_in(stranger)
    # At another address the same name gets in: nobody is locked out everywhere by five mistakes.
    elsewhere = Client()
    sign_in(elsewhere, officer, address="198.51.100.9")
    assert is_in(elsewhere)
    clock.forward(minutes=29)
    sign_in(stranger, officer)
    assert not is_in(stranger)
    clock.forward(minutes=2)
    sign_in(stranger, officer)
    assert is_in(stranger)


def test_trying_on_while_locked_does_not_lengthen_the_lock(clock: Clock, officer: User) -> None:
    fail(officer, 5)
    clock.forward(minutes=20)
    fail(officer, 5)
    clock.forward(minutes=11)
    client = Client()
    sign_in(client, officer)
    assert is_in(client)


def test_a_spelling_of_the_name_is_the_same_name(officer: User) -> None:
    for spelling in (officer.username.upper(), f" {officer.username}", "ｕ" + officer.username[1:]):
        fail(spelling, 1)
    fail(officer, 2)
    client = Client()
    sign_in(client, officer)
    assert not is_in(client)


def test_300_people_behind_one_address_and_five_of_them_mistyping(
    clock: Clock, small: SmallCounty, quick: None
) -> None:
    """Five people lock their own names; the other 295 notice nothing."""
    hashed = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(username=f"director{number}", full_name="园长", password=hashed)
        for number in range(300)
    )
    for person in people[:5]:
        fail(person, 5)
    let_in = 0
    for person in people:
        client = Client()
        sign_in(client, person)
        let_in += "_auth_user_id" in client.session
    assert let_in == 295


def test_one_name_tried_from_everywhere_is_slowed_down(clock: Clock, officer: User) -> None:
    for number in range(20):
        fail(officer, 1, f"198.51.{number}.1")
    client = Client()
    sign_in(client, officer, address="203.0.113.5")
    assert not is_in(client)
    clock.forward(minutes=61)
    sign_in(client, officer, address="203.0.113.5")
    assert is_in(client)


@pytest.mark.parametrize(
    ("neighbours", "outside"),
    [("192.0.2.{}", "192.0.3.1"), ("2001:db8:1:2::{:x}", "2001:db8:1:3::1")],
)
def test_a_network_that_fails_a_hundred_times_a_minute_waits(
    clock: Clock, officer: User, settings, neighbours: str, outside: str
) -> None:
    settings.FAILURES_PER_NETWORK_AND_MINUTE = 12
    for number in range(12):
        fail(f"nobody{number}", 1, neighbours.format(number + 1))
    inside = neighbours.format(200)
    client = Client()
    sign_in(client, officer, address=inside)
    assert not is_in(client)
    sign_in(client, officer, address=outside)
    assert is_in(client)
    client.post(reverse("logout"))
    clock.forward(seconds=61)
    newcomer = Client()
    sign_in(newcomer, officer, address=inside)
    assert is_in(newcomer)


def test_locking_all_directors_out_does_not_reach_the_computers_they_use(
    clock: Clock, small: SmallCounty
) -> None:
    directors = [with_password(small.officer()) for _ in range(3)]
    homes = {}
    for director in directors:
        homes[director] = Client()
        sign_in(homes[director], director)
        homes[director].post(reverse("logout"))
    for director in directors:
        fail(director, 6)  # From the same address, the worst case.
        for number in range(20):
            fail(director, 1, f"198.51.{number}.1")
    for director in directors:
        stranger = Client()
        sign_in(stranger, director)
        assert not is_in(stranger)
        sign_in(homes[director], director)
        assert is_in(homes[director])


def test_five_wrong_passwords_on_a_known_device_and_it_is_known_no_more(officer: User) -> None:
    home = Client()
    sign_in(home, officer)
    home.post(reverse("logout"))
    assert KnownDevice.objects.filter(user=officer).count() == 1
    for _ in range(5):
        sign_in(home, officer, WRONG)
    assert not KnownDevice.objects.filter(user=officer).exists()
    sign_in(home, officer)
    assert not is_in(home)


def test_a_device_is_known_for_its_own_person_only(clock: Clock, small: SmallCounty) -> None:
    mine, yours = (with_password(small.officer()) for _ in range(2))
    home = Client()
    sign_in(home, mine)
    home.post(reverse("logout"))
    fail(yours, 5)
    sign_in(home, yours)
    assert not is_in(home)


def test_unlocking_is_recorded_with_who_and_why(
    clock: Clock, small: SmallCounty, officer: User
) -> None:
    administrator = acting(small.officer(role="security_administrator"))
    fail(officer, 5)
    assert lockout.is_locked_anywhere(officer, now=clock.now)
    lockout.unlock(user=officer, by=administrator, reason="本人来电，已回拨核实", now=clock.now)
    assert not lockout.is_locked_anywhere(officer, now=clock.now)
    client = Client()
    sign_in(client, officer)
    assert is_in(client)
    record = AccessRecord.objects.get(action="unlock")
    assert (record.user, record.object_id) == (administrator, str(officer.pk))
    assert "回拨核实" in record.reason


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cheap hashes, where hundreds of people sign in."""
    monkeypatch.setattr(PortalArgon2PasswordHasher, "memory_cost", 8)
    monkeypatch.setattr(PortalArgon2PasswordHasher, "time_cost", 1)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every Argon2 computation there is."""
    done: list[str] = []
    for name in ("encode", "verify"):
        original = getattr(PortalArgon2PasswordHasher, name)

        def counted(self, *args, name=name, original=original):
            done.append(name)
            return original(self, *args)

        monkeypatch.setattr(PortalArgon2PasswordHasher, name, counted)
    return done


def test_nothing_tells_the_reasons_of_a_refusal_apart(
    clock: Clock, small: SmallCounty, verifications: list[str]
) -> None:
    """The same page and exactly one verification, whether the name exists, is locked or disabled."""
    people = {name: with_password(small.officer()) for name in ("wrong", "locked", "disabled")}
    people["no password"] = small.officer()
    people["no password"].set_unusable_password()
    people["no password"].save()
    people["expired"] = small.officer()
    expired = issue_one_time_password(people["expired"], clock.now)
    clock.forward(hours=73)
    fail(people["locked"], 5)
    User.objects.filter(pk=people["disabled"].pk).update(is_active=False)
    attempts = {
        "unknown": ("nobody-of-that-name", WRONG),
        "wrong": (people["wrong"].username, WRONG),
        "locked": (people["locked"].username, PASSWORD),
        "disabled": (people["disabled"].username, PASSWORD),
        "no password": (people["no password"].username, WRONG),
        "expired": (people["expired"].username, expired),
        "very long": (people["wrong"].username, "x" * 1000),
    }
    seen = {}
    for case, (username, password) in attempts.items():
        verifications.clear()
        # An address of its own each, so that the cases do not lock each other.
        address = "192.0.2.7" if case == "locked" else f"203.0.113.{len(seen) + 1}"
        response = sign_in(Client(), username, password, address)
        seen[case] = (
            response.status_code,
            response.content.decode()
            .replace(username, "NAME")
            .replace(response.headers["X-Request-ID"], "")
            .replace(str(response.context["csrf_token"]), "")
            .replace(str(response.context["csp_nonce"]), ""),
            tuple(sorted(response.cookies)),
            len(verifications),
        )
    assert set(seen.values()) == {seen["unknown"]}
    assert seen["unknown"][3] == 1


def test_a_typed_name_is_kept_nowhere(officer: User) -> None:
    """Whoever types the password into the wrong field must not find it in a table."""
    fail("Mein-Passwort-im-falschen-Feld", 1)
    fail(officer, 1)
    for row in [*AccessAttempt.objects.all(), *AccessFailureLog.objects.all()]:
        kept = str(vars(row)).lower()
        assert "falschen" not in kept
        assert officer.username not in kept
        assert WRONG.lower() not in kept
    assert not AccessRecord.objects.filter(reason__icontains="falschen").exists()
    refused = AccessRecord.objects.filter(action="sign_in", outcome="refused")
    assert set(refused.values_list("object_id", flat=True)) == {"", str(officer.pk)}


def test_a_hash_of_other_parameters_is_made_anew_at_sign_in(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as weaker:
        weaker.setattr(PortalArgon2PasswordHasher, "memory_cost", 8192)
        officer.password = make_password(PASSWORD)
        officer.save()
    before = officer.password
    assert "m=8192" in before
    client = Client()
    sign_in(client, officer)
    assert is_in(client)
    officer.refresh_from_db()
    assert "m=19456,t=2,p=1" in officer.password
