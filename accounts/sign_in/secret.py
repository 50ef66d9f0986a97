"""Encrypts what whoever reads a backup must not be able to use, each purpose under its own key.

The keys come from SECRET_KEY (or one of its fallbacks, while it is being changed).
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# The algorithm is written before each text, so that another one can follow.
AES_GCM = "a1:"
NONCE = 12


class Unreadable(Exception):
    """SECRET_KEY is another one now, the text was altered, or it belongs to something else."""


def encrypt(plain: bytes, *, purpose: bytes, salt: bytes | None = None, bound: bytes = b"") -> str:
    """`salt` is a second secret without which it cannot be read, `bound` what it stays tied to."""
    nonce = os.urandom(NONCE)
    key = _key(settings.SECRET_KEY, purpose, salt)
    sealed = AESGCM(key).encrypt(nonce, plain, AES_GCM.encode() + bound)
    return AES_GCM + base64.b64encode(nonce + sealed).decode()


def decrypt(text: str, *, purpose: bytes, salt: bytes | None = None, bound: bytes = b"") -> bytes:
    """Raises Unreadable."""
    if not text.startswith(AES_GCM):
        raise Unreadable
    try:
        raw = base64.b64decode(text.removeprefix(AES_GCM), validate=True)
    except binascii.Error as broken:
        raise Unreadable from broken
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = _key(secret, purpose, salt)
        try:
            return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], AES_GCM.encode() + bound)
        except (InvalidTag, ValueError):
            continue
    raise Unreadable


def _key(secret: str, purpose: bytes, salt: bytes | None) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(secret.encode())
