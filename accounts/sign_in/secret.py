"""Encrypts the keys of authenticator apps, which whoever reads a backup must not be able to use.

The key comes from SECRET_KEY (or one of its fallbacks, while it is being changed) and serves this
purpose only.
"""

from __future__ import annotations

import base64
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
    """SECRET_KEY is another one now, or the text was altered."""


def encrypt(plain: bytes) -> str:
    nonce = os.urandom(NONCE)
    sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, plain, AES_GCM.encode())
    return AES_GCM + base64.b64encode(nonce + sealed).decode()


def decrypt(text: str) -> bytes:
    """Raises Unreadable."""
    if not text.startswith(AES_GCM):
        raise Unreadable
    raw = base64.b64decode(text.removeprefix(AES_GCM))
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(secret)).decrypt(raw[:NONCE], raw[NONCE:], AES_GCM.encode())
        except InvalidTag:
            continue
    raise Unreadable


def _key(secret: str) -> bytes:
    derivation = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"accounts.sign_in.authenticator"
    )
    return derivation.derive(secret.encode())
