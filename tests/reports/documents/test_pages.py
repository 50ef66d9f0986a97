"""The page of printed documents: what it offers, what it refuses, whom it serves."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import Job, User
from reports.documents.models import PrintedDocument
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
CHOSEN = {"kind": "overview_table", "region": "654321", "month": "2026-10"}


def kept(county: SmallCounty, by: User, number: int = 1) -> list[PrintedDocument]:
    """Documents as rows, without setting them."""
    post = by.memberships.get()
    made = []
    for _ in range(number):
        job = Job.objects.create(
            pk=uuid.uuid4(), kind="print-document", key=uuid.uuid4().hex, title="打印",
            requested_as=post, state="done", queued_at=NOW, finished_at=NOW,
        )  # fmt: skip
        content = b"%PDF-1.7 " + job.pk.bytes
        made.append(
            PrintedDocument.objects.create(
                kind="overview_table", region=county.county, month=OCTOBER, job=job,
                printed_as=post, printed_at=NOW, figures={}, pages=1,
                sha256=hashlib.sha256(content).hexdigest(), content=content,
            )
        )  # fmt: skip
    return made


@pytest.mark.as_owner  # whom the triggers refuse it too
def test_a_document_is_about_a_whole_month(county: SmallCounty) -> None:
    (document,) = kept(county, county.officer())
    document.month = OCTOBER.replace(day=2)
    with pytest.raises(IntegrityError):
        document.save(update_fields=["month"])


def test_the_form_offers_what_the_person_may_print(county: SmallCounty, sign_in: SignIn) -> None:
    page = sign_in(county.officer()).get(reverse("documents"))
    assert page.status_code == 200
    form = page.context["form"]
    assert form.fields["region"].choices == [("654321", "甲县")]
    assert form.fields["month"].choices == [("2026-10", "2026年10月"), ("2026-09", "2026年9月")]
    assert "还没有生成过报表" in page.content.decode()

    page = sign_in(county.officer(county.city, "city_officer")).get(reverse("documents"))
    offered = [name for _, name in page.context["form"].fields["region"].choices]
    assert offered == ["示例市", "甲县", "乙县"]


def test_asking_leads_to_the_job_on_the_page(county: SmallCounty, sign_in: SignIn) -> None:
    client = sign_in(county.officer())
    answer = client.post(reverse("document-print"), CHOSEN, follow=True)
    job = Job.objects.get()
    ((address, status),) = answer.redirect_chain
    assert status == 302
    assert address.startswith(f"/documents/?job={job.pk}&")
    assert answer.context["form"].initial == CHOSEN
    text = answer.content.decode()
    assert job.title in text
    assert reverse("job-progress", args=[job.pk]) in text
    assert job.arguments["origin"] == "http://testserver"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": ""}, "kind", "请选择文种"),
        ({"kind": "passwd"}, "kind", "没有这种报表"),
        ({"region": "654322"}, "region", "不在您的工作范围内"),
        ({"region": "654300"}, "region", "不在您的工作范围内"),
        ({"region": "六五四三二一"}, "region", "不在您的工作范围内"),
        ({"month": "2027-01"}, "month", "还没有数据"),
        ({"month": "2026-13"}, "month", "还没有数据"),
        ({"month": ""}, "month", "请选择月份"),
    ],
)
def test_a_wrong_choice_is_told_at_its_field(
    county: SmallCounty, sign_in: SignIn, change: dict[str, str], field: str, words: str
) -> None:
    page = sign_in(county.officer()).post(reverse("document-print"), CHOSEN | change)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert words in page.content.decode()
    assert not Job.objects.exists()


def test_a_month_its_region_lacks_is_told(county: SmallCounty, sign_in: SignIn) -> None:
    from indicators.models import RegionFacts

    RegionFacts.objects.filter(region=county.other_county).delete()
    client = sign_in(county.officer(county.city, "city_officer"))
    page = client.post(reverse("document-print"), CHOSEN | {"region": "654322"})
    assert "乙县2026年10月还没有数据，请换一个月份。" in page.content.decode()


def test_download_is_an_attachment_that_runs_nothing(county: SmallCounty, sign_in: SignIn) -> None:
    officer = county.officer()
    (document,) = kept(county, officer)
    response = sign_in(officer).get(reverse("document-download", args=[document.pk]))
    assert response.content == bytes(document.content)
    assert hashlib.sha256(response.content).hexdigest() == document.sha256
    assert response["Content-Type"] == "application/pdf"
    name = quote("甲县202610学前教育普及普惠基本情况一览表.pdf")
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]


def test_another_countys_document_does_not_exist(county: SmallCounty, sign_in: SignIn) -> None:
    (document,) = kept(county, county.officer())
    url = reverse("document-download", args=[document.pk])
    stranger = sign_in(county.officer(county.other_county))
    assert stranger.get(url).status_code == 404
    assert stranger.get(reverse("documents")).context["page_obj"].paginator.count == 0
    city = sign_in(county.officer(county.city, "city_officer"))
    assert city.get(url).status_code == 200


def test_posts_without_the_permission_are_refused(county: SmallCounty, sign_in: SignIn) -> None:
    (document,) = kept(county, county.officer())
    client = sign_in(county.officer(role="department_officer"))
    for answer in (
        client.get(reverse("documents")),
        client.post(reverse("document-print"), CHOSEN),
        client.get(reverse("document-download", args=[document.pk])),
    ):
        assert answer.status_code == 403
    assert Job.objects.count() == 1


def test_another_persons_job_is_not_shown(county: SmallCounty, sign_in: SignIn) -> None:
    sign_in(county.officer()).post(reverse("document-print"), CHOSEN)
    job = Job.objects.get()
    page = sign_in(county.officer(role="bureau_leader")).get(f"/documents/?job={job.pk}")
    assert page.context["jobs"] == []


@pytest.mark.parametrize("odd", ["not-a-uuid", "", "%00"])
def test_odd_addresses_still_show_the_page(county: SmallCounty, sign_in: SignIn, odd: str) -> None:
    client = sign_in(county.officer())
    assert client.get(f"/documents/?job={odd}&page={odd}&month={odd}").status_code == 200


def test_a_long_list_costs_no_more_queries(county: SmallCounty, sign_in: SignIn) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    officer = county.officer()
    client = sign_in(officer)
    counts = []
    for more in (3, 27):
        kept(county, officer, more)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("documents"))
        counts.append(len(queries))
    assert page.context["page_obj"].paginator.count == 30
    assert counts[0] == counts[1]
    assert not [q for q in queries if '"content"' in q["sql"]]
