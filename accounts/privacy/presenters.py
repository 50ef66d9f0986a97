"""How a number is shown: masked, and a damaged one breaks no page."""

from __future__ import annotations

import logging

from django.db.models import Model

from accounts.models import User
from accounts.privacy.cipher import NotDecrypted
from accounts.privacy.keys import UnknownKey
from accounts.privacy.rules import mask_id, mask_phone

logger = logging.getLogger(__name__)

UNREADABLE = "无法读取"


def readable_phone(user: User) -> str | None:
    """The whole number, "" for none; None, and a line in the log, for one that does not open."""
    try:
        return str(user.phone)
    except (NotDecrypted, UnknownKey) as error:
        # Without the trace: its frames hold the ciphertext.
        logger.error(
            "The phone number of user %s cannot be read: %s", user.pk, type(error).__name__
        )
        return None


def shown_phone(user: User) -> str:
    """For pages: 138****1234, "" for none, words for one that cannot be read."""
    phone = readable_phone(user)
    return UNREADABLE if phone is None else mask_phone(phone)


def shown_identity(row: Model, field: str) -> str:
    """For pages: the number of an identity paper, masked; words for one that cannot be read."""
    try:
        return mask_id(str(getattr(row, field)))
    except (NotDecrypted, UnknownKey) as error:
        # Without the trace: its frames hold the ciphertext.
        logger.error(
            "%s of %s %s cannot be read: %s",
            field, row._meta.label, row.pk, type(error).__name__,
        )  # fmt: skip
        return UNREADABLE
