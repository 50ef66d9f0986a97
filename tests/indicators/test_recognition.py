"""Surveys of what people think: which one a month uses, what is refused, that figures follow."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Job
from indicators.models import RecognitionSurvey
from indicators.recognition.services import NAMES, record_survey, withdraw_survey
from indicators.selectors import figures
from kindergartens.stamps import stamp_of
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
RATE = "public_recognition_rate"


def survey(day: dt.date, satisfied: int, **more) -> dict:
    return {
        "surveyed_on": day, "asked": 110, "valid_answers": 100, "satisfied_answers": satisfied,
        "surveyor": "示例督导室", "method": "网上问卷", "document": "",
    } | more  # fmt: skip


@pytest.fixture
def small() -> SmallCounty:
    return SmallCounty()


def rate_of(small: SmallCounty, region=None):
    small.settle()
    (figure,) = figures(region or small.county, dt.date(2026, 10, 1), [RATE])
    return figure


def test_the_newest_survey_of_the_year_before_the_statistical_date_counts(small):
    officer, other = acting(small.officer()), acting(small.officer(small.other_county))
    assert rate_of(small).reason == "统计时点以前一年里没有登记社会认可度调查。"
    for day, satisfied in (
        (dt.date(2025, 10, 31), 99),  # a year ago to the day: no more
        (dt.date(2026, 5, 1), 80),
        (dt.date(2026, 10, 31), 84),  # the statistical date itself
        (dt.date(2026, 11, 1), 99),  # after it
    ):
        record_survey(values=survey(day, satisfied), by=officer, now=NOW)
    found = rate_of(small)
    assert (found.numerator, found.denominator, found.provisional) == (84, 100, False)
    assert Job.objects.filter(county=small.county).exists()
    newest = RecognitionSurvey.objects.get(surveyed_on=dt.date(2026, 10, 31))
    withdraw_survey(pk=newest.pk, reason="另有一次", by=officer, now=NOW)
    assert rate_of(small).numerator == 80
    # A city's is the sum over the counties that surveyed.
    record_survey(values=survey(dt.date(2026, 6, 1), 95, valid_answers=100), by=other, now=NOW)
    city = rate_of(small, small.city)
    assert (city.numerator, city.denominator) == (175, 200)
    with pytest.raises(PermissionDenied):
        record_survey(
            values=survey(dt.date(2026, 6, 2), 1),
            by=acting(small.officer(small.city, "city_officer")),
            now=NOW,
        )


def test_pages_refuse_what_cannot_be_and_keep_what_was_typed(small, sign_in):
    client = sign_in(small.officer())
    sent = survey(dt.date(2026, 6, 1), 101, asked=90)
    answer = client.post(reverse("recognition-new"), sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "有效100份，多于发出90份" in text
    assert "满意101份，多于有效100份" in text
    assert "示例督导室" in text
    sent |= {"asked": "110", "satisfied_answers": "85"}
    assert client.post(reverse("recognition-new"), sent).status_code == 302
    assert "已经登记过" in client.post(reverse("recognition-new"), sent).content.decode()
    row = RecognitionSurvey.objects.get()
    seen = stamp_of(row, NAMES)
    correct = reverse("recognition-correct", args=[row.pk])
    changed = sent | {"satisfied_answers": "86", "reason": "抄错", "seen": seen}
    assert client.post(correct, changed).status_code == 302
    assert "别人改过" in client.post(correct, changed).content.decode()
    assert "86.00" in client.get(reverse("recognition")).content.decode()


def test_counties_see_their_own_and_the_city_all(small):
    for officer in (small.officer(), small.officer(small.other_county)):
        record_survey(values=survey(dt.date(2026, 6, 1), 90), by=acting(officer), now=NOW)
    for user, seen in (
        (small.officer(), {"甲县"}),
        (small.officer(small.city, "city_officer"), {"甲县", "乙县"}),
    ):
        rows = RecognitionSurvey.objects.visible_to(acting(user))
        assert {row.region.name for row in rows} == seen
