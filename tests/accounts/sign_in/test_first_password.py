"""One-time passwords, expired passwords, and default passwords that must not exist."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.demo_logins import DEMO_PASSWORD
from accounts.models import AccessRecord, AccountEvent, PastPassword, User
from accounts.sign_in.initial import issue_one_time_password
from accounts.sign_in.known_passwords import scan
from accounts.sign_in.passwords import change_password
from tests.accounts.sign_in.conftest import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    is_in,
    sign_in,
    with_password,
)
from tests.small_county import SmallCounty

TWO_PEOPLE = ("--operator", "示例运维甲", "--witness", "示例见证乙")


def test_a_one_time_password_opens_only_the_page_to_choose_ones_own(
    clock: Clock, officer: User
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, officer)
    password = issue_one_time_password(officer, clock.now)
    assert not is_in(elsewhere)
    client = Client()
    sign_in(client, officer)
    assert not is_in(client)  # The former one is no more.
    assert sign_in(client, officer, password)["Location"] == reverse("change-password")
    page = client.get(reverse("change-password")).content.decode()
    assert "一次性密码" in page
    assert "现在的密码" not in page
    weak = {"chosen": "123456789012", "repeated": "123456789012"}
    assert client.post(reverse("change-password"), weak).status_code == 422
    same = {"chosen": password, "repeated": password}
    assert client.post(reverse("change-password"), same).status_code == 422
    assert not is_in(client)
    own = {"chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert client.post(reverse("change-password"), own)["Location"] == reverse("home")
    assert is_in(client)
    officer.refresh_from_db()
    assert not officer.must_change_password
    # The one that was handed on is kept apart from the person's own earlier one.
    kept = PastPassword.objects.filter(user=officer).values_list("was_one_time", flat=True)
    assert sorted(kept) == [False, True]
    late = Client()
    sign_in(late, officer, password)
    assert not is_in(late)


def test_a_one_time_password_is_never_ones_own(clock: Clock, officer: User) -> None:
    """Not after a change in between, not after as many as the history of one's own is long."""
    first = issue_one_time_password(officer, clock.now)
    second = issue_one_time_password(officer, clock.now)
    for number in range(8):
        change_password(
            user=officer,
            password=f"青松 窗外 落雨 {'甲乙丙丁戊己庚辛'[number]} Qx7!",
            now=clock.now,
        )
        for issued in (first, second):
            with pytest.raises(ValidationError, match="一次性密码"):
                change_password(user=officer, password=issued, now=clock.now)
    # One-time ones take no place of the person's own in the history.
    kept = officer.past_passwords.values_list("was_one_time", flat=True)
    assert (list(kept).count(False), list(kept).count(True)) == (5, 2)


def test_a_one_time_password_lasts_72_hours(clock: Clock, officer: User) -> None:
    password = issue_one_time_password(officer, clock.now)
    clock.forward(hours=71, minutes=59)
    client = Client()
    assert sign_in(client, officer, password).status_code == 302
    client.post(reverse("logout"))
    clock.forward(minutes=1)
    assert sign_in(client, officer, password).status_code == 200


def test_one_time_passwords_do_not_repeat(clock: Clock, officer: User) -> None:
    issued = {issue_one_time_password(officer, clock.now) for _ in range(5)}
    assert len(issued) == 5
    assert all(len(password.replace("-", "")) == 20 for password in issued)


@pytest.mark.parametrize(
    ("role", "profile", "days"),
    [
        ("bureau_officer", "dengbao", 90),
        ("security_administrator", "dengbao", 90),
        ("inspector", "dengbao", 180),
        ("bureau_officer", "asvs", None),
    ],
)
def test_a_password_ages_by_role_and_profile(
    clock: Clock, small: SmallCounty, settings, role: str, profile: str, days: int | None
) -> None:
    settings.PASSWORD_PROFILE = profile
    user = with_password(small.officer(role=role))
    client = Client()
    clock.forward(days=(days or 1000) - 1, hours=23, minutes=50)
    sign_in(client, user)
    assert is_in(client)
    clock.forward(minutes=10)
    # It expires in the middle of a session as well.
    response = client.get(reverse("account-security"))
    expected = None if days is None else reverse("change-password")
    assert response.headers.get("Location") == expected
    newcomer = Client()
    response = sign_in(newcomer, user)
    expected = reverse("home") if days is None else reverse("change-password")
    assert response["Location"] == expected
    if days is not None:
        wrong = {"present": "no", "chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
        assert newcomer.post(reverse("change-password"), wrong).status_code == 422
        unlike = {"present": PASSWORD, "chosen": OTHER_PASSWORD, "repeated": PASSWORD}
        assert newcomer.post(reverse("change-password"), unlike).status_code == 422
        right = {"present": PASSWORD, "chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
        newcomer.post(reverse("change-password"), right)
        assert is_in(newcomer)


def test_the_demonstration_password_does_not_age(clock: Clock, officer: User, settings) -> None:
    settings.DEMO = True
    clock.forward(days=400)
    client = Client()
    sign_in(client, officer)
    assert is_in(client)


def test_the_new_password_says_nothing_about_the_present_one(clock: Clock, officer: User) -> None:
    """The policy refuses the present password as a new one; a wrong proof must not hear that."""
    client = Client()
    sign_in(client, officer)
    pages = [
        client.post(
            reverse("change-password"), {"present": "guess", "chosen": chosen, "repeated": chosen}
        )
        for chosen in (PASSWORD, OTHER_PASSWORD, "short")
    ]
    errors = [(p.status_code, p.context["form"].errors.get_json_data()) for p in pages]
    assert errors[0] == errors[1] == errors[2]
    assert list(pages[0].context["form"].errors) == ["present"]
    assert AccessRecord.objects.filter(action="change_password", outcome="refused").count() == 3
    # Whoever shows the present one hears what is wrong with the new one.
    answer = client.post(
        reverse("change-password"), {"present": PASSWORD, "chosen": PASSWORD, "repeated": PASSWORD}
    )
    assert list(answer.context["form"].errors) == ["chosen"]


def test_guessing_the_present_password_on_the_page_locks_too(clock: Clock, officer: User) -> None:
    client = Client()
    sign_in(client, officer)
    for _ in range(5):
        client.post(
            reverse("change-password"),
            {"present": "guess", "chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD},
            REMOTE_ADDR="192.0.2.7",
        )
    client.post(
        reverse("change-password"),
        {"present": PASSWORD, "chosen": OTHER_PASSWORD, "repeated": OTHER_PASSWORD},
        REMOTE_ADDR="192.0.2.7",
    )
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


@pytest.mark.parametrize(
    "known", ["123456", "P@ssw0rd", "Aa123456", DEMO_PASSWORD, "{name}", "{name}123456"]
)
def test_the_scan_finds_passwords_that_everybody_knows(
    clock: Clock, officer: User, known: str
) -> None:
    with connection.cursor() as cursor:
        # Outside a test no transaction waits for the hashing.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    call_command("check_passwords", stdout=StringIO())
    # Past every service, as an import or SQL would.
    officer.set_password(known.format(name=officer.username))
    officer.save()
    output = StringIO()
    with pytest.raises(CommandError, match="1个账号"):
        call_command("check_passwords", stdout=output)
    assert officer.username in output.getvalue()
    assert known not in output.getvalue()
    User.objects.filter(pk=officer.pk).update(is_active=False)
    call_command("check_passwords", stdout=StringIO())


def test_the_scan_finds_an_account_without_any_password(clock: Clock, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(password="")
    assert [finding.username for finding in scan()] == [officer.username]
    client = Client()
    sign_in(client, officer, "")
    assert not is_in(client)


def test_the_demonstration_passes_the_scan_only_as_a_demonstration(
    clock: Clock, officer: User, settings
) -> None:
    officer.set_password(DEMO_PASSWORD)
    officer.save()
    settings.DEMO = True
    assert list(scan()) == []
    settings.DEMO = False
    assert [finding.what for finding in scan()] == ["用的是演示密码"]


def test_an_account_made_by_an_operator_must_change_its_password(
    clock: Clock, small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)
    call_command(
        *("create_account", "liu", "刘示范", "bureau_officer", "甲县教育局", small.county.code),
        *TWO_PEOPLE,
        stdout=StringIO(),
    )
    client = Client()
    assert sign_in(client, "liu")["Location"] == reverse("change-password")
    monkeypatch.setenv("ACCOUNT_PASSWORD", "Tor-刘示范-Garten-9xyz")
    with pytest.raises(CommandError, match="不要包含"):
        call_command(
            *("create_account", "wu", "刘示范", "bureau_officer", "甲县教育局", small.county.code),
            *TWO_PEOPLE,
        )
    assert not User.objects.filter(username="wu").exists()


def test_an_operator_issues_a_one_time_password(clock: Clock, officer: User) -> None:
    output = StringIO()
    two = ("--operator", "示例运维甲", "--witness", "示例见证乙", "--reason", "本人忘了")
    for names in (
        ("--operator", "示例见证乙"),
        ("--operator", officer.full_name),
        ("--reason", " "),
    ):
        with pytest.raises(CommandError, match="不同的人|要写明"):  # noqa: RUF043
            call_command("one_time_password", officer.username, *two, *names)
    assert not AccountEvent.objects.filter(account=officer).exists()
    call_command("one_time_password", officer.username, *two, stdout=output, stderr=StringIO())
    event = AccountEvent.objects.get(account=officer)
    assert (event.action, event.done_by) == ("one_time_password", None)
    assert event.reason == "在服务器上发放：操作人示例运维甲，见证人示例见证乙。本人忘了"
    client = Client()
    response = sign_in(client, officer, output.getvalue().strip())
    assert response["Location"] == reverse("change-password")
    with pytest.raises(CommandError, match="nobody"):
        call_command("one_time_password", "nobody", *two)
