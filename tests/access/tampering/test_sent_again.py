"""The same form once more, from a page that is older than what it did."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Job
from kindergartens.models import FilingEvent, FilingVersion, ReportingPeriod
from reports.filings import services
from tests.access.tampering.scene import Scene
from tests.access.tampering.stored import everything_stored
from tests.conftest import acting
from tests.reports.filings.test_pages import section_data
from tests.small_county import NOW, OCTOBER, type_what_begins_empty


@pytest.mark.parametrize(
    ("who", "route", "data"),
    [
        ("officer", "filing-accept", {"version": 1}),
        ("officer", "filing-return", {"version": 1, "reason": "请核对"}),
        ("director", "filing-withdraw", {}),
    ],
)
def test_an_act_sent_again_is_done_once(
    scene: Scene, who: str, route: str, data: dict[str, Any]
) -> None:
    filing = scene.submitted()
    scene.post(getattr(scene, who), route, filing.pk, **data)
    first = everything_stored()
    assert FilingEvent.objects.count() == 1
    again = scene.post(getattr(scene, who), route, filing.pk, **data)
    assert again.status_code in {302, 409}
    assert everything_stored() == first


def test_a_return_submitted_again_from_the_old_page_is_one_version(scene: Scene) -> None:
    period = ReportingPeriod.objects.get(county=scene.small.county, month=OCTOBER)
    filing = type_what_begins_empty(
        services.open_filing(
            kindergarten=scene.kindergarten, period=period, by=acting(scene.director), now=NOW
        )
    )
    fields = {
        f"class-0-{name}": value
        for name, value in filing.draft["classes"][0].items()
        if name != "explanations"
    } | {"revision": 1, "action": "submit", "days_open": filing.draft["days_open"]}  # fmt: skip
    fields |= section_data(filing.draft)
    assert scene.post(scene.director, "filing-edit", filing.pk, **fields).status_code == 302
    assert scene.post(scene.director, "filing-edit", filing.pk, **fields).status_code == 409
    assert FilingVersion.objects.filter(filing=filing).count() == 1


def test_a_print_asked_for_twice_is_one_job(scene: Scene) -> None:
    scene.submitted()
    asked = {"kind": "monthly_rates", "region": scene.small.county.code, "month": "2026-10"}
    for _ in range(2):
        assert scene.post(scene.officer, "document-print", **asked).status_code == 302
    assert Job.objects.filter(kind="print-document").count() == 1
