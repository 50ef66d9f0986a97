"""Identifiers at rest: unreadable, unalterable, found by their digest, carried to a new key."""

from __future__ import annotations

import base64
import importlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.history.chain import What, verify
from accounts.models import Authenticator, AuthenticatorKey, User
from accounts.privacy import cipher, keys, services
from accounts.privacy.presenters import UNREADABLE, shown_phone
from tests.accounts.history.conftest import tamper
from tests.acting_role import as_owner
from tests.small_county import SmallCounty

__all__ = ["tamper"]

OLD = "old:" + "a1" * 32
NEW = "new:" + "b2" * 32
COLUMN = "accounts.user.phone"
CANARY = "13987654321"


@pytest.fixture(params=["aes256gcm", "sm4gcm"])
def algorithm(request: pytest.FixtureRequest, settings) -> str:
    settings.FIELD_CIPHER = request.param
    return request.param


def in_the_database(user: User, column: str = "phone") -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_index FROM accounts_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[("phone", "phone_index").index(column)]


def test_there_and_back(algorithm: str) -> None:
    sealed = cipher.encrypt(CANARY, COLUMN, 7)
    assert sealed.startswith(f"{algorithm}.tests.")
    assert CANARY not in sealed
    assert cipher.decrypt(sealed, COLUMN, 7) == CANARY
    # Two of one text differ, so equal numbers cannot be seen in a dump.
    assert cipher.encrypt(CANARY, COLUMN, 7) != sealed


def test_any_change_is_noticed(algorithm: str) -> None:
    sealed = cipher.encrypt(CANARY, COLUMN, 7)
    name, key, bound, packed = sealed.split(".")
    raw = bytearray(base64.b64decode(packed))
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1
        with pytest.raises(cipher.NotDecrypted):
            cipher.decrypt(f"{name}.{key}.{bound}.{base64.b64encode(altered).decode()}", COLUMN, 7)
    for wrong in (packed[:20], "", "!", packed + "AAAA"):
        with pytest.raises(cipher.NotDecrypted):
            cipher.decrypt(f"{name}.{key}.{bound}.{wrong}", COLUMN, 7)


def test_a_value_opens_in_its_own_column_only(algorithm: str) -> None:
    with pytest.raises(cipher.NotDecrypted):
        cipher.decrypt(cipher.encrypt(CANARY, COLUMN, 7), "accounts.user.other", 7)
    with pytest.raises(cipher.NotDecrypted):
        cipher.decrypt(CANARY, COLUMN, 7)


def test_a_value_opens_in_its_own_row_only(algorithm: str, small: SmallCounty) -> None:
    with pytest.raises(cipher.NotDecrypted):
        cipher.decrypt(cipher.encrypt(CANARY, COLUMN, 7), COLUMN, 8)
    one, other = small.officer(), small.officer()
    services.set_phone(user=one, phone=CANARY)
    services.set_phone(user=other, phone="13800001234")
    swap(one, other)
    for user in (one, other):
        with pytest.raises(cipher.NotDecrypted):
            User.objects.get(pk=user.pk).phone  # noqa: B018
        assert shown_phone(User.objects.get(pk=user.pk)) == UNREADABLE


def swap(one: User, other: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user u SET phone = o.phone, phone_index = o.phone_index"
            " FROM accounts_user o WHERE (u.id, o.id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))",
            {"a": one.pk, "b": other.pk},
        )


def unbound(text: str) -> str:
    """As values were encrypted before rows were bound in."""
    algorithm, key, nonce = cipher.chosen(), keys.current_key(), bytes(cipher.NONCE)
    engine = algorithm.cipher(key, nonce, None).encryptor()
    engine.authenticate_additional_data(f"{algorithm.name}.{key.name}.{COLUMN}".encode())
    sealed = nonce + engine.update(text.encode()) + engine.finalize() + engine.tag
    return f"{algorithm.name}.{key.name}.{base64.b64encode(sealed).decode()}"


def test_a_value_of_before_opens_nowhere_not_even_to_be_encrypted_anew(
    algorithm: str, small: SmallCounty
) -> None:
    user = small.officer()
    old = unbound(CANARY)
    name, key, packed = old.split(".")
    for stored in (old, f"{name}.{key}.r.{packed}"):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET phone = %s WHERE id = %s", [stored, user.pk])
        with pytest.raises(cipher.NotDecrypted):
            User.objects.get(pk=user.pk).phone  # noqa: B018
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = %s WHERE id = %s", [old, user.pk])
    with pytest.raises(CommandError):
        call_command("rotate_field_keys")
    assert in_the_database(user) == old


def test_a_number_is_set_on_a_row_that_is_there(small: SmallCounty) -> None:
    with pytest.raises(FieldError, match="bound to its row"):
        User.objects.create(username="x", full_name="示例", phone=CANARY)
    with pytest.raises(FieldError, match="bound to its row"):
        User.objects.update(phone=CANARY)


def test_saving_anew_what_was_not_changed_leaves_no_event(small: SmallCounty) -> None:
    user = small.officer()
    services.set_phone(user=user, phone=CANARY)
    before = user.changes.count()
    User.objects.get(pk=user.pk).save()
    assert user.changes.count() == before


def test_the_upgrade_binds_numbers_moves_keys_and_begins_fingerprints(
    small: SmallCounty, settings, tamper
) -> None:
    """As the migration finds a database of before: run on one that is made to look like it."""
    upgrade = importlib.import_module("accounts.migrations.0013_bind_secrets")
    user, lost = small.officer(), small.officer()
    app = Authenticator.objects.create(user=user, name="验证器", confirmed=True, key="")
    settings.FIELD_KEYS = [OLD]
    gone = unbound("13800001234")
    settings.FIELD_KEYS = [NEW]
    tamper("UPDATE accounts_user SET phone = %s WHERE id = %s", unbound(CANARY), user.pk)
    tamper("UPDATE accounts_user SET phone = %s WHERE id = %s", gone, lost.pk)
    settings.SECRET_KEY_FALLBACKS = ["earlier"]
    key = bytes(range(20))
    tamper("UPDATE otp_totp_totpdevice SET key = %s WHERE id = %s", former(key, "earlier"), app.pk)
    tamper("UPDATE accounts_userchange SET pgh_secrets = NULL")
    with as_owner(), connection.schema_editor() as editor:
        upgrade.forwards(apps, editor)
    assert User.objects.get(pk=user.pk).phone == CANARY
    assert in_the_database(lost) == gone
    app.refresh_from_db()
    assert (app.key, app.bin_key) == ("", key)
    for model in (User, AuthenticatorKey):
        for row in model._default_manager.all():
            assert row.changes.latest("pgh_id").pgh_secrets
    assert [f for f in verify().findings if f.what == What.LIVE] == []
    again = User.changes.rel.related_model.objects.count()
    with as_owner(), connection.schema_editor() as editor:
        upgrade.forwards(apps, editor)
    assert User.changes.rel.related_model.objects.count() == again


def former(key: bytes, secret: str) -> str:
    """How the portal once encrypted the key of an authenticator."""
    derived = HKDF(SHA256(), 32, None, b"accounts.sign_in.authenticator").derive(secret.encode())
    nonce = bytes(12)
    return "a1:" + base64.b64encode(nonce + AESGCM(derived).encrypt(nonce, key, b"a1:")).decode()


def test_a_value_of_one_algorithm_opens_while_the_other_is_chosen(settings) -> None:
    sealed = cipher.encrypt(CANARY, COLUMN, 7)
    settings.FIELD_CIPHER = "sm4gcm"
    assert cipher.decrypt(sealed, COLUMN, 7) == CANARY


def test_a_key_that_is_gone_is_named(settings) -> None:
    settings.FIELD_KEYS = [OLD]
    sealed = cipher.encrypt(CANARY, COLUMN, 7)
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(keys.UnknownKey, match="old"):
        cipher.decrypt(sealed, COLUMN, 7)


@pytest.mark.parametrize(
    "entries", [[], ["short:ab"], ["A:" + "a" * 64], ["a" * 64], [OLD, OLD], ["k:" + "g" * 64]]
)
def test_without_good_keys_the_portal_does_not_go_live(settings, entries: list[str]) -> None:
    settings.FIELD_KEYS = entries
    with pytest.raises(ImproperlyConfigured) as said:
        cipher.encrypt(CANARY, COLUMN, 7)
    assert "a1a1" not in str(said.value)
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert "portal.E010" in {message.id for message in found}
    settings.FIELD_KEYS = [NEW]
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert "portal.E010" not in {message.id for message in found}


def test_the_column_holds_no_number(algorithm: str, small: SmallCounty) -> None:
    user = small.officer()
    services.set_phone(user=user, phone=f"+86 {CANARY[:3]}-{CANARY[3:7]}-{CANARY[7:]}")
    for column in ("phone", "phone_index"):
        stored = in_the_database(user, column)
        assert stored
        assert CANARY not in stored
        assert CANARY[3:7] + CANARY[7:] not in stored
    read = User.objects.get(pk=user.pk)
    assert read.phone == CANARY
    # Loaded, it is still sealed: a dump of variables shows nothing.
    assert CANARY not in repr(vars(read))
    assert CANARY not in repr(User.objects.values_list("phone", flat=True))


def test_people_are_found_by_their_number(algorithm: str, small: SmallCounty) -> None:
    user, other = small.officer(), small.officer()
    services.set_phone(user=user, phone=CANARY)
    services.set_phone(user=other, phone="13800001234")
    digests = User._meta.get_field("phone_index").digests(CANARY)
    assert list(User.objects.filter(phone_index__in=digests)) == [user]
    with pytest.raises(FieldError, match="encrypted"):
        User.objects.filter(phone=CANARY).exists()
    services.set_phone(user=user, phone="")
    assert in_the_database(user) == in_the_database(user, "phone_index") == ""


def test_other_saves_leave_the_number_alone(small: SmallCounty) -> None:
    user = small.officer()
    services.set_phone(user=user, phone=CANARY)
    before = in_the_database(user)
    read = User.objects.get(pk=user.pk)
    read.full_name = "新名"
    read.save(update_fields=["full_name"])
    assert in_the_database(user) == before
    read.save()
    assert User.objects.get(pk=user.pk).phone == CANARY


def test_a_lost_key_breaks_no_page_that_does_not_show_the_number(
    small: SmallCounty, settings, client
) -> None:
    user = small.officer()
    services.set_phone(user=user, phone=CANARY)
    settings.FIELD_KEYS = [NEW]
    client.force_login(user)
    assert client.get("/reviews/").status_code == 200


def test_keys_are_changed_while_people_work(small: SmallCounty, settings, capsys) -> None:
    settings.FIELD_KEYS = [OLD]
    people = [small.officer() for _ in range(7)]
    for number, user in enumerate(people):
        services.set_phone(user=user, phone=f"1390000{number:04d}")
    settings.FIELD_KEYS = [NEW, OLD]
    # Between the two: old values open and are found, new ones use the new key.
    digests = User._meta.get_field("phone_index").digests("13900000003")
    assert list(User.objects.filter(phone_index__in=digests)) == [people[3]]
    services.set_phone(user=people[0], phone="13911110000")
    assert in_the_database(people[0]).startswith("aes256gcm.new.")
    call_command("rotate_field_keys", batch=2)
    assert "accounts.user.phone：重新加密6行，剩0行" in capsys.readouterr().out
    settings.FIELD_KEYS = [NEW]
    for number, user in enumerate(people[1:], start=1):
        assert User.objects.get(pk=user.pk).phone == f"1390000{number:04d}"
        digests = User._meta.get_field("phone_index").digests(f"1390000{number:04d}")
        assert list(User.objects.filter(phone_index__in=digests)) == [user]
    call_command("rotate_field_keys")
    assert "重新加密0行" in capsys.readouterr().out
    settings.FIELD_CIPHER = "sm4gcm"
    call_command("rotate_field_keys")
    assert in_the_database(people[2]).startswith("sm4gcm.new.")
    assert User.objects.get(pk=people[2].pk).phone == "13900000002"


def test_rotation_without_the_old_key_stops_and_says_so(small: SmallCounty, settings) -> None:
    settings.FIELD_KEYS = [OLD]
    services.set_phone(user=small.officer(), phone=CANARY)
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match=r"没有做完.*old"):
        call_command("rotate_field_keys")
