"""Papers and files that background work makes hold only what their requester may know."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import reverse

from accounts.jobs import runner
from accounts.models import Job
from reports.documents.models import PrintedDocument
from tests.access.canary.asking import Asker, askers
from tests.access.canary.oracle import everything_in, not_theirs
from tests.access.canary.world import Planted
from tests.access.test_second_wall import Quiet
from tests.small_county import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]


@pytest.fixture(scope="module")
def people(planted: Planted) -> dict[str, Asker]:
    return askers(planted)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.jobs.runner.Heartbeat", Quiet)


def printed(asker: Asker, kind: str, region: str) -> Job:
    """Asked for on the page, then done by the worker, in the name of whoever asked."""
    response = asker.client.post(
        reverse("document-print"), {"kind": kind, "region": region, "month": "2026-10"}
    )
    assert response.status_code == 302, response.status_code
    job = Job.objects.filter(requested_as__user=asker.user, state="queued").latest("queued_at")
    runner.run_job(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def fetched(asker: Asker, job: Job) -> HttpResponse:
    return asker.client.get(reverse("document-download", args=[job.pk]))


@pytest.mark.parametrize("kind", ["monthly_rates", "overview_table"])
@pytest.mark.parametrize(
    ("who", "region"),
    [("A:bureau_officer", "654321"), ("A:city_officer", "654300"), ("C:inspector", "654521")],
)
def test_a_paper_holds_nobody_elses_marks(
    planted: Planted, people: dict[str, Asker], kind: str, who: str, region: str
) -> None:
    asker = people[who]
    job = printed(asker, kind, region)
    text = everything_in(fetched(asker, job))
    marks = planted.marks.in_text(text)
    # The paper really carries something of somebody: who printed it, at the least.
    assert marks
    assert not_theirs(asker.viewer, planted.marks, text) == {}
    # What it was made from is kept with it, and is no wider.
    kept = str(PrintedDocument.objects.get(job=job).figures)
    assert not_theirs(asker.viewer, planted.marks, kept) == {}
    for name, other in people.items():
        response = fetched(other, job)
        assert not_theirs(other.viewer, planted.marks, everything_in(response)) == {}, name
        region_is_theirs = other.viewer.role and job.document.region_id in other.viewer.below
        prints = other.viewer.role in {
            "bureau_officer", "bureau_leader", "inspector", "city_officer",
        }  # fmt: skip
        assert (response.status_code == 200) == bool(region_is_theirs and prints), name


def test_the_reader_of_papers_reads_marks(planted: Planted, people: dict[str, Asker]) -> None:
    """Were the text of a PDF not found, the test above would pass for nothing."""
    asker = people["A:bureau_officer"]
    text = everything_in(fetched(asker, printed(asker, "monthly_rates", "654321")))
    names = {
        word
        for word, owner in planted.marks.words.items()
        if owner.model == "kindergartens.Kindergarten"
    }
    assert names & planted.marks.in_text(text).keys()
