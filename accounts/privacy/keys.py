"""The keys of encrypted fields: from the environment, several at a time, the first one in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ENTRY = re.compile(r"^([a-z0-9]{1,16}):([0-9a-f]{64})$")
HOW_TO = "FIELD_KEYS must be NAME:64 hexadecimal digits, several separated by commas, newest first"


@dataclass(frozen=True)
class FieldKey:
    """One key. What encrypts and what digests for look-up are derived apart from each other."""

    name: str
    secret: bytes

    def derive(self, purpose: str, length: int) -> bytes:
        return _derived(self, purpose, length)

    def _derive(self, purpose: str, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt=None, info=purpose.encode()).derive(self.secret)

    def __repr__(self) -> str:
        return f"FieldKey({self.name})"


@lru_cache(maxsize=64)
def _derived(key: FieldKey, purpose: str, length: int) -> bytes:
    return key._derive(purpose, length)


def parse(entries: tuple[str, ...]) -> tuple[FieldKey, ...]:
    """Raises ImproperlyConfigured, without a word of the keys, where they are not keys."""
    keys = []
    for entry in entries:
        match = ENTRY.match(entry.strip())
        if match is None:
            raise ImproperlyConfigured(HOW_TO)
        keys.append(FieldKey(match.group(1), bytes.fromhex(match.group(2))))
    if not keys:
        raise ImproperlyConfigured(f"FIELD_KEYS is not set. {HOW_TO}")
    if len({key.name for key in keys}) != len(keys):
        raise ImproperlyConfigured("two keys in FIELD_KEYS have one name")
    return tuple(keys)


_parsed = lru_cache(maxsize=8)(parse)


def all_keys() -> tuple[FieldKey, ...]:
    """Every key of the settings; the first encrypts, the others still decrypt."""
    return _parsed(tuple(settings.FIELD_KEYS))


def current_key() -> FieldKey:
    return all_keys()[0]


def key_named(name: str) -> FieldKey:
    """Raises UnknownKey where the settings do not hold it any more."""
    for key in all_keys():
        if key.name == name:
            return key
    raise UnknownKey(f"FIELD_KEYS has no key “{name}”, which encrypted values still name")


class UnknownKey(Exception):
    """A value was encrypted with a key that is gone."""
