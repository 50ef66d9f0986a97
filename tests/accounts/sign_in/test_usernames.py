"""One name, one person, however it is written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User

LETTERS = "abcxyz0189-_"


def wide(letter: str) -> str:
    """The full-width form that a Chinese keyboard types."""
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    name=st.text(LETTERS, min_size=3, max_size=20),
    forms=st.lists(
        st.sampled_from([str, str.upper, wide, lambda c: wide(c.upper())]), min_size=20, max_size=20
    ),
    space=st.sampled_from(["", " ", "\u3000", "\t"]),
)
def test_every_spelling_is_the_same_name(name: str, forms: list, space: str) -> None:
    spelled = space + "".join(form(c) for form, c in zip(forms, name, strict=False)) + space
    with transaction.atomic():
        User.objects.create_user(name, full_name="甲")
        assert User.objects.get_by_natural_key(spelled).full_name == "甲"
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(spelled, full_name="乙")
        if spelled != name:
            # Nor past the manager: the database holds it.
            with pytest.raises(IntegrityError), transaction.atomic():
                User.objects.bulk_create([User(username=spelled, full_name="丙")])
        transaction.set_rollback(True)
