"""Files that are kept though the rest of their form was refused: the form carries a signed mark on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing

from accounts.models import User

SALT = "carried-file"


@dataclass(frozen=True)
class Carried:
    """A file that is kept already, and what it is called."""

    file_id: int
    name: str


def token_of(file: Carried, by: User) -> str:
    """What the form carries on, for the same person alone."""
    return signing.dumps([file.file_id, file.name, by.pk], salt=SALT)


def carried(tokens: Sequence[str], by: User) -> list[Carried]:
    """Those of the person that were carried on; what was tampered with is none."""
    found = []
    for token in tokens:
        try:
            file_id, name, user = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if user == by.pk:
            found.append(Carried(file_id, name))
    return found
