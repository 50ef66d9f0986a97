"""No model escapes history: each is tracked, sealed, or says why not."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.history.coverage import NOT_OURS
from accounts.history.tracking import NOT_KEPT, SEALED, TRACKED
from accounts.models import ApiToken, AuthenticatorKey, User
from accounts.privacy.fields import BlindIndexField, EncryptedTextField
from config.database.privileges import privileges_of
from staffing.models import EmploymentBan, StaffMember

EVENTS = {tracked.event for tracked in TRACKED.values()}
MODELS = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_a_history_or_a_reason(model) -> None:
    label = model._meta.label
    ways = [
        model in TRACKED,
        model in SEALED,
        model in EVENTS,
        bool(NOT_KEPT.get(model)),
        bool(NOT_OURS.get(label)),
    ]
    assert sum(ways) == 1, (
        f"{label} needs @tracked(), @sealed() or @not_kept(reason) from accounts.history.tracking"
    )


def test_reasons_are_given_for_models_that_exist() -> None:
    assert set(NOT_OURS) <= {model._meta.label for model in MODELS}


SECRET_WORDS = ("password", "secret", "token", "key", "cipher", "encrypted")


def test_no_event_copies_a_secret() -> None:
    copied = {
        f"{event._meta.label}.{field.name}"
        for event in EVENTS
        for field in event._meta.concrete_fields
        if isinstance(field, EncryptedTextField | BlindIndexField)
        # When a password was changed is no secret; the password is.
        or (
            any(word in field.name for word in SECRET_WORDS)
            # A digest, kept so that a change past the triggers shows.
            and field.name != "pgh_secrets"
            and not isinstance(field, models.DateTimeField)
        )
    }
    assert copied == set()
    assert TRACKED[User].secrets == ("password", "phone")
    assert TRACKED[AuthenticatorKey].secrets == ("key",)
    assert TRACKED[StaffMember].secrets == TRACKED[EmploymentBan].secrets == ("number",)
    # A digest of secrets without a random part could be tried out; so it is for these and no others.
    digested = {model for model, tracked in TRACKED.items() if tracked.secrets}
    assert digested == {User, AuthenticatorKey, StaffMember, EmploymentBan, ApiToken}


def test_the_portals_role_may_not_alter_a_table_that_is_only_added_to() -> None:
    """The grants themselves are tested in tests/hardening/test_database_role.py."""
    for model in SEALED:
        assert privileges_of(model) <= {"SELECT", "INSERT"}, model
    for event in EVENTS:
        assert privileges_of(event) == {"SELECT"}, event


@pytest.mark.django_db
def test_every_history_table_refuses_changes_and_seals_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal GROUP BY 1"
        )
        triggers = dict(cursor.fetchall())
    for model in [*EVENTS, *SEALED]:
        names = " ".join(triggers[model._meta.db_table])
        assert "pgtrigger_seal_" in names
        assert "pgtrigger_keep_" in names or "immutable_rows" in names
    for model, tracked in TRACKED.items():
        names = " ".join(triggers[model._meta.db_table])
        assert all(f"pgtrigger_{what}" in names for what in ("insert", "update", "delete"))
        assert not tracked.secrets or "pgtrigger_secret" in names
