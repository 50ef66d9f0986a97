"""A hazard from report to closing, under a plate, on the list and on paper: in one county."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import openpyxl
import pdfplumber
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.files import intake
from accounts.files.intake import Accepted
from accounts.models import AccessRecord, Membership, Notice
from inspections.ledger.selectors import offered
from inspections.ledger.services import take_in
from reports.documents.pdf import ALLOWED_FONTS
from safety.hazards import services
from safety.hazards.selectors import HazardFilter, hazard_rows, standing
from safety.hazards.services import Found, HazardRefused, Settled
from safety.models import Hazard
from tests.access.routes import World
from tests.conftest import acting
from tests.reports.documents.reading import MM, squeeze, whole_text
from tests.signing_in import client_of
from tests.small_county import NOW

TODAY = NOW.date()
LATER = TODAY + dt.timedelta(days=30)
FOUND = Found(
    place="一楼厨房", field="fire", description="灭火器过期", source="self_check", found_on=TODAY,
    deadline=TODAY + dt.timedelta(days=7),
)  # fmt: skip


def photo(content: bytes = b"picture") -> Accepted:
    return Accepted("照片.jpg", content, "image/jpeg")


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.director, self.clerk, self.officer, self.leader, self.inspector = (
            acting(world.people[role])
            for role in (
                "director", "kindergarten_clerk", "bureau_officer", "bureau_leader", "inspector",
            )
        )  # fmt: skip

    def report(self, by: Any = None, **more: Any) -> Hazard:
        known = {name: more.pop(name) for name in list(more) if name in Found.__annotations__}
        return services.report_hazard(
            **{
                "client_id": uuid4(), "kindergarten": self.world.kindergarten,
                "found": replace(FOUND, **known), "by": by or self.director, "now": NOW,
            } | more
        )  # fmt: skip


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_sent_twice_it_is_one_with_its_photos_once(desk: Desk) -> None:
    mark = uuid4()
    first, again = (desk.report(client_id=mark, photos=[photo()]) for _ in range(2))
    assert first == again
    assert [first.photos.count(), first.events.count()] == [1, 1]
    # Another person's mark opens nothing.
    with pytest.raises(HazardRefused):
        desk.report(desk.clerk, client_id=mark)
    assert desk.report().number == first.number[:-4] + f"{int(first.number[-4:]) + 1:04d}"


def test_a_criterion_makes_it_major_and_stops_the_use(desk: Desk) -> None:
    hazard = desk.report(field="premises", criterion="premises-d", grade="general")
    assert [hazard.grade, hazard.stop_use, hazard.state] == ["major", True, "reported"]
    # Reported by who grades, it needs no grading.
    assert desk.report(desk.officer, grade="major").state == "mending"
    with pytest.raises(HazardRefused) as refusal:
        desk.report(field="food", criterion="premises-d")
    assert refusal.value.field == "criterion"


def test_who_reports_and_of_which_kindergarten(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        desk.report(acting(desk.world.people["department_officer"]))
    with pytest.raises(HazardRefused) as refusal:
        desk.report(acting(desk.world.strangers["inspector"]))
    assert refusal.value.field == "kindergarten"
    with pytest.raises(HazardRefused) as refusal:
        desk.report(place="", photos=[photo()])
    assert refusal.value.field == "place"
    assert desk.report(desk.inspector, source="inspector").state == "mending"
    done = desk.report(fixed_on_spot=True, deadline=None, mended_photos=[photo(b"after")])
    assert [done.state, done.mended_as] == ["mended", desk.director.acting]
    assert desk.report(deadline=TODAY + dt.timedelta(days=31)).state == "reported"


def again(hazard: Hazard) -> Hazard:
    return Hazard.objects.unscoped("the test's own").get(pk=hazard.pk)


def act(service: Callable[..., Any], hazard: Hazard, by: Any, **more: Any) -> Hazard:
    seen = more.pop("seen", services.stamp(hazard))
    service(hazard_id=hazard.pk, by=by, now=NOW, **{"seen": seen} | more)
    return again(hazard)


def refused(service: Callable[..., Any], hazard: Hazard, by: Any, **more: Any) -> str:
    with pytest.raises(HazardRefused) as refusal:
        act(service, hazard, by, **more)
    return refusal.value.field


def mended(desk: Desk, hazard: Hazard, by: Any = None) -> Hazard:
    by = by or desk.director
    return act(services.mend, hazard, by, evidence=[photo(b"after")], reason="")


def checked(hazard: Hazard, by: Any, passed: bool = True, **more: Any) -> Hazard:
    return act(
        services.recheck, hazard, by, passed=passed, **{"reason": "", "deadline": None} | more
    )


def settled(desk: Desk, **more: Any) -> Settled:
    supervisor = desk.officer.acting.organisation
    return Settled(
        **{
            "measures": "拆除夹芯板", "responsibility": "园长负责", "funding": "自筹3万元",
            "deadline": LATER, "plan": "腾空活动室", "supervisor": supervisor,
            "document_number": "示教督〔2026〕3号",
        } | more
    )  # fmt: skip


def plated(desk: Desk) -> Hazard:
    hazard = desk.report(field="fire", criterion="fire-floor", photos=[picture()])
    hazard = act(services.grade, hazard, desk.officer, grade="major", reason="", deadline=None)
    return act(services.hang, hazard, desk.officer, settled=settled(desk), hung_on=TODAY)


def picture() -> Accepted:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "navy").save(out, "JPEG")
    return Accepted("楼梯间.jpg", out.getvalue(), "image/jpeg")


def test_who_rectifies_does_not_verify_and_nothing_closes_without_evidence(desk: Desk) -> None:
    hazard = desk.report()
    assert refused(services.mend, hazard, desk.director, evidence=[], reason="") == "evidence"
    # An officer who mends does not re-check it either, nor could the database be told so.
    own = mended(desk, desk.report(desk.officer), desk.officer)
    with pytest.raises(HazardRefused, match="您自己"):
        checked(own, desk.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hazard.objects.filter(pk=own.pk).update(
            state="closed", closed_as=own.mended_as, closed_at=NOW
        )
    hazard = mended(desk, hazard)
    back = {"passed": False, "reason": "还在漏", "deadline": LATER}
    assert refused(services.recheck, hazard, desk.officer, **back | {"reason": ""}) == "reason"
    hazard = checked(hazard, desk.officer, **back)
    assert [hazard.state, hazard.deadline] == ["mending", LATER]
    hazard = checked(mended(desk, hazard), desk.officer)
    assert hazard.state == "closed"
    with pytest.raises(HazardRefused, match="已销号"):
        mended(desk, hazard)
    relapse = desk.report(earlier=hazard)
    assert [relapse.earlier, again(hazard).state] == [hazard, "closed"]
    with pytest.raises(HazardRefused):
        desk.report(earlier=relapse)


def test_one_entered_by_mistake_is_withdrawn_and_counts_nowhere(desk: Desk) -> None:
    taken_back = {"reason": "选错了幼儿园"}
    late = {"found_on": TODAY - dt.timedelta(days=9), "deadline": TODAY - dt.timedelta(days=2)}
    wrong = desk.report(desk.inspector, **late)
    everybody_else = [desk.report(desk.director), desk.report(grade="major")]
    # Neither the kindergarten it was found at nor, once somebody acted on it, anybody else.
    with pytest.raises(HazardRefused, match="由登记的单位或教育局撤销"):
        act(services.withdraw_hazard, wrong, desk.director, **taken_back)
    acted, hung = desk.report(desk.inspector), plated(desk)
    act(services.set_stop, acted, desk.leader, stop=True, reason="先停用")
    entered = desk.report(desk.officer)
    take_in(number=entered.number, by=desk.officer, now=NOW)
    for one, why in ((acted, "别人办理过"), (hung, "别人办理过"), (entered, "整改台账")):
        with pytest.raises(HazardRefused, match=why):
            act(services.withdraw_hazard, one, desk.officer, **taken_back)
    before = standing(desk.officer, TODAY, HazardFilter())
    assert wrong in offered(desk.officer)
    assert refused(services.withdraw_hazard, wrong, desk.inspector, reason=" ") == "reason"
    wrong = act(services.withdraw_hazard, wrong, desk.inspector, **taken_back)
    assert [wrong.state, wrong.withdrawn_reason] == ["withdrawn", "选错了幼儿园"]
    assert [wrong.events.last().action, wrong.events.last().reason] == ["withdrawn", "选错了幼儿园"]
    after = standing(desk.officer, TODAY, HazardFilter())
    assert [before.open - after.open, before.overdue - after.overdue] == [1, 1]
    assert before.closed == after.closed
    assert wrong not in offered(desk.officer)
    with pytest.raises(HazardRefused, match="已撤销"):
        mended(desk, wrong)
    assert desk.report().number > wrong.number
    # The bureau takes back what a kindergarten entered.
    for one in everybody_else:
        assert act(services.withdraw_hazard, one, desk.officer, **taken_back).state == "withdrawn"


def test_compared_are_persons_not_posts(desk: Desk) -> None:
    """Who mended re-checks and takes down as little in a second post, or through a deputy."""
    small, bureau = desk.world.small, desk.officer.acting.organisation
    second = small.person("又任", bureau, "bureau_officer")
    own, delegated = mended(desk, desk.report()), plated(desk)
    elsewhere = Membership.objects.create(
        user=second, organisation=desk.world.kindergarten.organisation, role="director",
        valid_from=dt.date(2026, 1, 1),
    )  # fmt: skip
    deputy = small.person("代办", bureau, "bureau_officer")
    in_whose_name = Membership.objects.create(
        user=deputy, organisation=bureau, role="bureau_leader", deputises_for=desk.leader.acting,
        valid_from=TODAY, valid_to=TODAY, reason="示例外出",
    )  # fmt: skip
    Hazard.objects.filter(pk=own.pk).update(mended_as=elsewhere)
    Hazard.objects.filter(pk=delegated.pk).update(
        mended_as=in_whose_name, mended_at=NOW, state="cleared"
    )
    with pytest.raises(HazardRefused, match="您自己"):
        checked(again(own), acting(second))
    down = {"decision": "合格", "decision_number": "", "delisted_on": TODAY}
    for one in (desk.leader, acting(deputy)):
        with pytest.raises(HazardRefused, match="您自己"):
            act(services.delist, again(delegated), one, **down)


def told(desk: Desk) -> list[str]:
    sent = Notice.objects.unscoped("the test's own").filter(
        organisation=desk.world.kindergarten.organisation, kind="safety"
    )
    return list(sent.order_by("pk").values_list("title", flat=True))


def test_the_kindergarten_is_told_what_others_do(desk: Desk) -> None:
    mended(desk, desk.report())
    assert told(desk) == []
    hazard = mended(desk, desk.report(desk.inspector))
    hazard = checked(hazard, desk.officer, False, reason="还在漏", deadline=LATER)
    checked(mended(desk, hazard), desk.officer)
    plated(desk)
    act(services.withdraw_hazard, desk.report(desk.inspector), desk.inspector, reason="选错")
    found, back, closed, major, hung, *others = told(desk)
    assert "登记了你园的一条隐患" in found
    assert [said in title for said, title in (
        ("请继续整改", back), ("已销号", closed), ("定为重大", major), ("挂牌督办", hung),
    )] == [True] * 4  # fmt: skip
    assert "登记已撤销" in others[-1]


def test_too_many_files_are_refused_unopened_and_a_refused_one_is_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hazard = desk.report()
    address = reverse("hazard-mend", args=[hazard.number])
    client = client_of(desk.director)

    def sent(count: int) -> str:
        files = [SimpleUploadedFile("证明.pdf", b"no document") for _ in range(count)]
        page = client.post(address, {"evidence": files, "seen": services.stamp(hazard)})
        assert page.status_code == 422
        return page.content.decode()

    assert "证明.pdf" in sent(1)
    refusals = AccessRecord.objects.unscoped("the test's own").filter(
        action="upload", outcome="refused"
    )
    assert refusals.count() == 1
    monkeypatch.setattr(intake, "accept", None)
    assert "一次最多5张" in sent(6)


def test_what_was_read_is_what_is_acted_on(desk: Desk) -> None:
    hazard = desk.report()
    seen = services.stamp(hazard)
    extended = act(services.extend, hazard, desk.officer, deadline=LATER, reason="等配件")
    assert [extended.deadline, extended.events.last().reason] == [LATER, "等配件"]
    rows = hazard_rows(desk.officer, HazardFilter(state="all"), TODAY)
    assert {row.number: row.times_extended for row in rows if row.times_extended} == {
        hazard.number: 1
    }
    with pytest.raises(HazardRefused, match="别人办过"):
        act(services.extend, hazard, desk.officer, deadline=LATER, reason="再等", seen=seen)
    assert refused(services.extend, hazard, desk.officer, deadline=TODAY, reason="x") == "deadline"


def test_fixed_on_the_spot_and_sent_back_has_a_deadline(desk: Desk) -> None:
    done = desk.report(fixed_on_spot=True, deadline=None, mended_photos=[photo(b"after")])
    back = {"passed": False, "reason": "没有换"}
    assert refused(services.recheck, done, desk.officer, deadline=None, **back) == "deadline"
    done = checked(done, desk.officer, deadline=LATER, **back)
    assert [done.state, done.fixed_on_spot, done.deadline] == ["mending", False, LATER]


def test_a_major_one_goes_under_a_plate_with_five_points_and_comes_down_by_decision(
    desk: Desk,
) -> None:
    hazard = desk.report(field="fire", criterion="fire-floor")
    lower = {"grade": "general", "deadline": None}
    assert refused(services.grade, hazard, desk.officer, reason="", **lower) == "reason"
    lowered = act(services.grade, hazard, desk.officer, reason="已在三层以下", **lower)
    assert lowered.grade == "general"
    hazard = desk.report(field="fire", criterion="fire-floor")
    hazard = act(services.grade, hazard, desk.officer, grade="major", reason="", deadline=None)
    # Without a plate a major one is not closed.
    with pytest.raises(HazardRefused, match="挂牌"):
        checked(mended(desk, hazard), desk.leader)
    for name in ("measures", "responsibility", "funding", "deadline", "plan"):
        points = settled(desk, **{name: None if name == "deadline" else " "})
        assert refused(services.hang, hazard, desk.officer, settled=points, hung_on=TODAY) == name
    far = replace(settled(desk), deadline=TODAY.replace(year=TODAY.year + 36))
    assert refused(services.hang, hazard, desk.officer, settled=far, hung_on=TODAY) == "deadline"
    hazard = act(services.hang, hazard, desk.officer, settled=settled(desk), hung_on=TODAY)
    assert [hazard.deadline, hazard.plate.hung_as] == [LATER, desk.officer.acting]
    assert refused(services.grade, hazard, desk.officer, reason="轻", **lower) == "grade"
    hazard = checked(hazard, desk.leader)
    assert hazard.state == "cleared"
    down = {"decision": "", "decision_number": "", "delisted_on": TODAY}
    assert refused(services.delist, hazard, desk.officer, **down) == "decision"
    hazard = act(services.delist, hazard, desk.officer, **down | {"decision": "已拆除，合格"})
    assert [hazard.state, hazard.plate.delisted_on] == ["closed", TODAY]


def test_only_the_bureau_lets_it_be_used_again_and_says_why(desk: Desk) -> None:
    hazard = desk.report(desk.inspector, field="premises", criterion="premises-d")
    assert hazard.stop_use
    page = client_of(desk.director).post(
        reverse("hazard-resume", args=[hazard.number]),
        {"reason": "修好了", "seen": services.stamp(hazard)},
    )
    assert page.status_code == 403
    page = client_of(desk.officer).post(
        reverse("hazard-resume", args=[hazard.number]),
        {"reason": "", "seen": services.stamp(hazard)},
    )
    assert page.status_code == 422
    hazard = act(services.set_stop, hazard, desk.officer, stop=False, reason="复核为C级，已加固")
    assert [hazard.stop_use, hazard.stop_lifted_reason] == [False, "复核为C级，已加固"]


def test_a_leader_who_decides_stops_the_use_too(desk: Desk) -> None:
    hazard = desk.report()
    client = client_of(desk.leader)
    stop = reverse("hazard-stop", args=[hazard.number])
    assert stop in client.get(reverse("hazard", args=[hazard.number])).content.decode()
    client.post(stop, {"reason": "裂缝变宽", "seen": services.stamp(hazard)})
    assert again(hazard).stop_use


def test_a_photo_without_a_place_is_refused_at_the_field_and_nothing_typed_is_lost(
    desk: Desk,
) -> None:
    typed = {
        "client_id": "0b6e9c1e-8f0e-4d6a-9d57-3f3a5b7a0002", "place": "", "field": "fire",
        "description": "示例插座烧黑", "grade": "general", "mending": "dated",
        "deadline": LATER.isoformat(), "source": "self_check", "found_on": TODAY.isoformat(),
        "photos": io.BytesIO(picture().content),
    }  # fmt: skip
    typed["photos"].name = "插座.jpg"
    page = client_of(desk.director).post(reverse("hazard-new"), typed)
    text = page.content.decode()
    assert page.status_code == 422
    assert 'id="id_place_error"' in text
    assert "照片拍的是哪里？" in text
    assert "示例插座烧黑" in text
    # The photo need not be chosen again.
    [mark] = re.findall(r'name="photos-kept" value="([^"]+)"', text)
    del typed["photos"]
    client = client_of(desk.director)
    client.post(reverse("hazard-new"), typed | {"place": "走廊", "photos-kept": [mark, f"{mark}x"]})
    assert [one.name for one in Hazard.objects.get(place="走廊").photos.all()] == ["插座.jpg"]
    typed |= {"client_id": str(uuid4()), "photos": io.BytesIO(picture().content)}
    typed["photos"].name = "插座.jpg"
    # The same as the script asks: an answer for the entry kept on the device.
    answer = client_of(desk.director).post(
        reverse("hazard-new"), typed, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert "照片" in answer.json()["errors"]["位置"][0]


def test_the_list_asks_the_same_questions_however_long_and_goes_out_as_a_file(desk: Desk) -> None:
    client = client_of(desk.officer)

    def asked(**query: str) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("hazards"), query)
        return page.content.decode(), len(captured)

    asked()
    _, before = asked()
    late = desk.report(
        found_on=TODAY - dt.timedelta(days=9), deadline=TODAY - dt.timedelta(days=2), place="锅炉房"
    )
    stopped, hung = desk.report(stop_use=True, place="示例旧楼"), plated(desk)
    page, after = asked()
    assert after == before
    assert "逾期2天" in page
    for query, there in (
        ({"state": "overdue"}, late), ({"stopped": "1"}, stopped), ({"plated": "1"}, hung),
        ({"grade": "major", "field": "fire"}, hung), ({"q": "锅炉"}, late),
    ):  # fmt: skip
        page, _ = asked(**query)
        assert there.number in page
        assert [one.number in page for one in (late, stopped, hung)].count(True) == 1, query
    file = client.get(reverse("hazards-export", args=["xlsx"]), {"state": "overdue"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active
    heads, row = (list(cells) for cells in sheet.iter_rows(max_row=2, values_only=True))
    told = dict(zip(heads, row, strict=True))
    assert [told["编号"], told["逾期天数"], told["整改期限"].date()] == [
        late.number, 2, late.deadline,
    ]  # fmt: skip


@pytest.mark.pdf
def test_the_slip_holds_the_five_points_the_photo_and_lines_to_sign_on_one_page(desk: Desk) -> None:
    hazard = plated(desk)
    client = client_of(desk.officer)
    answer = client.get(reverse("hazard-slip", args=[hazard.number, "slip"]))
    assert answer["Content-Type"] == "application/pdf"
    for kind in ("delisting", "other"):
        page = client.get(reverse("hazard-slip", args=[hazard.number, kind]))
        assert page.status_code == 404
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        [page] = pdf.pages
        text = whole_text(page)
        fonts = {char["fontname"].rpartition("+")[2] for char in page.chars}
        [drawn] = page.images
        # 版心 156 mm: from 28 to 184.
        edges = [min(c["x0"] for c in page.chars) * MM, max(c["x1"] for c in page.chars) * MM]
        table = page.find_tables()[0].bbox
    assert fonts <= ALLOWED_FONTS
    for said in (
        "重大隐患挂牌督办通知书", hazard.number, "示教督〔2026〕3号", f"{hazard.kindergarten.name}：",
        "拆除夹芯板", "园长负责", "自筹3万元", "2026年12月5日前整改完成", "腾空活动室",
        "判定依据", "督办人（签字）", "签收日期", f"{desk.officer.acting.organisation.name}（盖章）",
    ):  # fmt: skip
        assert squeeze(said) in text, said
    assert edges[0] >= 27.5
    assert edges[1] <= 184.5
    assert [round(table[0] * MM), round(table[2] * MM)] == [28, 184]
    # As it was taken, 4 to 3, within the column.
    assert (drawn["x1"] - drawn["x0"]) / (drawn["bottom"] - drawn["top"]) == pytest.approx(
        4 / 3, 0.01
    )
    assert drawn["x0"] * MM > 28
