"""Carries secrets of before over: ciphertexts bound to their row, keys of authenticators of their own.

Numbers of mobiles were encrypted for their column only, and keys of authenticator apps with a key
made from SECRET_KEY. A value that does not open (its key is gone) is left as it is; pages say so,
as before, and its owner enters it anew. Then every account's history gets an event with the digest
of its secrets, against which verify_history compares.
"""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import migrations

from accounts.history.canonical import fingerprint_sql
from accounts.privacy import cipher
from accounts.privacy.keys import UnknownKey, key_named

logger = logging.getLogger(__name__)

REASON = "系统升级：密文改为只在所在的行能解开"
FORMER, NONCE = "a1:", 12


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_metadata', %s, true)",
            [json.dumps({"command": "migrate", "reason": REASON}, ensure_ascii=False)],
        )
        bind_phones(cursor)
        move_keys(cursor)
        begin_fingerprints(cursor, apps.get_model("accounts", "User"))
        cursor.execute("SELECT set_config('pghistory.context_metadata', '', true)")


def bind_phones(cursor: Any) -> None:
    column = "accounts.user.phone"
    cursor.execute("SELECT id, phone FROM accounts_user WHERE phone <> '' ORDER BY id FOR UPDATE")
    for pk, stored in cursor.fetchall():
        if stored.split(".", 3)[2:3] == [cipher.BOUND]:
            continue
        try:
            text = of_the_column_only(stored, column)
        except (InvalidTag, KeyError, ValueError, UnknownKey) as error:
            logger.error("The phone number of user %s stays unread: %s", pk, type(error).__name__)
            continue
        sealed = cipher.encrypt(text, column, pk)
        cursor.execute("UPDATE accounts_user SET phone = %s WHERE id = %s", [sealed, pk])


def of_the_column_only(stored: str, column: str) -> str:
    """A value as it was encrypted before rows were bound in; nothing else opens it any more."""
    name, key_name, packed = stored.split(".", 2)
    raw = base64.b64decode(packed, validate=True)
    tag = raw[-cipher.TAG :]
    algorithm = cipher.ALGORITHMS[name]
    engine = algorithm.cipher(key_named(key_name), raw[:NONCE], tag).decryptor()
    engine.authenticate_additional_data(f"{name}.{key_name}.{column}".encode())
    return (engine.update(raw[NONCE : -cipher.TAG]) + engine.finalize()).decode()


def move_keys(cursor: Any) -> None:
    column = "accounts.authenticatorkey.key"
    cursor.execute(
        "SELECT id, user_id, key FROM otp_totp_totpdevice WHERE key <> '' ORDER BY id FOR UPDATE"
    )
    for pk, user, stored in cursor.fetchall():
        key = former_key(stored)
        if key is None:
            logger.error("The authenticator of user %s cannot be read: bind it anew", user)
            continue
        cursor.execute(
            "INSERT INTO accounts_authenticatorkey (device_id, user_id, key) VALUES (%s, %s, %s)",
            [pk, user, cipher.encrypt(key.hex(), column, pk)],
        )
        cursor.execute("UPDATE otp_totp_totpdevice SET key = '' WHERE id = %s", [pk])


def former_key(stored: str) -> bytes | None:
    """What was encrypted with SECRET_KEY or a predecessor of it; None for anything else."""
    if not stored.startswith(FORMER):
        return None
    raw = base64.b64decode(stored.removeprefix(FORMER))
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        derivation = HKDF(
            algorithm=SHA256(), length=32, salt=None, info=b"accounts.sign_in.authenticator"
        )
        engine = AESGCM(derivation.derive(secret.encode()))
        try:
            return engine.decrypt(raw[:NONCE], raw[NONCE:], FORMER.encode())
        except InvalidTag:
            continue
    return None


def begin_fingerprints(cursor: Any, user: Any) -> None:
    """An event for each account whose newest one has no digest; its trigger seals it."""
    left_out = {"password", "phone", "phone_index", "last_login"}
    columns = [f.column for f in user._meta.concrete_fields if f.name not in left_out]
    listed = ", ".join(f'"{column}"' for column in columns)
    kept = ", ".join(f'kept."{column}"' for column in columns)
    made = fingerprint_sql("accounts_user", "id", ("password", "phone"), "kept")
    cursor.execute(
        f"INSERT INTO accounts_userchange ({listed}, pgh_created_at, pgh_label, pgh_obj_id,"  # noqa: S608 - our own columns
        f" pgh_context, pgh_secrets) SELECT {kept}, now(), 'begin', kept.id,"
        f" current_setting('pghistory.context_metadata')::jsonb, {made}"
        " FROM accounts_user kept JOIN LATERAL (SELECT e.pgh_secrets FROM accounts_userchange e"
        " WHERE e.pgh_obj_id = kept.id ORDER BY e.pgh_id DESC LIMIT 1) last"
        " ON last.pgh_secrets IS NULL ORDER BY kept.id"
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_secrets_in_history")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
