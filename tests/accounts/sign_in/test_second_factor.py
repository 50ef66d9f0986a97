"""The second factor: enrolling, codes used once, recovery codes, and what opens before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as live_settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from accounts.models import AccessRecord, Authenticator, AuthenticatorKey, RecoveryCode, User
from accounts.privacy.cipher import NotDecrypted
from accounts.privacy.keys import UnknownKey
from accounts.sign_in import second_factor
from accounts.sign_in.initial import issue_one_time_password
from tests.access.routes import BY_ROUTE, World
from tests.access.test_routes import routes
from tests.accounts.sign_in.conftest import (
    PASSWORD,
    Clock,
    code_of,
    is_in,
    sign_in,
    with_password,
)
from tests.conftest import acting
from tests.small_county import SmallCounty

Enrol = Callable[[User], list[str]]


def give_code(client: Client, code: str):
    return client.post(reverse("sign-in-code"), {"otp": code})


def half_open(user: User) -> Client:
    client = Client()
    response = sign_in(client, user)
    assert response["Location"] == reverse("sign-in-code")
    return client


def test_who_has_a_second_factor_needs_both(clock: Clock, officer: User, enrol: Enrol) -> None:
    enrol(officer)
    client = half_open(officer)
    assert not is_in(client)
    assert give_code(client, "000000").status_code == 200
    assert not is_in(client)
    clock.forward(seconds=2)
    assert give_code(client, code_of(officer, clock.now)).status_code == 302
    assert is_in(client)


def test_a_code_works_once(clock: Clock, officer: User, enrol: Enrol) -> None:
    enrol(officer)
    code = code_of(officer, clock.now)
    give_code(half_open(officer), code)
    second = half_open(officer)
    give_code(second, code)
    assert not is_in(second)
    clock.forward(seconds=31)
    give_code(second, code_of(officer, clock.now))
    assert is_in(second)


@pytest.mark.parametrize(
    ("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_off(
    clock: Clock, officer: User, enrol: Enrol, steps: int, accepted: bool
) -> None:
    enrol(officer)
    clock.forward(minutes=5)
    client = half_open(officer)
    give_code(client, code_of(officer, clock.now, steps))
    assert is_in(client) is accepted


def test_full_width_digits_and_spaces_are_the_same_code(
    clock: Clock, officer: User, enrol: Enrol
) -> None:
    enrol(officer)
    code = code_of(officer, clock.now)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    client = half_open(officer)
    give_code(client, f" {wide[:3]} {wide[3:]}")
    assert is_in(client)


def test_wrong_codes_slow_down_and_then_close_the_door(
    clock: Clock, officer: User, enrol: Enrol
) -> None:
    enrol(officer)
    client = half_open(officer)
    give_code(client, "000000")
    # At once after a wrong one, even the right one waits.
    give_code(client, code_of(officer, clock.now))
    assert not is_in(client)
    for _ in range(3):
        clock.forward(minutes=1)
        give_code(client, "000000")
    clock.forward(minutes=1)
    assert give_code(client, code_of(officer, clock.now)).status_code == 302
    assert client.get(reverse("sign-in-code")).status_code == 302
    assert not is_in(client)


def test_the_refusal_says_how_long_to_wait_and_what_to_do(
    clock: Clock, officer: User, enrol: Enrol
) -> None:
    codes = enrol(officer)
    client = half_open(officer)

    def told(code: str) -> str:
        return give_code(client, code).content.decode()

    assert "验证码不对，或者已经用过。请等手机上换出下一组数字，等1秒再输。" in told("000000")
    # Not looked at, and so not spent.
    assert "这一次没有核对，恢复码没有用掉。请等1秒再输。" in told(codes[0])
    clock.forward(seconds=1)
    page = told("aaaa-aaaa-aaaa-aaaa")
    assert "恢复码不对，或者已经用过。请等2秒再输；每个只能用一次" in page
    assert "这一次没有核对。请等2秒再输。" in told(code_of(officer, clock.now))
    clock.forward(seconds=2)
    give_code(client, codes[0])
    assert is_in(client)


def test_the_half_open_door_closes_after_five_minutes_and_at_a_new_password(
    clock: Clock, officer: User, enrol: Enrol
) -> None:
    enrol(officer)
    slow, overtaken = half_open(officer), half_open(officer)
    clock.forward(minutes=6)
    give_code(slow, code_of(officer, clock.now))
    assert not is_in(slow)
    overtaken = half_open(officer)
    issue_one_time_password(officer, clock.now)
    give_code(overtaken, code_of(officer, clock.now))
    assert not is_in(overtaken)


def test_a_recovery_code_works_once_and_only_its_digest_is_kept(
    clock: Clock, officer: User, enrol: Enrol
) -> None:
    codes = enrol(officer)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    client = half_open(officer)
    give_code(client, f" {codes[0].upper()} ")
    assert is_in(client)
    again = half_open(officer)
    give_code(again, codes[0])
    assert not is_in(again)
    clock.forward(minutes=1)
    give_code(again, codes[1].replace("-", ""))
    assert is_in(again)


def test_the_key_is_unreadable_in_the_table(
    clock: Clock, officer: User, enrol: Enrol, settings
) -> None:
    enrol(officer)
    app = Authenticator.objects.get(user=officer)
    key = app.bin_key
    assert len(key) == second_factor.KEY_BYTES
    assert app.key == ""
    (stored,) = AuthenticatorKey.objects.values_list("key", flat=True)
    assert stored.startswith("aes256gcm.")
    assert key.hex() not in stored
    # Sessions are signed with another secret; authenticators have nothing to do with it.
    settings.SECRET_KEY = "another"
    assert app.bin_key == key


def test_the_key_is_carried_to_a_new_one(
    clock: Clock, officer: User, enrol: Enrol, settings
) -> None:
    enrol(officer)
    app = Authenticator.objects.get(user=officer)
    key = app.bin_key
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = ["new:" + "b2" * 32, *old]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert app.bin_key == key
    settings.FIELD_KEYS = old
    with pytest.raises(UnknownKey):
        app.bin_key  # noqa: B018


@pytest.mark.parametrize("lost", ["the key", "its person"])
def test_a_key_that_does_not_open_is_a_wrong_code(
    clock: Clock, officer: User, enrol: Enrol, small: SmallCounty, settings, lost: str
) -> None:
    """No error page, and the recovery codes still work."""
    codes = enrol(officer)
    right = code_of(officer, clock.now)
    if lost == "the key":
        settings.FIELD_KEYS = ["new:" + "b2" * 32]
    else:
        AuthenticatorKey.objects.update(user=small.officer())
    client = half_open(officer)
    give_code(client, right)
    assert not is_in(client)
    clock.forward(minutes=1)
    give_code(client, codes[0])
    assert is_in(client)


def test_a_key_of_another_person_opens_nothing(
    clock: Clock, officer: User, enrol: Enrol, small: SmallCounty
) -> None:
    """Somebody with SQL puts their own app's key in the place of another's."""
    attacker = small.officer()
    enrol(officer)
    enrol(attacker)
    theirs = Authenticator.objects.get(user=attacker)
    (sealed,) = AuthenticatorKey.objects.filter(user=attacker).values_list("key", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_authenticatorkey SET key = %s WHERE user_id = %s",
            [sealed, officer.pk],
        )
    with pytest.raises(NotDecrypted):
        Authenticator.objects.get(user=officer).bin_key  # noqa: B018
    Authenticator.objects.filter(pk=theirs.pk).update(user=officer)
    with pytest.raises(NotDecrypted):
        Authenticator.objects.get(pk=theirs.pk).bin_key  # noqa: B018


def test_enrolling_through_the_page(clock: Clock, officer: User) -> None:
    client = Client()
    sign_in(client, officer)
    other = Client()
    sign_in(other, officer)
    page = client.get(reverse("second-factor"))
    # What the code says is read back from the picture's own address: the key of this person.
    picture = re.search(r'<img src="data:image/svg\+xml[^"]*"', page.content.decode())
    assert picture is not None
    key = Authenticator.objects.get(user=officer).key
    assert client.post(reverse("second-factor"), {"otp": "000000"}).status_code == 422
    officer.refresh_from_db()
    assert officer.second_factor_at is None
    # A wrong code did not change the key that was just scanned.
    assert Authenticator.objects.get(user=officer).key == key
    clock.forward(seconds=2)
    before = client.session.session_key
    done = client.post(reverse("second-factor"), {"otp": code_of(officer, clock.now)})
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", done.content.decode())
    assert len(codes) == second_factor.RECOVERY_CODES
    officer.refresh_from_db()
    assert officer.second_factor_at == clock.now
    assert client.session.session_key != before
    assert is_in(client)
    assert not is_in(other)


def test_a_role_that_needs_it_gets_nowhere_before(clock: Clock, officer: User, settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["bureau_officer"]
    client = Client()
    assert sign_in(client, officer)["Location"] == reverse("second-factor")
    assert client.get(reverse("dashboard"))["Location"] == reverse("second-factor")
    by_htmx = client.get(reverse("dashboard"), HTTP_HX_REQUEST="true")
    assert (by_htmx.status_code, by_htmx["HX-Redirect"]) == (204, reverse("second-factor"))
    client.get(reverse("second-factor"))
    client.post(reverse("second-factor"), {"otp": code_of(officer, clock.now)})
    assert client.get(reverse("dashboard")).status_code == 200
    # And it cannot be switched off.
    client.post(reverse("second-factor-off"))
    officer.refresh_from_db()
    assert officer.second_factor_at is not None
    settings.SECOND_FACTOR_ROLES = []
    client.post(reverse("second-factor-off"))
    officer.refresh_from_db()
    assert officer.second_factor_at is None


def test_the_roles_of_production() -> None:
    """Without DEMO and without the variable: the three administrators and the bureau."""
    assert set(live_settings.PRIVILEGED_ROLES) == {
        *("system_administrator", "security_administrator", "audit_administrator"),
        *("bureau_officer", "bureau_leader"),
    }


def test_a_reset_is_recorded_and_bypasses_nobody_elses_factor(
    clock: Clock, small: SmallCounty, officer: User, enrol: Enrol, settings
) -> None:
    settings.SECOND_FACTOR_ROLES = ["bureau_officer"]
    colleague = with_password(small.officer())
    for person in (officer, colleague):
        enrol(person)
    client = half_open(officer)
    give_code(client, code_of(officer, clock.now))
    administrator = acting(small.officer(role="security_administrator"))
    second_factor.reset_second_factor(
        user=officer, by=administrator, reason="手机遗失，当面核实", now=clock.now
    )
    assert not is_in(client)
    # The colleague is still asked, the person must enrol anew before anything else.
    assert sign_in(Client(), colleague)["Location"] == reverse("sign-in-code")
    again = Client()
    assert sign_in(again, officer)["Location"] == reverse("second-factor")
    assert not is_in(again)
    record = AccessRecord.objects.get(action="second_factor", reason__contains="重置")
    assert (record.user, record.object_id) == (administrator, str(officer.pk))


def opened(client: Client, world: World) -> set[str]:
    """The routes that answer with more than a way to the door, by any method."""
    open_routes = set()
    for case in BY_ROUTE.values():
        url = reverse(case.route, args=case.args(world))
        for method in ("get", "post", "put", "patch", "delete", "head", "options"):
            response = getattr(client, method)(url)
            to_the_door = response.status_code == 302 and response["Location"].split("?")[0] in (
                reverse("login"),
                reverse("sign-in-code"),
                reverse("change-password"),
                reverse("second-factor"),
            )
            if not to_the_door and response.status_code != 405:
                open_routes.add(case.route)
    return open_routes


PUBLIC = {
    "login",
    "health",
    "csp-report",
    "public-staff",
    "public-fees",
    "public-county-fees",
    "public-counties",
    "public-publications",
    # A key opens them, whoever is signed in.
    "api-document",
    "api-indicators",
    "api-regions",
    "api-figures",
    "api-parts",
    "api-publications",
    "api-publication",
}


def test_half_signed_in_opens_nothing_on_any_route_by_any_method(
    clock: Clock, small: SmallCounty, enrol: Enrol
) -> None:
    assert sorted(routes()) == sorted(BY_ROUTE)
    world = World(small)
    user = with_password(world.people["bureau_officer"])
    enrol(user)
    client = half_open(user)
    # Its own page asks for the code; the public ones are public.
    assert opened(client, world) <= PUBLIC | {"sign-in-code"}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("pending", ["change-password", "second-factor"])
def test_a_pending_duty_opens_nothing_but_its_own_page(
    clock: Clock, small: SmallCounty, settings, pending: str
) -> None:
    world = World(small)
    user = with_password(world.people["bureau_officer"])
    password = PASSWORD
    if pending == "second-factor":
        settings.SECOND_FACTOR_ROLES = ["bureau_officer"]
    else:
        password = issue_one_time_password(user, clock.now)
    client = Client()
    assert sign_in(client, user, password)["Location"] == reverse(pending)
    seen = set()
    for case in BY_ROUTE.values():
        if case.route == "logout":
            continue
        url = reverse(case.route, args=case.args(world))
        for method in ("get", "post", "put", "delete", "head"):
            response = getattr(client, method)(url)
            duty = response.status_code == 302 and response["Location"] == reverse(pending)
            if not duty and response.status_code != 405:
                seen.add(case.route)
    may_open = {*PUBLIC, pending, "session-state", "sign-in-code"}
    if pending == "second-factor":
        may_open.add("authenticate-again")  # Whoever is slow to scan proves who they are again.
        clock.forward(minutes=11)
        asked = client.get(reverse("second-factor"))["Location"]
        assert client.get(asked).status_code == 200
    assert seen <= may_open
    user.refresh_from_db()
    assert user.second_factor_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_with_the_same_code_one_gets_in(clock: Clock, enrol: Enrol) -> None:
    user = with_password(SmallCounty().officer())
    enrol(user)
    code = code_of(user, clock.now)

    def attempt(_: int) -> bool:
        try:
            return second_factor.verify(user=User.objects.get(pk=user.pk), code=code, now=clock.now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
