"""历史数据: what the pages show, and that a correction is checked as a table is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from indicators.aggregates.services import Entry, enter_aggregates, stamp
from indicators.models import AggregateReturn
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db


def entry(small: SmallCounty, day: dt.date, sponsor: str = "", **more) -> Entry:
    values = {"kind": "yearbook", "place": "表1", "scope": "", "explanation": "", "counts": {},
              "printed": {}, "published": {}} | more  # fmt: skip
    return Entry(
        region=small.county, reference_date=day, source="示例年鉴", sponsor=sponsor, **values
    )


@pytest.fixture
def scene(sign_in):
    small = SmallCounty()
    rows = [
        entry(
            small, dt.date(2019, 12, 31),
            counts={"enrolled_children": 607_000, "public_children": 299_600,
                    "inclusive_private_children": 138_400},
            printed={"enrolled_children": "60.70万", "public_children": "29.96万",
                     "inclusive_private_children": "13.84万"},
            published={"inclusive_enrolment_share": "72.17", "public_enrolment_share": "48"},
        ),
        entry(small, dt.date(2020, 12, 31), counts={"enrolled_children": 50, "staff": 9}),
        entry(small, dt.date(2020, 12, 31), "private", counts={"enrolled_children": 20}),
        entry(small, dt.date(2020, 12, 31), "education", counts={"enrolled_children": 30}),
    ]  # fmt: skip
    enter_aggregates(entries=rows, reason="示例导入", by=None, now=NOW)
    return small, sign_in(small.officer())


def page(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_is_filtered_and_costs_the_same_for_any_number(
    scene, django_assert_max_num_queries
):
    small, client = scene
    page(client, "aggregates")
    with django_assert_max_num_queries(16):
        assert "共4条" in page(client, "aggregates")
    shown = page(client, "aggregates", year="2019", region=small.county.code)
    assert "共1条" in shown
    assert "印作60.70万" in shown
    assert "没有历史数据" in page(client, "aggregates", state="withdrawn")


def test_a_row_shows_published_beside_recomputed_and_its_sponsors(scene):
    _, client = scene
    shown = page(client, "aggregate", AggregateReturn.objects.get(reference_date__year=2019).pk)
    for text in ("72.16%", "72.17%", "一致", "49.36%", "48%", "不一致", "60.70万"):
        assert text in shown
    total = AggregateReturn.objects.get(reference_date__year=2020, sponsor="")
    shown = page(client, "aggregate", total.pk)
    assert "分办别" in shown
    assert "60.00%" in shown  # what the sponsors tell of the public part


def test_a_correction_is_checked_kept_with_its_reason_and_refused_when_stale(scene):
    _, client = scene
    row = AggregateReturn.objects.get(reference_date__year=2020, sponsor="")
    address = reverse("aggregate-correct", args=[row.pk])
    sent = {"kind": "yearbook", "enrolled_children": "2.8959", "seen": stamp(row), "reason": "改正"}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "是按万填的吗" in answer.content.decode()
    sent |= {"enrolled_children": "100", "public_children": "60", "private_children": "39"}
    answer = client.post(address, sent)
    assert "差1人" in answer.content.decode()
    sent |= {"private_children": "40", "staff": ""}
    assert (
        "各办别的在园幼儿加起来是50人，合计行是100人" in client.post(address, sent).content.decode()
    )
    sent |= {"explanation": "原表如此"}
    assert client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.enrolled_children, row.public_children, row.staff) == (100, 60, None)
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "别人改过这份资料" in answer.content.decode()
    assert "改正" in page(client, "aggregate-history", row.pk)


def test_the_file_has_every_row_of_the_list(scene):
    _, client = scene
    answer = client.get(reverse("aggregates-export", args=["csv"]), {"year": "2020"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.count("示例年鉴") == 3
