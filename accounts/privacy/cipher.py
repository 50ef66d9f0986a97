"""Encrypting one value so that a change, a swap of columns or rows or a wrong key is noticed.

A ciphertext says how it was made: ``algorithm.key.r.base64(nonce + ciphertext + tag)``. Bound into
it are the column and the row's key, so that it opens nowhere else. AES-256-GCM
is the default; SM4-GCM (GB/T 32907) is chosen with the setting FIELD_CIPHER where GM/T 39786 wants
national algorithms. Look-up goes over a keyed digest (HMAC) of SHA-256 or SM3 to match.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.privacy.keys import FieldKey, all_keys, current_key, key_named

NONCE, TAG = 12, 16
# Says that the row is bound in; a value without it opens nowhere.
BOUND = "r"


class NotDecrypted(Exception):
    """The value in the database was altered, or is no ciphertext of this column."""


@dataclass(frozen=True)
class Algorithm:
    name: str
    block: type[algorithms.AES256] | type[algorithms.SM4]
    key_bytes: int
    digest: type[hashes.SHA256] | type[hashes.SM3]

    def cipher(self, key: FieldKey, nonce: bytes, tag: bytes | None) -> Cipher:
        secret = key.derive(f"field encryption {self.name}", self.key_bytes)
        return Cipher(self.block(secret), modes.GCM(nonce, tag))


ALGORITHMS = {
    "aes256gcm": Algorithm("aes256gcm", algorithms.AES256, 32, hashes.SHA256),
    "sm4gcm": Algorithm("sm4gcm", algorithms.SM4, 16, hashes.SM3),
}


def chosen() -> Algorithm:
    try:
        return ALGORITHMS[settings.FIELD_CIPHER]
    except KeyError:
        known = " or ".join(ALGORITHMS)
        raise ImproperlyConfigured(f"FIELD_CIPHER must be {known}") from None


def encrypt(text: str, column: str, row: object) -> str:
    """`column` and `row`, its key, are bound in: the value opens in no other place."""
    algorithm, key = chosen(), current_key()
    nonce = os.urandom(NONCE)
    engine = algorithm.cipher(key, nonce, None).encryptor()
    engine.authenticate_additional_data(_bound(algorithm.name, key.name, column, row))
    sealed = engine.update(text.encode()) + engine.finalize()
    packed = base64.b64encode(nonce + sealed + engine.tag).decode()
    return f"{_start(algorithm, key)}{packed}"


def decrypt(stored: str, column: str, row: object) -> str:
    """Raises NotDecrypted for an altered or moved value and UnknownKey for a key that is gone."""
    name, key_name, marker, packed = [*stored.split(".", 3), "", "", ""][:4]
    algorithm = ALGORITHMS.get(name)
    if algorithm is None or marker != BOUND:
        raise NotDecrypted(f"{column} holds a value that is not encrypted for its row")
    key = key_named(key_name)
    try:
        raw = base64.b64decode(packed, validate=True)
        nonce, sealed, tag = raw[:NONCE], raw[NONCE:-TAG], raw[-TAG:]
        engine = algorithm.cipher(key, nonce, tag).decryptor()
        engine.authenticate_additional_data(_bound(name, key_name, column, row))
        return (engine.update(sealed) + engine.finalize()).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise NotDecrypted(f"a value of {column} was altered in the database") from None


def _bound(algorithm: str, key: str, column: str, row: object) -> bytes:
    return f"{algorithm}.{key}.{column}.{BOUND}.{row}".encode()


def _start(algorithm: Algorithm, key: FieldKey) -> str:
    return f"{algorithm.name}.{key.name}.{BOUND}."


def current_start() -> str:
    """How every value begins that is encrypted as new ones are."""
    return _start(chosen(), current_key())


def digest(text: str, column: str, key: FieldKey | None = None) -> str:
    """A keyed digest for exact look-up; equal texts of one column have equal digests."""
    key = key or current_key()
    algorithm = chosen()
    secret = key.derive(f"blind index {algorithm.name} {column}", 32)
    engine = hmac.HMAC(secret, algorithm.digest())
    engine.update(text.encode())
    return f"{key.name}:{engine.finalize().hex()}"


def digests(text: str, column: str) -> list[str]:
    """What the text may be digested to now, with each key: look-up works during a rotation."""
    return [digest(text, column, key) for key in all_keys()]
