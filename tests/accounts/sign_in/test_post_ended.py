"""A post ends while its holder works: the portal says so, and does nothing in another post."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountRequest, Membership, User
from tests.accounts.sign_in.conftest import Clock, sign_in, with_password
from tests.small_county import NOW, SINCE, SmallCounty

PAGE = "/account-requests/new/"
TYPED = {"full_name": "示例新人", "username": "newcomer", "reason": "接替生病的同事"}
FROM = {"Referer": f"http://testserver{PAGE}"}


@pytest.fixture
def director(clock: Clock, small: SmallCounty) -> User:
    """Runs two kindergartens."""
    town = small.town("甲镇")
    first, second = (
        small.kindergarten(town, name).organisation for name in ("示例一园", "示例二园")
    )
    person = small.person("示例园长", first, "director")
    Membership.objects.create(user=person, organisation=second, role="director", valid_from=SINCE)
    return with_password(person)


def end(person: User, name: str) -> Membership:
    post = person.memberships.get(organisation__name=name)
    Membership.objects.filter(pk=post.pk).update(ended_at=NOW)
    return post


def test_what_was_sent_in_a_post_that_ended_is_kept_and_done_in_no_other(director: User) -> None:
    client = Client()
    sign_in(client, director)
    assert "示例一园" in client.get(PAGE).content.decode()
    end(director, "示例一园")
    answer = client.post(PAGE, {**TYPED, "valid_from": f"{NOW:%Y-%m-%d}"}, headers=FROM)
    assert answer["Location"] == reverse("post-ended")
    assert not AccountRequest.objects.exists()
    # Nor is any other page opened before a post is chosen.
    assert client.get(PAGE)["Location"] == reverse("post-ended")
    page = client.get(reverse("post-ended")).content.decode()
    assert "您在示例一园的园长岗位已于2026年11月5日16:40结束" in page
    assert "填的内容保留着" in page
    assert "示例新人" in client.get(reverse("kept-input")).content.decode()
    other = director.memberships.get(organisation__name="示例二园")
    chosen = client.post(reverse("choose-post"), {"membership": other.pk})
    assert chosen["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "填的已放回这一页，还没有提交" in page
    assert "示例新人" in page
    assert "示例二园" in page


def test_whoever_has_no_other_post_is_told_so(director: User) -> None:
    client = Client()
    sign_in(client, director)
    end(director, "示例一园")
    end(director, "示例二园")
    client.post(PAGE, TYPED, headers=FROM)
    page = client.get(reverse("post-ended")).content.decode()
    assert "没有别的岗位" in page
    assert client.post(reverse("logout")).status_code == 302


def test_a_deputy_whose_time_ended_reads_what_happened(director: User, small: SmallCounty) -> None:
    post = director.memberships.get(organisation__name="示例一园")
    deputy = with_password(small.person("示例资料员", post.organisation, "kindergarten_clerk"))
    acted = Membership.objects.create(
        user=deputy,
        organisation=post.organisation,
        role="director",
        deputises_for=post,
        reason="外出学习",
        valid_from=NOW.date(),
        valid_to=NOW.date() + dt.timedelta(days=5),
    )
    client = Client()
    sign_in(client, deputy)
    client.post(reverse("choose-post"), {"membership": acted.pk})
    assert client.get(PAGE).status_code == 200
    Membership.objects.filter(pk=acted.pk).update(ended_at=NOW)
    client.post(PAGE, TYPED, headers=FROM)
    page = client.get(reverse("post-ended")).content.decode()
    assert "您代示例园长在示例一园办理园长工作的委托已于" in page
    own = deputy.memberships.get(deputises_for=None)
    client.post(reverse("choose-post"), {"membership": own.pk})
    # The page itself is not the clerk's: what was typed is shown to copy from.
    answer = client.get(PAGE)
    assert answer["Location"] == reverse("kept-input")
    assert "示例新人" in client.get(reverse("kept-input")).content.decode()


def test_a_form_of_the_former_post_is_not_done_in_the_newly_chosen_one(director: User) -> None:
    """Two windows: the post is changed in one, the form is sent from the other."""
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("login"))
    token = page.context["csrf_token"]
    sign_in(client, director, csrfmiddlewaretoken=str(token))
    shown = str(client.get(PAGE).context["csrf_token"])
    other = director.memberships.get(organisation__name="示例二园")
    changed = client.post(
        reverse("choose-post"), {"membership": other.pk, "csrfmiddlewaretoken": shown}
    )
    assert changed.status_code == 302
    sent = client.post(
        PAGE,
        {**TYPED, "csrfmiddlewaretoken": shown},
        headers={**FROM, "Origin": "http://testserver"},
    )
    assert sent["Location"] == PAGE
    assert not AccountRequest.objects.exists()
    page = client.get(PAGE).content.decode()
    assert "填的已放回这一页，还没有提交" in page
    assert "示例新人" in page


def test_nothing_changes_for_whoever_keeps_the_post(director: User) -> None:
    client = Client()
    sign_in(client, director)
    end(director, "示例二园")
    assert client.get(PAGE).status_code == 200
    assert client.get(reverse("post-ended")).status_code == 302
