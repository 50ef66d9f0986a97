"""What of a kindergarten's fees is published, on the page for everybody and on paper at the gate."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pdfplumber
import pytest
import segno
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.formatting import zhdate
from accounts.hardening import limits
from accounts.hardening.middleware import limit_for
from accounts.models import AccessRecord
from fees.models import LocalFeeItem, ScheduledFee
from fees.rules import published_by
from reports.documents.charts import ERROR_CORRECTION
from reports.documents.pdf import ALLOWED_FONTS
from reports.fee_figures.selectors import overview
from reports.fee_sheets.rules import free_year_note
from reports.fee_sheets.selectors import published_lines
from tests.access.routes import World
from tests.conftest import acting
from tests.reports.documents.reading import MM, squeeze, whole_text
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE

TODAY = NOW.date()
DOTS = 300 / 72  # of a picture of a page, to the point


def line(world: World, name: str, **more: Any) -> ScheduledFee:
    facts: dict[str, Any] = {
        "item": "service_fee", "name": name, "scope": "all", "amount": Decimal("120.50"),
        "unit": "month", "valid_from": SINCE, "published_on": SINCE,
    }  # fmt: skip
    return ScheduledFee.objects.create(
        kindergarten=world.kindergarten,
        entered_as=world.people["bureau_officer"].memberships.get(),
        entered_at=NOW,
        **facts | more,
    )


@pytest.fixture
def lines(world: World) -> World:
    """The canteen's line of the world, one of each other sort, and those nobody may see today."""
    line(world, "", item="care_education_fee", amount=600, document="示例批复", published_on=None)
    line(world, "", item="care_education_fee", scope="large", amount=0, document="示例减免")
    line(world, "延时服务")
    line(world, "示例看护", content="示例园自己写的内容")
    listed = {"content": "放学后看护", "valid_from": SINCE}
    LocalFeeItem.objects.filter(name="延时服务").update(**listed)
    LocalFeeItem.objects.create(
        region=world.small.county, item="service_fee", name="示例看护", document="示例清单",
        **listed | {"content": "清单的内容"},
    )  # fmt: skip
    tomorrow = TODAY + dt.timedelta(days=1)
    line(world, "示例未公示", published_on=tomorrow)
    # A document is no publication: of a line since the law nobody may charge on it.
    line(world, "示例有文号", published_on=tomorrow, document="示例文件")
    line(
        world, "示例无日期", published_on=None, document="示例文件", valid_from=dt.date(2025, 6, 1)
    )
    line(world, "示例明天起", valid_from=tomorrow)
    line(world, "示例已截止", valid_to=TODAY)
    line(world, "示例撤销", withdrawn_at=NOW)
    return world


HIDDEN = ("示例未公示", "示例有文号", "示例无日期", "示例已截止", "示例撤销")


def test_the_page_shows_what_is_published_and_to_everybody_the_same(lines: World, rf) -> None:
    address = reverse("public-fees", args=[lines.kindergarten.code])
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(address)
    page = answer.content.decode()
    assert len(captured) == 5
    for words in (
        "600",
        "0</b> 元/月",
        "示例批复",
        "120.5",
        "放学后看护",
        "示例园自己写的内容",
        "伙食费",
        "2021年8月20日公示",
    ):
        assert words in page
    assert not [name for name in (*HIDDEN, "清单的内容") if name in page]
    # What begins later is told apart from what is charged today.
    assert page.index("伙食费") < page.index("以后执行的") < page.index("示例明天起")
    # In the order of the sheet, whatever the order of recording.
    assert page.index("保教费") < page.index("延时服务") < page.index("伙食费")
    assert set(answer["Cache-Control"].split(", ")) == {"max-age=600", "public"}
    assert not answer.cookies
    assert "csrf" not in page
    assert "<script" not in page
    assert client_of(acting(lines.people["director"])).get(address).content.decode() == page
    request = rf.get(address)
    request.resolver_match = answer.resolver_match
    assert limit_for(request, answer.resolver_match.func) == limits.PUBLIC_PAGE


def test_only_who_runs_with_a_licence_is_published(world: World) -> None:
    lists = reverse("public-county-fees", args=[world.small.county.code])
    assert world.kindergarten.name in Client().get(lists).content.decode()
    world.kindergarten.licence_until = TODAY - dt.timedelta(days=1)
    world.kindergarten.save()
    for name, code in (("public-fees", world.kindergarten.code), ("public-fees", "9999999999")):
        assert Client().get(reverse(name, args=[code])).status_code == 404
    assert world.kindergarten.name not in Client().get(lists).content.decode()
    # Nothing is printed either, as the code on it would open nothing.
    client = client_of(acting(world.people["bureau_officer"]))
    answer = client.get(reverse("fee-sheet", args=[world.kindergarten.code]), follow=True)
    assert "不公示收费" in answer.content.decode()


def test_a_county_lists_its_kindergartens_and_finds_one_by_name(lines: World) -> None:
    address = reverse("public-county-fees", args=[lines.small.county.code])
    town = lines.kindergarten.organisation.region

    def asked(**query: str) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            page = Client().get(address, query).content.decode()
        return page, len(captured)

    page, before = asked()
    assert "5项" in page
    assert lines.small.other_county.name not in page
    for number in range(3):
        lines.small.kindergarten(town, f"示例另{number}园")
    page, after = asked()
    assert after == before
    assert "还没有公示" in page
    counties = Client().get(reverse("public-counties")).content.decode()
    assert f'href="{address}"' in counties
    found, _ = asked(q="另 1")
    assert ("示例另1园" in found, lines.kindergarten.name in found) == (True, False)
    assert "没有找到" in asked(q="<b>")[0]
    assert Client().get(reverse("public-county-fees", args=[town.code])).status_code == 404


@pytest.mark.pdf
def test_the_sheet_holds_the_same_and_its_code_opens_the_page(lines: World) -> None:
    for number in range(10):
        line(lines, f"示例服务{number}", document="示例文件：某某幼儿园收费备案表")
    client = client_of(acting(lines.people["director"]))
    answer = client.get(reverse("fee-sheet", args=[lines.kindergarten.code]))
    assert answer["Content-Type"] == "application/pdf"
    address = "http://testserver" + reverse("public-fees", args=[lines.kindergarten.code])
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        [page] = pdf.pages  # fifteen lines on one
        text = whole_text(page)
        fonts = {char["fontname"].rpartition("+")[2] for char in page.chars}
        # Where the words beside the code and the frame of the table end.
        assert max(char["x1"] for char in page.chars) * MM <= 184.5
        code = read_code(page, address)
    assert fonts <= ALLOWED_FONTS
    for words in (lines.kindergarten.name, "收费公示表", "600元/月", "示例批复", "示例服务9",
                  "示例园自己写的内容",
                  f"{zhdate(TODAY)}执行"):  # fmt: skip
        assert squeeze(words) in text
    assert not [name for name in (*HIDDEN, "示例明天起") if name in text]
    assert address in text
    assert code == [[bool(dark) for dark in row] for row in matrix_of(address)]
    kept = AccessRecord.objects.unscoped("what the test did").get(action=AccessRecord.Action.PRINT)
    assert (kept.object_id, kept.rows) == (str(lines.kindergarten.pk), 15)


def matrix_of(address: str) -> Any:
    return segno.make(address, error=ERROR_CORRECTION, micro=False).matrix


def read_code(page: Any, address: str) -> list[list[bool]]:
    """The squares of the code as they are drawn, dark or not, from a picture of the page."""
    picture = page.to_image(resolution=300).original.convert("L")
    # The code is the last thing on the page's right side, 34 mm wide with four squares of rim.
    caption = next(word for word in page.extract_words() if "扫码看" in word["text"])
    size, count = 34 / MM, len(matrix_of(address)) + 8
    middle = (caption["x0"] + caption["x1"]) / 2
    left, top = middle - size / 2, caption["top"] - size
    region = picture.crop([int(v * DOTS) for v in (left, top, left + size, top + size)])
    ink = region.point(lambda value: 255 if value < 128 else 0).getbbox()
    step = (ink[2] - ink[0]) / (count - 8)
    return [
        [
            region.getpixel((ink[0] + (x + 0.5) * step, ink[1] + (y + 0.5) * step)) < 128
            for x in range(count - 8)
        ]
        for y in range(count - 8)
    ]


@pytest.mark.pdf
def test_a_long_sheet_flows_on_under_its_head(lines: World) -> None:
    for number in range(40):
        line(lines, f"示例服务{number}")
    client = client_of(acting(lines.people["director"]))
    answer = client.get(reverse("fee-sheet", args=[lines.kindergarten.code]))
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        texts = [whole_text(page) for page in pdf.pages]
    assert len(texts) >= 2
    assert all("收费项目" in text for text in texts)
    assert sum("扫码看最新公示" in text for text in texts) == 1


def test_nothing_to_publish_is_said_and_not_printed(world: World) -> None:
    client = client_of(acting(world.people["bureau_officer"]))
    address = reverse("fee-sheet", args=[world.kindergarten.code])
    answer = client.get(address, {"day": "2001-01-01"}, follow=True)
    assert "没有可以公示的收费标准" in answer.content.decode()
    tomorrow = TODAY + dt.timedelta(days=1)
    answer = client.get(address, {"day": tomorrow.isoformat()}, follow=True)
    assert f"{zhdate(tomorrow)}还没有到，没有打印" in answer.content.decode()


def test_what_parents_see_is_what_may_be_charged_and_what_is_counted(world: World) -> None:
    """One day, one answer: the public page, the check of a return and the figures."""
    by = acting(world.people["bureau_officer"])
    before, since = dt.date(2025, 5, 31), dt.date(2025, 6, 1)
    days = (None, TODAY, TODAY + dt.timedelta(days=1))
    for at, (begins, published) in enumerate((b, d) for b in (before, since) for d in days):
        line(
            world, f"示例{at}", valid_from=begins, published_on=published, document="示例文件"
        )  # fmt: skip
    shown = {fee.pk for fee in published_lines(TODAY)}
    for fee in ScheduledFee.objects.unscoped("the test's own").on(TODAY):
        known = published_by(TODAY, valid_from=fee.valid_from, published_on=fee.published_on)
        assert (fee.pk in shown) == (known is not False), fee
    assert len(shown) == 4
    assert overview(by, world.small.county, TODAY).whole.published == 0
    hidden = ScheduledFee.objects.unscoped("the test's own").exclude(pk__in=shown)
    hidden.update(withdrawn_at=NOW)
    assert overview(by, world.small.county, TODAY).whole.published == 1


@pytest.mark.parametrize(
    ("ownership", "day", "said"),
    [
        ("public", dt.date(2025, 8, 31), ""),
        ("public", dt.date(2025, 9, 1), "免收"),
        ("inclusive_private", dt.date(2025, 9, 1), "减免"),
    ],
)
def test_the_free_year_is_said_from_its_first_term(ownership: str, day: dt.date, said: str) -> None:
    note = free_year_note(ownership=ownership, day=day)
    assert said in note
    assert bool(note) == bool(said)
