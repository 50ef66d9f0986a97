"""Which rows of people, their posts and their acts each role sees."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.history.recording import Action, record_access
from accounts.models import (
    AccessRecord,
    AccountBatch,
    AccountEvent,
    Authenticator,
    AuthenticatorKey,
    KeptInput,
    KnownDevice,
    Membership,
    Organisation,
    PastPassword,
    RecoveryCode,
    Session,
    User,
)
from tests.access.visible_rows.scene import EVERYBODY, FILERS, LOOKERS, Scene, names
from tests.conftest import acting
from tests.small_county import NOW


@pytest.mark.parametrize("role", EVERYBODY)
def test_posts_and_people_are_seen_by_who_looks_after_them(scene: Scene, role: str | None) -> None:
    user = scene.looker(role)
    own = {post.organisation.name for post in user.memberships.all()}
    there = {
        "security_administrator": set(
            Organisation.objects.filter(region__name__in=["甲县", "一镇", "二镇"])
            .filter(memberships__isnull=False)
            .values_list("name", flat=True)
        ),
        "director": {"一"},
    }.get(str(role), own)
    assert names(Membership, user, "organisation__name") == there
    people = set(User.objects.filter(memberships__organisation__name__in=there)) if there else set()
    if role not in {"security_administrator", "director"}:
        people = {user} if role else set()
    assert set(User.objects.visible_to(user)) == people
    if role == "security_administrator":
        assert {"一", "二", "邻"} < there
        assert "乙" not in there


def test_a_workbook_is_seen_in_the_post_it_was_uploaded_in(scene: Scene) -> None:
    """Not by a colleague in the same place, nor by its uploader in another post."""
    place = scene.kindergartens["一"].organisation
    author, colleague = (acting(scene.small.person("园长", place, "director")) for _ in range(2))
    batch = AccountBatch.objects.create(
        digest="0" * 64, rows=[], uploaded_as=author.acting, uploaded_at=NOW
    )
    assert list(AccountBatch.objects.visible_to(author)) == [batch]
    assert not AccountBatch.objects.visible_to(colleague).exists()
    author.acting = colleague.acting
    assert not AccountBatch.objects.visible_to(author).exists()


def test_what_happened_to_accounts_is_seen_by_who_looks_after_them(scene: Scene) -> None:
    at_home, abroad = scene.small.officer(), scene.small.officer(scene.small.other_county)
    for account in (at_home, abroad):
        AccountEvent.objects.create(account=account, action="enabled", at=NOW, reason="恢复")
    for role in (*LOOKERS, *FILERS):
        seen = names(AccountEvent, scene.looker(role), "account")
        assert seen == ({at_home.pk} if role == "security_administrator" else set()), role


@pytest.mark.parametrize("role", EVERYBODY)
def test_acts_are_the_audit_administrators_own_countys(scene: Scene, role: str | None) -> None:
    small = scene.small
    for rows, person in (
        (1, acting(small.officer())),
        (2, acting(small.person("园长", scene.kindergartens["二"].organisation, "director"))),
        (3, acting(small.officer(small.other_county))),
        (4, None),
        (5, small.officer()),  # signed in, acting in nothing yet
    ):
        record_access(Action.EXPORT, by=person, at=NOW, rows=rows)
    seen = names(AccessRecord, scene.looker(role), "rows")
    assert seen == ({1, 2, 4, 5} if role == "audit_administrator" else set())


OWN = {
    Session: lambda user: Session(
        session_key=f"k{user.pk}", user=user, expire_date=NOW, session_data=""
    ),
    PastPassword: lambda user: PastPassword(user=user, password="x", replaced_at=NOW),
    Authenticator: lambda user: Authenticator(user=user, name="x", key="x"),
    AuthenticatorKey: lambda user: AuthenticatorKey(
        device=Authenticator.objects.create(user=user, name="x", key=""), user=user, key="ab"
    ),
    RecoveryCode: lambda user: RecoveryCode(user=user, digest="x"),
    KeptInput: lambda user: KeptInput(
        user=user, digest=f"x{user.pk}", path="/", sealed="x", kept_at=NOW, expires_at=NOW
    ),
    KnownDevice: lambda user: KnownDevice(user=user, digest=f"x{user.pk}", used_at=NOW),
}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_what_lets_one_in_is_ones_own_alone(scene: Scene, model: Any) -> None:
    """Not even the security administrator sees another's."""
    people = [scene.looker(role) for role in ("security_administrator", "director", None)]
    for person in people:
        OWN[model](person).save()
    for person in people:
        assert names(model, person, "user") == {person.pk}
    assert not model.objects.visible_to(User()).exists()
