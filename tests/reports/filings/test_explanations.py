"""Reasons for what is unusual: typed at the finding, kept with the version, offered again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from kindergartens.models import AnnualStatistics, FilingExplanation, MonthlyFiling
from reports.filings import selectors, services
from reports.filings.services import NotSubmittable
from tests.reports.filings.test_pages import SignIn, form_data
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def shrunk(filing: MonthlyFiling, **changes: str) -> dict[str, str]:
    """The class of 24 now has 16 children."""
    fewer = {"class-0-boys": "8", "class-0-girls": "8", "class-0-age3": "16"}
    return form_data(filing, **fewer, **{"class-0-departed": "8"}, **changes)


def explained_in(scene: Scene, month: dt.date, text: str) -> FilingExplanation:
    """A reason given with the return of another month."""
    filing = scene.kindergarten.filings.get(month=month)
    return FilingExplanation.objects.create(
        version=filing.versions.get(version=filing.version),
        code="class_change",
        place="小一班",
        says="小一班比上月少8人。",
        figures={"difference": 8},
        text=text,
    )


def test_a_finding_stops_until_its_reason_is_typed_and_both_are_kept(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    refused = client.post(url, shrunk(filing, action="submit"))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'href="#class-0-explain-class_change"' in page
    assert 'id="class-0-explain-class_change"' in page

    reason = {"class-0-explain-class_change": "随父母返回原籍"}
    assert client.post(url, shrunk(filing, action="submit", **reason)).status_code == 302
    [kept] = filing.versions.get().explanations.all()
    assert (kept.key, kept.text) == ("class_change@小一班", "随父母返回原籍")
    assert kept.says == "小一班比上月少8人（24人变为16人）。"
    assert kept.figures == {"difference": 8, "before": 24, "children": 16}
    with pytest.raises(DatabaseError), transaction.atomic():
        FilingExplanation.objects.filter(pk=kept.pk).update(text="改过的")


def test_the_reviewer_and_the_director_read_the_reason(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    director = sign_in(scene.director)
    reason = {"class-0-explain-class_change": "随父母返回原籍"}
    director.post(
        reverse("filing-edit", args=[filing.pk]), shrunk(filing, action="submit", **reason)
    )
    officer = Client()
    officer.force_login(scene.officer)
    for client, url in (
        (officer, reverse("filing-review", args=[filing.pk])),
        (director, reverse("filing-version", args=[filing.pk, 1])),
    ):
        page = client.get(url).content.decode()
        assert page.count("小一班比上月少8人（24人变为16人）。") == 1
        assert "园所说明：随父母返回原籍" in page


def test_a_reason_for_other_figures_of_the_statistics_hides_no_finding(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    county, code = filing.period.county, filing.kindergarten.code
    stated = AnnualStatistics.objects.create(
        county=county,
        code=code,
        name="示例园",
        reference_date=SEPTEMBER,
        children=40,
        source="年报",
    )
    reason = {"class-0-explain-class_change": "随父母返回原籍", "explain-stated_children@": "搬迁"}
    url = reverse("filing-edit", args=[filing.pk])
    sent = sign_in(scene.director).post(url, shrunk(filing, action="submit", **reason))
    assert sent.status_code == 302
    officer, url = Client(), reverse("filing-review", args=[filing.pk])
    officer.force_login(scene.officer)
    assert officer.get(url).context["warnings"] == []
    stated.children = 50
    stated.save()
    [open_one] = officer.get(url).context["warnings"]
    assert "事业统计50人" in open_one


def test_what_was_typed_for_a_finding_comes_back_while_it_is_mended(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    reason = {"class-0-explain-class_change": "返回原籍", "explain-total_change@": "搬迁"}
    client.post(url, shrunk(filing, action="save", **reason))
    filing.refresh_from_db()
    assert filing.draft["classes"][0]["explanations"] == {"class_change": "返回原籍"}
    assert filing.draft["explanations"] == {"total_change@": "搬迁"}
    unheard = {"class-0-explain-sexes_equal_ages": "不行", "explain-no_such@": "不行"}
    client.post(url, form_data(filing, action="save", **unheard))
    filing.refresh_from_db()
    assert "不行" not in str(filing.draft)
    assert ">返回原籍</textarea>" in client.get(url).content.decode()


def test_a_reason_is_offered_again_and_never_filled_in(scene: Scene, sign_in: SignIn) -> None:
    explained_in(scene, SEPTEMBER, "九月的原因")
    filing = scene.open()
    page = sign_in(scene.director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert 'data-use="九月的原因"' in page
    assert "用9月的说明" in page
    assert "九月的原因</textarea>" not in page
    assert filing.draft["classes"][0]["explanations"] == {}


def test_only_the_version_that_counts_is_offered(scene: Scene) -> None:
    first = explained_in(scene, SEPTEMBER, "被更正的版本")
    assert selectors.earlier_explanations(scene.kindergarten, OCTOBER) == {
        "class_change@小一班": [selectors.Earlier(SEPTEMBER, "被更正的版本")]
    }
    assert selectors.earlier_explanations(scene.kindergarten, SEPTEMBER) == {}
    filing = first.version.filing
    filing.versions.create(
        version=2, submitted_at=NOW, submitted_as=scene.director.memberships.get()
    )
    filing.version = filing.accepted_version = 2
    filing.save()
    assert selectors.earlier_explanations(scene.kindergarten, OCTOBER) == {}


def test_a_drafts_reason_is_asked_for_by_the_service_too(scene: Scene) -> None:
    filing = scene.open()
    row = filing.draft["classes"][0] | {"boys": "8", "girls": "8", "age3": "16"}
    services.save_draft(
        filing_id=filing.pk,
        draft={**filing.draft, "classes": [row]},
        revision=1,
        by=scene.director,
        now=NOW,
    )
    with pytest.raises(NotSubmittable):
        scene.submit(filing)
