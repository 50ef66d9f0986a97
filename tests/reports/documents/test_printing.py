"""Who may print what, when rights are checked, and that nothing is printed twice."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from subprocess import Popen
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.access.roles import ROLES, RoleCode
from accounts.jobs.runner import run_job
from accounts.models import Job, User
from indicators.services.recompute import recompute
from reports.documents.models import PrintedDocument
from reports.documents.services import NotPrintable, print_document, request_document
from tests.conftest import acting, wait_for_jobs
from tests.reports.documents.conftest import paper
from tests.reports.documents.reading import quick_texts
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]
NOTHING_SHOWN = lambda *steps: None  # noqa: E731


def ask(county: SmallCounty, by: User, kind: str = "overview_table") -> Job:
    return request_document(paper=paper(kind, county.county), by=by, now=NOW)


def run(job: Job) -> Job:
    """The job as a worker does it, without its process."""
    run_job(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    return job


def test_asking_twice_while_it_waits_is_one_job(county: SmallCounty) -> None:
    officer, leader = acting(county.officer()), acting(county.officer(role="bureau_leader"))
    first = ask(county, officer)
    assert ask(county, officer) == first
    assert ask(county, officer, "monthly_rates") != first
    assert ask(county, leader) != first
    assert first.title == "打印甲县2026年10月学前教育普及普惠基本情况一览表"


def test_a_second_delivery_finds_the_document(county: SmallCounty) -> None:
    officer = acting(county.officer())
    job = ask(county, officer)
    wanted = paper("overview_table", county.county)
    made = [
        print_document(job=job, paper=wanted, by=officer, now=NOW, progress=NOTHING_SHOWN)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert PrintedDocument.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whole_month", [True, False])
def test_figures_stand_still_while_they_are_read_and_no_longer(
    county: SmallCounty, whole_month: bool
) -> None:
    """A recompute that begins amid the reading waits for it, but not for the typesetting."""
    officer = acting(county.officer())
    job = ask(county, officer)
    ended = threading.Event()
    seen: dict[str, bool] = {}

    def sum_up_again() -> None:
        try:
            recompute(month=OCTOBER, now=NOW, county=None if whole_month else county.county)
            ended.set()
        finally:
            connection.close()

    other = threading.Thread(target=sum_up_again)

    def amid_reading(execute: Any, sql: str, *rest: Any) -> Any:
        rows = execute(sql, *rest)
        if "indicators_regionfacts" in sql and "reading" in seen and "amid" not in seen:
            other.start()
            seen["amid"] = ended.wait(1)
        return rows

    def progress(done: int, total: int, message: str) -> None:
        seen["reading" if done == 0 else f"step {done}"] = done > 0 and ended.wait(5)

    with connection.execute_wrapper(amid_reading):
        print_document(
            job=job, paper=paper("overview_table", county.county), by=officer, now=NOW,
            progress=progress,
        )  # fmt: skip
    other.join(10)
    assert seen["amid"] is False
    assert seen["step 1"] is True


@pytest.mark.parametrize("role", ["town_officer", "department_officer", "system_administrator"])
def test_posts_without_the_permission_do_not_print(county: SmallCounty, role: str) -> None:
    with pytest.raises(NotPrintable):
        ask(county, acting(county.officer(role=role)))
    assert not Job.objects.exists()


def test_another_county_is_out_of_reach(county: SmallCounty) -> None:
    with pytest.raises(NotPrintable, match="不在您的工作范围"):
        ask(county, acting(county.officer(county.other_county)))


def test_a_county_does_not_print_its_city(county: SmallCounty) -> None:
    wanted = paper("overview_table", county.city)
    with pytest.raises(NotPrintable, match="不在您的工作范围"):
        request_document(paper=wanted, by=acting(county.officer()), now=NOW)


def test_a_month_without_figures_is_refused(county: SmallCounty) -> None:
    wanted = paper("overview_table", county.county, dt.date(2026, 8, 1))
    with pytest.raises(NotPrintable, match="2026年8月还没有数据"):
        request_document(paper=wanted, by=acting(county.officer()), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_job_prints_in_the_name_of_who_asked(county: SmallCounty) -> None:
    officer = acting(county.officer())
    job = run(ask(county, officer, "monthly_rates"))
    assert (job.state, job.error) == ("done", "")
    assert job.total_steps == 3
    document = job.document
    assert document.pk == job.pk
    assert document.printed_as == officer.acting
    assert job.message == f"共{document.pages}页"
    assert document.pages == len(quick_texts(document))
    # A bell that rings again changes nothing.
    assert run(job).document.sha256 == document.sha256
    assert PrintedDocument.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_post_that_ended_meanwhile_prints_nothing(county: SmallCounty) -> None:
    officer = acting(county.officer())
    job = ask(county, officer)
    officer.memberships.update(valid_to=NOW.date() - dt.timedelta(days=1))
    assert run(job).state == "failed"
    assert "岗位已经结束" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_post_ended_at_once_prints_nothing(county: SmallCounty) -> None:
    officer = acting(county.officer())
    job = ask(county, officer)
    officer.memberships.update(ended_at=NOW)
    assert run(job).state == "failed"
    assert "岗位已经结束" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_role_that_lost_the_right_meanwhile_prints_nothing(
    county: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(county, acting(county.officer()))
    monkeypatch.setitem(ROLES, RoleCode.BUREAU_OFFICER, ROLES[RoleCode.DEPARTMENT_OFFICER])
    assert run(job).state == "failed"
    assert job.error == "您现在的岗位不能打印报表。"


@pytest.mark.django_db(transaction=True)
def test_a_character_without_a_glyph_fails_the_job_by_name(county: SmallCounty) -> None:
    town = county.county.children.get(name="乙镇")
    county.kindergarten(town, "小太阳🙂示例园")
    county.settle()
    job = run(ask(county, acting(county.officer()), "monthly_rates"))
    assert job.state == "failed"
    assert "🙂" in job.error
    assert "U+1F642" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_portals_own_jobs_do_not_print(county: SmallCounty) -> None:
    job = Job.objects.create(
        pk=uuid.uuid4(), kind="print-document", key="x", title="x", queued_at=NOW,
        arguments={"kind": "overview_table", "region": county.county.pk, "month": "2026-10-01",
                   "origin": "https://portal.example"},
    )  # fmt: skip
    assert run(job).state == "failed"
    assert "申请人" in job.error


@pytest.mark.django_db(transaction=True)
def test_from_the_button_to_the_download_by_a_real_worker(
    county: SmallCounty, sign_in: Callable[[User], Client], worker: Popen[bytes]
) -> None:
    client = sign_in(county.officer())
    chosen = {"kind": "monthly_rates", "region": "654321", "month": f"{OCTOBER:%Y-%m}"}
    answer = client.post("/documents/print/", chosen, follow=True)
    assert answer.status_code == 200
    wait_for_jobs()
    job = Job.objects.get(kind="print-document")
    assert (job.state, job.error) == ("done", "")
    download = f"/documents/{job.pk}/"
    assert f'href="{download}"' in client.get("/jobs/").content.decode()
    response = client.get(download)
    assert response.content.startswith(b"%PDF-")
