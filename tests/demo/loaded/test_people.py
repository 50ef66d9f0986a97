"""Nobody in the demo is real, and only its listed logins get in."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import authenticate
from django.db import connection

from accounts.access.roles import RoleCode
from accounts.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from accounts.models import Membership, Organisation, User
from accounts.services import check_post
from accounts.sign_in.known_passwords import scan
from kindergartens.models import Population
from staffing.papers.kinds import KINDS
from staffing.papers.rules import Span
from staffing.papers.selectors import due_counts, found_in_post, posts_asked
from tests.conftest import acting
from tests.demo.loaded.days import TODAY

pytestmark = pytest.mark.django_db


def test_nobody_is_real() -> None:
    people = list(User.objects.values_list("full_name", flat=True))
    assert len(people) > 550
    assert all(name.startswith("示例") for name in people)
    texts = [*people, *Organisation.objects.values_list("name", flat=True)]
    assert not [text for text in texts if re.search(r"\d{5,}", text)]
    assert set(Population.objects.values_list("source", flat=True)) == {"示例人口数"}


def test_staff_have_papers_of_every_kind_and_some_are_due() -> None:
    for kind in KINDS.values():
        assert kind.model.objects.count() > 500, kind.code
    officer = User.objects.get(username="wuqing-officer")
    posts = posts_asked(acting(officer), TODAY)
    people = posts.values("person").distinct().count()
    counts = due_counts(acting(officer), posts, TODAY)
    for code in ("health", "background", "contract"):
        assert 0 < counts[code][Span.MISSING] < people / 10, code
    assert found_in_post(acting(officer), TODAY).count() == 1
    assert all(counts[code][Span.OVERDUE] for code in ("health", "background", "certificate"))


def test_every_login_of_the_list_gets_in_and_nobody_else() -> None:
    for login in DEMO_LOGINS[:2]:
        assert authenticate(username=login.username, password=DEMO_PASSWORD) is not None
    listed = {login.username for login in DEMO_LOGINS}
    able = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert able == listed
    for login in DEMO_LOGINS:
        post = Membership.objects.own().in_force(TODAY).get(user__username=login.username)
        assert post.get_role_display() == login.role


def test_no_account_has_a_password_that_everybody_knows_but_the_public_one(settings) -> None:
    # Hashing takes longer than a transaction may be idle.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    settings.DEMO = True
    assert list(scan()) == []
    settings.DEMO = False
    assert len(list(scan())) == len(DEMO_LOGINS)


def test_every_post_is_one_that_may_be_given() -> None:
    posts = list(Membership.objects.select_related("organisation__region"))
    assert len(posts) > 550
    for post in posts:
        check_post(role=RoleCode(post.role), organisation=post.organisation)
