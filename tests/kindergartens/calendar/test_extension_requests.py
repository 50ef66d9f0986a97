"""A kindergarten asks for more time for a locked month; the officer grants it or says why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from kindergartens.calendar import selectors, services
from kindergartens.calendar.services import PeriodRefused
from kindergartens.models import ExtensionRequest, ReportingPeriod
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

AFTER_LOCK = moment(2026, 11, 23)
WHY = "园长住院，没有人填报"


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        self.officer = acting(small.officer())
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)

    def ask(self, now: dt.datetime = AFTER_LOCK, **changes: Any) -> ExtensionRequest:
        asked = {"kindergarten": self.kindergarten, "by": self.director} | changes
        return services.ask_for_extension(period_id=self.period.pk, reason=WHY, now=now, **asked)

    def grant(self, now: dt.datetime = AFTER_LOCK) -> Any:
        return services.grant_extension(
            period_id=self.period.pk, kindergarten=self.kindergarten, reason=WHY, now=now,
            until=AFTER_LOCK + dt.timedelta(days=3), by=self.officer,
        )  # fmt: skip

    def refuse(self, asked: ExtensionRequest, **changes: Any) -> ExtensionRequest:
        return services.refuse_extension(
            request_id=asked.pk, reason="季报时一并更正", now=AFTER_LOCK,
            **{"by": self.officer} | changes,
        )  # fmt: skip


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(AFTER_LOCK, tick=False):
        yield Scene(small)


def test_a_granted_question_carries_its_extension(scene: Scene) -> None:
    asked = scene.ask()
    extension = scene.grant()
    asked.refresh_from_db()
    assert (asked.extension, asked.answered_at, asked.answer) == (extension, AFTER_LOCK, "")
    assert asked.answered_as == scene.officer.acting
    with pytest.raises(PeriodRefused, match=r"已于.*批准"):
        scene.refuse(asked)


def test_a_refusal_says_why_and_it_may_be_asked_again(scene: Scene) -> None:
    asked = scene.refuse(scene.ask())
    assert (asked.answer, asked.extension) == ("季报时一并更正", None)
    with pytest.raises(PeriodRefused, match="答复不同意"):
        scene.refuse(asked)
    assert scene.ask().pk != asked.pk
    assert [one.pk for one in selectors.waiting_requests(scene.officer)] != [asked.pk]


def test_one_question_a_month_waits(scene: Scene) -> None:
    first = scene.ask()
    with pytest.raises(PeriodRefused, match="已经申请过"):
        scene.ask()
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()


@pytest.mark.parametrize(
    ("prepare", "now", "says"),
    [
        (None, NOW, "才锁定，现在可以直接填报"),
        ("extended", AFTER_LOCK, "已延期到"),
        ("closed", AFTER_LOCK, "没有在册登记"),
    ],
)
def test_what_needs_no_longer_time_is_not_asked_for(
    scene: Scene, prepare: str | None, now: dt.datetime, says: str
) -> None:
    if prepare == "extended":
        scene.grant()
    if prepare == "closed":
        scene.kindergarten.statuses.update(valid_to=dt.date(2026, 10, 15))
    with pytest.raises(PeriodRefused, match=says):
        scene.ask(now)
    assert not ExtensionRequest.objects.exists()


def test_only_the_own_kindergarten_asks_and_only_its_officer_answers(scene: Scene) -> None:
    other = scene.small.kindergarten(scene.kindergarten.organisation.region, "示例二园")
    stranger = acting(scene.small.person("园长", other.organisation, "director"))
    for by in (stranger, scene.officer):
        with pytest.raises(PermissionDenied):
            scene.ask(by=by)
    asked = scene.ask()
    abroad = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(ExtensionRequest.DoesNotExist):
        scene.refuse(asked, by=abroad)
    leader = acting(scene.small.officer(role="bureau_leader"))
    with pytest.raises(PermissionDenied):
        scene.refuse(asked, by=leader)
    assert ExtensionRequest.objects.waiting().count() == 1


def test_the_whole_conversation_on_its_pages(scene: Scene) -> None:
    director, officer = client_of(scene.director), client_of(scene.officer)
    ask = reverse("extension-ask", args=[scene.period.pk])
    months = reverse("my-filings")
    assert ask in director.get(months).content.decode()
    empty = director.post(ask, {"reason": " "})
    assert empty.status_code == 422
    assert director.post(ask, {"reason": WHY}).status_code == 302
    page = director.get(months).content.decode()
    assert "已申请延期，等答复" in page
    assert ask not in page

    assert WHY in officer.get(reverse("periods")).content.decode()
    month = officer.get(reverse("period", args=[scene.period.pk])).content.decode()
    assert WHY in month
    asked = ExtensionRequest.objects.get()
    refuse = reverse("extension-refuse", args=[asked.pk])
    assert refuse in month
    extend = reverse("period-extend", args=[scene.period.pk, scene.kindergarten.code])
    assert f"\n{WHY}</textarea>" in officer.get(extend).content.decode()
    assert officer.post(refuse, {"reason": "季报时一并更正"}).status_code == 302
    page = director.get(months).content.decode()
    assert "未同意延期：季报时一并更正" in page
    assert ask in page
    assert WHY not in officer.get(reverse("periods")).content.decode()
    assert (
        "不同意：季报时一并更正"
        in officer.get(reverse("period", args=[scene.period.pk])).content.decode()
    )


def test_an_accepted_month_is_asked_about_from_its_own_page(scene: Scene) -> None:
    filing = scene.small.file(scene.kindergarten, 24)
    client = client_of(scene.director)
    ask = reverse("extension-ask", args=[scene.period.pk])
    assert ask not in client.get(reverse("my-filings")).content.decode()
    page = client.get(reverse("filing-version", args=[filing.pk, 1])).content.decode()
    assert ask in page
    scene.grant()
    page = client.get(reverse("filing-version", args=[filing.pk, 1])).content.decode()
    assert ask not in page
