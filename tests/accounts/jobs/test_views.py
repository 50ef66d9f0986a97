"""The jobs page, its fragment and the retry button."""

from __future__ import annotations

import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import bell, services
from accounts.models import Job, User
from tests.accounts.jobs import handlers
from tests.accounts.jobs.conftest import People, Queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def end(job: Job, state: Job.State, error: str = "") -> Job:
    Job.objects.filter(pk=job.pk).update(
        state=state, error=error, started_at=timezone.now(), finished_at=timezone.now()
    )
    job.refresh_from_db()
    return job


def names(html: str) -> set[str]:
    return set(re.findall(r'id="job-([0-9a-f-]{36})"', html))


@pytest.fixture
def jobs(queue: Queue, people: People) -> dict[str, Job]:
    own, other = people.officer.acting, people.colleague.acting
    return {
        "queued": queue(requested_as=own),
        "failed": end(queue(requested_as=own), Job.State.FAILED, "缺少户籍人口。"),
        "dead": end(queue(requested_as=own), Job.State.DEAD, services.DEAD_REASON),
        "done": end(queue("test-made", requested_as=own), Job.State.DONE),
        "other": end(queue(requested_as=other), Job.State.FAILED, "别人的"),
        "portal": queue(),
    }


OWN = ("queued", "failed", "dead", "done")


def test_one_sees_ones_own_jobs_and_nothing_else(people: People, jobs):
    html = signed_in(people.officer).get(reverse("jobs")).content.decode()
    assert names(html) == {str(jobs[name].pk) for name in OWN}
    assert "别人的" not in html
    assert "缺少户籍人口。" in html
    assert jobs["failed"].number in html


def test_who_runs_the_portal_sees_all_jobs_and_who_asked(people: People, jobs):
    html = signed_in(people.system).get(reverse("jobs")).content.decode()
    assert names(html) == {str(job.pk) for job in jobs.values()}
    assert "示例县教育局 示例officer" in html


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", OWN),
        ("open", ("queued",)),
        ("failed", ("failed", "dead")),
        ("done", ("done",)),
        ("nonsense", OWN),
    ],
)
def test_filter_by_state(people: People, jobs, state: str, shown: tuple[str, ...]):
    html = signed_in(people.officer).get(reverse("jobs"), {"state": state}).content.decode()
    assert names(html) == {str(jobs[name].pk) for name in shown}


def test_what_a_job_made_is_offered_to_whoever_asked_for_it_only(people: People, jobs):
    link = f'href="{reverse(handlers.RESULT_ROUTE, args=[jobs["done"].pk])}"'
    for address in (reverse("jobs"), reverse("job-progress", args=[jobs["done"].pk])):
        assert link in signed_in(people.officer).get(address).content.decode()
        assert link not in signed_in(people.system).get(address).content.decode()


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.FAILED, Job.State.DEAD])
def test_a_job_that_made_nothing_offers_nothing(people: People, queue: Queue, state: Job.State):
    job = queue("test-made", requested_as=people.officer.acting)
    if state != Job.State.QUEUED:
        end(job, state, "缺少户籍人口。")
    html = signed_in(people.officer).get(reverse("jobs")).content.decode()
    assert str(job.pk) in html
    assert reverse(handlers.RESULT_ROUTE, args=[job.pk]) not in html


def test_an_empty_list_says_what_would_be_here(people: People):
    assert "还没有任务" in signed_in(people.officer).get(reverse("jobs")).content.decode()


def test_the_list_refreshes_only_while_something_runs(people: People, jobs):
    client = signed_in(people.officer)
    assert "every 2s" in client.get(reverse("jobs")).content.decode()
    assert "every 2s" not in client.get(reverse("jobs") + "?state=done").content.decode()


def test_the_number_of_queries_does_not_grow(people: People, queue: Queue):
    client = signed_in(people.system)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("jobs"))
        return len(captured)

    queue(requested_as=people.officer.acting)
    few = count()
    for post in (people.officer.acting, people.colleague.acting):
        for _ in range(8):
            queue(requested_as=post)
    assert count() == few


def test_pages_hold_twenty_jobs(people: People, queue: Queue):
    for _ in range(23):
        queue(requested_as=people.officer.acting)
    client = signed_in(people.officer)
    first = names(client.get(reverse("jobs")).content.decode())
    second = names(client.get(reverse("jobs") + "?page=2").content.decode())
    assert (len(first), len(second), len(first | second)) == (20, 3, 23)


def test_the_fragment_asks_again_until_the_job_is_over(people: People, jobs):
    client = signed_in(people.officer)
    address = reverse("job-progress", args=[jobs["queued"].pk])
    assert f'hx-get="{address}"' in client.get(address).content.decode()
    end(jobs["queued"], Job.State.DONE)
    last = client.get(address)
    assert "hx-get" not in last.content.decode()
    assert last["HX-Trigger"] == "job-over"


def test_a_running_job_shows_its_steps(people: People, jobs):
    Job.objects.filter(pk=jobs["queued"].pk).update(
        state="running", lease_until=timezone.now(), done_steps=3, total_steps=24, deliveries=2,
        message="汇总乡镇",
    )  # fmt: skip
    address = reverse("job-progress", args=[jobs["queued"].pk])
    html = signed_in(people.officer).get(address).content.decode()
    assert '<progress class="bar" max="24" value="3"' in html
    assert "汇总乡镇（3/24），上次中断，这是第2次" in html


@pytest.mark.parametrize("route", ["job-progress", "job-retry"])
def test_anothers_job_does_not_exist(people: People, jobs, route: str):
    client = signed_in(people.officer)
    send = client.post if route == "job-retry" else client.get
    assert send(reverse(route, args=[jobs["other"].pk])).status_code == 404
    jobs["other"].refresh_from_db()
    assert jobs["other"].state == Job.State.FAILED


def test_a_director_has_no_jobs_page(people: People, jobs):
    client = signed_in(people.director)
    assert client.get(reverse("jobs")).status_code == 403
    assert client.post(reverse("job-retry", args=[jobs["failed"].pk])).status_code == 403


@pytest.mark.parametrize("name", ["failed", "dead"])
def test_retry_queues_what_ended_badly(people: People, jobs, name: str):
    client = signed_in(people.officer)
    answer = client.post(reverse("job-retry", args=[jobs[name].pk]), follow=True)
    assert "已重新排队" in answer.content.decode()
    jobs[name].refresh_from_db()
    assert (jobs[name].state, jobs[name].error) == ("queued", "")


@pytest.mark.parametrize("name", ["queued", "done"])
def test_retry_leaves_the_rest_alone_and_says_so(people: People, jobs, name: str):
    client = signed_in(people.officer)
    answer = client.post(reverse("job-retry", args=[jobs[name].pk]), follow=True)
    assert "不用再试" in answer.content.decode()
    jobs[name].refresh_from_db()
    assert jobs[name].state == name


def test_retry_by_link_is_refused(people: People, jobs):
    address = reverse("job-retry", args=[jobs["failed"].pk])
    assert signed_in(people.officer).get(address).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_pages_are_served_without_a_broker(people: People, jobs, caplog):
    bell._Breaker.quiet_until = 0.0  # as in a process that has not noticed yet
    caplog.clear()
    client = signed_in(people.officer)
    begun = time.monotonic()
    assert client.post(reverse("job-retry", args=[jobs["dead"].pk])).status_code == 302
    assert client.get(reverse("jobs")).status_code == 200
    assert time.monotonic() - begun < 5
    assert "The broker did not take a bell" in caplog.text


def test_no_inline_style_or_script(people: People, jobs):
    html = signed_in(people.officer).get(reverse("jobs")).content.decode()
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
