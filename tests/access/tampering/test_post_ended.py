"""A post that ends, or is exchanged for another, while its holder works or a paper is set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.jobs import runner
from accounts.models import Job, Membership, Organisation, Region, User
from kindergartens.models import FilingEvent
from reports.documents import services as printing
from reports.documents.models import PrintedDocument
from reports.documents.pdf import Pdf
from tests.access.tampering.scene import Scene
from tests.access.tampering.stored import everything_stored
from tests.signing_in import client_of
from tests.small_county import NOW

YESTERDAY = NOW.date() - dt.timedelta(days=1)


def end_post(user: User) -> None:
    user.memberships.update(valid_to=YESTERDAY)


def disable(user: User) -> None:
    User.objects.unscoped("the hand of somebody else meanwhile").filter(pk=user.pk).update(
        is_active=False
    )


def move_away(user: User) -> None:
    """The same role in another county."""
    end_post(user)
    county = Region.objects.get(name="乙县")
    bureau = Organisation.objects.create(name="乙县局", kind="bureau", region=county)
    Membership.objects.create(
        user=user, organisation=bureau, role="bureau_officer", valid_from=NOW.date()
    )


ENDINGS = {end_post: 403, disable: 302, move_away: 404}


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_the_next_request_is_refused_and_changes_nothing(
    scene: Scene, ending: Callable[[User], None]
) -> None:
    filing = scene.submitted()
    client = client_of(scene.officer)
    review = reverse("filing-review", args=[filing.pk])
    assert client.get(review).status_code == 200
    ending(scene.officer)
    before = everything_stored()
    for route, data in (
        ("filing-accept", {"version": 1}),
        ("filing-return", {"version": 1, "reason": "请核对"}),
    ):
        response = client.post(reverse(route, args=[filing.pk]), data)
        assert response.status_code == ENDINGS[ending]
    assert client.get(review).status_code == ENDINGS[ending]
    assert everything_stored() == before


def test_another_post_chosen_in_a_second_window_binds_the_first(scene: Scene) -> None:
    """The form of the one post is refused in the other: what may be done is what one acts as now."""
    filing = scene.submitted()
    other = scene.small.officer(scene.small.other_county).memberships.get()
    elsewhere = Membership.objects.create(
        user=scene.officer, organisation=other.organisation, role="bureau_officer",
        valid_from=YESTERDAY,
    )  # fmt: skip
    client = client_of(scene.officer)
    assert client.get(reverse("filing-review", args=[filing.pk])).status_code == 200
    client.post(reverse("choose-post"), {"membership": elsewhere.pk})
    accepted = client.post(reverse("filing-accept", args=[filing.pk]), {"version": 1})
    assert accepted.status_code == 404
    filing.refresh_from_db()
    assert filing.state == "submitted"


def test_nobody_reviews_what_they_submitted_in_another_post(scene: Scene) -> None:
    """Role chaining (T07): a director who is also an officer accepts no return of their own."""
    filing = scene.submitted()
    author = filing.versions.get().submitted_as.user
    bureau = scene.officer.memberships.get().organisation
    post = Membership.objects.create(
        user=author, organisation=bureau, role="bureau_officer", valid_from=YESTERDAY
    )
    client = client_of(author)
    client.post(reverse("choose-post"), {"membership": post.pk})
    refused = client.post(reverse("filing-accept", args=[filing.pk]), {"version": 1})
    assert refused.status_code == 409
    assert not FilingEvent.objects.exists()


@pytest.fixture
def printed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Job]:
    """Ask for a paper, do something, let the worker run; the paper itself is not set here."""

    def ask_and_run(
        *,
        between: Callable[[User], None] | None = None,
        while_setting: Callable[[User], None] | None = None,
    ) -> Job:
        scene.submitted()
        asked = {"kind": "monthly_rates", "region": scene.small.county.code, "month": "2026-10"}
        assert scene.post(scene.officer, "document-print", **asked).status_code == 302
        job = Job.objects.get(kind="print-document")
        if between is not None:
            between(scene.officer)

        def to_pdf(html: str) -> Pdf:
            if while_setting is not None:
                while_setting(scene.officer)
            return Pdf(content=b"%PDF-1.7", pages=1)

        monkeypatch.setattr(printing, "to_pdf", to_pdf)
        runner.run_job(job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        return job

    return ask_and_run


def download(scene: Scene, job: Job) -> int:
    client = client_of(scene.officer)
    return client.get(reverse("document-download", args=[job.pk])).status_code


def test_a_paper_is_printed_and_downloaded_with_the_right(
    scene: Scene, printed: Callable[..., Job]
) -> None:
    job = printed()
    assert job.state == Job.State.DONE, job.error
    assert download(scene, job) == 200


def demote(user: User) -> None:
    """Still in the bureau, but in a role that prints nothing."""
    end_post(user)
    bureau = user.memberships.get().organisation
    department = Organisation.objects.create(name="单位", kind="department", region=bureau.region)
    Membership.objects.create(
        user=user, organisation=department, role="department_officer", valid_from=NOW.date()
    )


@pytest.mark.parametrize("ending", [end_post, disable, move_away, demote], ids=lambda e: e.__name__)
def test_a_right_that_ends_before_the_worker_starts_prints_nothing(
    printed: Callable[..., Job], ending: Callable[[User], None]
) -> None:
    job = printed(between=ending)
    assert job.state == Job.State.FAILED
    assert "岗位已经结束" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.parametrize("ending", [end_post, disable, move_away, demote], ids=lambda e: e.__name__)
def test_a_right_that_ends_while_the_paper_is_set_downloads_nothing(
    scene: Scene, printed: Callable[..., Job], ending: Callable[[User], None]
) -> None:
    job = printed(while_setting=ending)
    assert download(scene, job) in {302, 403, 404}
    client = client_of(scene.officer)
    progress = client.get(reverse("job-progress", args=[job.pk]))
    assert progress.status_code in {302, 403, 404}


def test_a_job_row_with_another_region_prints_nothing(
    scene: Scene, printed: Callable[..., Job]
) -> None:
    """Whoever can write a job row still prints nothing that its requester may not (T31)."""

    def elsewhere(user: User) -> None:
        job = Job.objects.get(kind="print-document")
        job.arguments["region"] = scene.small.other_county.pk
        job.save()

    job = printed(between=elsewhere)
    assert job.state == Job.State.FAILED
    assert "不在您的工作范围内" in job.error
