"""From draft to published: what a leader sees is what is kept, printed, downloaded and checked."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access.permissions import Permission
from accounts.models import User
from indicators.models import Publication, PublicationDraft
from indicators.publications.rules import digest_of
from kindergartens.models import Kindergarten
from reports.publications import paper
from tests.indicators.test_publications import accept
from tests.registers import a_publication
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def county(small: SmallCounty) -> SmallCounty:
    town = small.town("甲镇")
    for name, children in (("示例一园", 30), ("示例二园", 20)):
        kindergarten = small.kindergarten(town, name)
        small.file(kindergarten, children, month=SEPTEMBER)
        small.file(kindergarten, children)
    small.file(small.kindergarten(town, "示例三园"), 20, month=SEPTEMBER)
    small.settle(SEPTEMBER, OCTOBER)
    return small


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def prepared(client: Client, **said: str) -> PublicationDraft:
    asked = {"agreed": "on"} | said
    answer = client.post("/publications/new/?kind=monthly&month=2026-10", asked)
    assert answer.status_code == 302, text_of(answer)
    return PublicationDraft.objects.waiting().get()


def published(officer: Client, leader: Client, **said: str) -> Publication:
    draft = prepared(officer, **said)
    assert "现在的数与拟稿时一样" in text_of(
        leader.get(f"/publications/drafts/{draft.pk}/?compare=now")
    )
    page = leader.get(f"/publications/drafts/{draft.pk}/")
    assert "示例三园" in text_of(page)
    leader.post(f"/publications/drafts/{draft.pk}/publish/", {"digest": draft.digest})
    return Publication.objects.newest().get()


def test_what_a_leader_saw_is_published_kept_printed_and_checked(county):
    officer, leader = signed_in(county.officer()), signed_in(county.officer(role="bureau_leader"))
    preview = text_of(officer.get("/publications/new/?kind=monthly&month=2026-10"))
    assert "还有1所没有计入" in preview
    refused = officer.post("/publications/new/?kind=monthly&month=2026-10", {})
    assert refused.status_code == 422
    assert "请勾选按暂计公布" in text_of(refused)
    first = published(officer, leader)
    accept("示例一园", 26)
    county.settle(now=LATER)
    second = published(officer, leader, reason="示例一园人数填错")
    assert "与公布时不同" not in text_of(officer.get(f"/publications/{first.number}/"))
    page = text_of(officer.get(f"/publications/{first.number}/?compare=now"))
    assert f"已由 {second.number} 更正" in page
    assert "与公布时不同" in page
    corrected = text_of(officer.get(f"/publications/{second.number}/?compare=now"))
    for said in ("示例一园人数填错", "50 46 −4", second.digest, "现在的数与公布时一样"):
        assert said in corrected, said
    assert "班额达标率 50.00% 100.00% +50.00个百分点" in corrected
    # An old address of a draft says what became of it, and where it went on.
    ended = text_of(officer.get(f"/publications/drafts/{second.draft_id}/"))
    assert f"看公布的{second.number}" in ended
    # The bytes of then, from file and paper alike, however the figures go on.
    answer = officer.get(f"/publications/{first.number}/data.json")
    assert digest_of(answer.content) == first.digest
    printed = paper.html(bytes(second.content), address="https://example.cn/x", printed_at=LATER)
    assert printed == paper.html(
        bytes(second.content), address="https://example.cn/x", printed_at=LATER
    )
    for said in (second.number, second.digest[:12], "（更正）", f"本号更正{first.number}", "暂计"):
        assert said in printed, said
    nobody = Client()
    same = text_of(
        nobody.get(f"/public/publications/?number={first.number}&digest={first.digest[:12]}")
    )
    assert "一致，但已更正" in same
    assert "甲县" in same
    for wrong in (f"number={first.number}&digest={'0' * 12}", f"number={first.number}&digest=0"):
        told = text_of(nobody.get(f"/public/publications/?{wrong}"))
        assert "不一致" in told
        assert "甲县" not in told


def test_a_figure_as_it_was_published_shows_the_returns_of_then(county):
    officer, leader = signed_in(county.officer()), signed_in(county.officer(role="bureau_leader"))
    made = published(officer, leader)
    accept("示例一园", 26)
    county.file(Kindergarten.objects.get(name="示例三园"), 22)
    county.settle(now=LATER)
    where = f"/figures/{county.county.code}/public_enrolment_share/2026-10/"
    then = text_of(officer.get(f"{where}?publication={made.number}"))
    for said in (
        made.number,
        "现在是100.00%（68 ÷ 68）",
        "1所迟报补入",
        "1所更正月报",
        "现在比当时",
    ):
        assert said in then, said
    now = text_of(officer.get(f"{where}?against=published"))
    assert f"{made.number}公布时的数" in now
    for wrong in ("publication=YDTB-0", "against=never"):
        assert officer.get(f"{where}?{wrong}").status_code == 404
    # Who filed stands with the return for whoever may open it.
    assert "园所资料员10月" in text_of(officer.get(where)) or "园所资料员11月" in text_of(
        officer.get(where)
    )


def test_names_of_the_missing_are_for_who_reads_returns(county, monkeypatch):
    made = published(signed_in(county.officer()), signed_in(county.officer(role="bureau_leader")))
    reader = signed_in(county.officer())
    can = User.can
    monkeypatch.setattr(
        User, "can", lambda self, what: what != Permission.READ_RETURNS and can(self, what)
    )  # fmt: skip
    page = reader.get(f"/publications/{made.number}/")
    assert "1所没有计入" in text_of(page)
    for said in ("示例三园", "data.json", "paper.pdf"):
        assert said not in page.content.decode()
    for file in ("data.json", "paper.pdf"):
        assert reader.get(f"/publications/{made.number}/{file}").status_code == 403


def test_the_list_asks_no_more_for_more(county):
    officer, leader = county.officer(), county.officer(role="bureau_leader")
    client = signed_in(county.officer(county.city, role="city_officer"))
    posts = officer.memberships.get(), leader.memberships.get()
    a_publication(county.county, *posts)
    client.get("/publications/")
    with CaptureQueriesContext(connection) as few:
        assert text_of(client.get("/publications/")).count("YDTB-") == 1
    county.settle()
    a_publication(county.other_county, *posts)
    a_publication(county.city, *posts)
    with CaptureQueriesContext(connection) as many:
        assert text_of(client.get("/publications/")).count("YDTB-") == 3
    assert len(many) == len(few)
