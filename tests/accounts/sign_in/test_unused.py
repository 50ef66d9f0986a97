"""Accounts nobody uses are suspended; those in use, and invitations, are not."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.test import Client

from accounts.models import AccessRecord, User
from accounts.sign_in.initial import issue_one_time_password
from tests.accounts.sign_in.conftest import Clock, is_in, sign_in, with_password
from tests.small_county import NOW, SmallCounty


def test_after_ninety_days_without_a_sign_in(clock: Clock, small: SmallCounty) -> None:
    unused, used, invited, silent = (small.officer(role="inspector") for _ in range(4))
    for user in (unused, used):
        with_password(user)
    silent.set_unusable_password()
    silent.save()
    User.objects.update(created_at=NOW)
    sign_in(Client(), unused)
    clock.forward(days=89)
    call_command("suspend_unused_accounts", stdout=StringIO())
    assert User.objects.filter(is_active=True).count() == 4
    client = Client()
    sign_in(client, used)
    issue_one_time_password(invited, clock.now)
    clock.forward(days=1)
    output = StringIO()
    call_command("suspend_unused_accounts", "--list", stdout=output)
    assert output.getvalue() == f"{unused.username}\n共1个账号。\n"
    assert User.objects.filter(is_active=True).count() == 4
    call_command("suspend_unused_accounts", stdout=StringIO())
    assert [user.pk for user in User.objects.filter(is_active=False)] == [unused.pk]
    sign_in(client, unused)
    assert not is_in(client)
    assert AccessRecord.objects.filter(reason__contains="90天").get().object_id == str(unused.pk)
    call_command("suspend_unused_accounts", stdout=StringIO())
    assert AccessRecord.objects.filter(reason__contains="90天").count() == 1
