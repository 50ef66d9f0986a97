"""催报: one message a day, to whoever has something to do, and a history of who urged."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.models import Job, Notice, NoticeDelivery, User
from accounts.notices.outbox import JOB_KIND
from kindergartens.models import FilingUrge, MonthlyFiling
from reports.filings.board import services
from tests.conftest import acting
from tests.reports.filings.board.conftest import LOCKED, OVERDUE, Scene
from tests.signing_in import client_of
from tests.small_county import OCTOBER, SmallCounty, moment


def post(scene: Scene, data: dict[str, Any], query: str = "", user: User | None = None) -> str:
    answer = client_of(user or scene.officer).post(
        f"{reverse('filing-urge')}?{query}", data, follow=True
    )
    assert answer.status_code == 200
    assert answer.redirect_chain[0][0] == f"{reverse('filing-board')}?{query}"
    return re.sub(r"\s+", " ", answer.content.decode())


def urged() -> set[str]:
    return set(FilingUrge.objects.values_list("kindergarten__name", flat=True))


def test_one_press_urges_one(scene: Scene) -> None:
    text = post(scene, {"one": scene.named["未报园"].code}, "state=open&month=2026-10")
    assert "已催报1所：未报园。" in text
    assert urged() == {"未报园"}
    notice = Notice.objects.get()
    assert notice.organisation == scene.named["未报园"].organisation
    assert notice.text == (
        "2026年10月月报还没有提交，2026年11月6日18:00已截止。请尽快提交，2026年11月20日12:00锁定。"
    )
    assert "经办人，未读" in text


def test_every_button_belongs_to_the_form(scene: Scene) -> None:
    """A form inside a form would end it for the browser, and the buttons after it do nothing."""
    text = client_of(scene.officer).get(reverse("filing-board")).content.decode()
    start = text.index('id="urging"')
    inside, outside = text[start:].split("</form>", 1)
    assert "<form" not in inside
    assert inside.count('name="one"') == inside.count('name="code"') == 5
    assert re.search(r'<button[^>]*form="urging"[^>]*value="all"', outside)


def test_all_are_those_with_something_to_do(scene: Scene) -> None:
    text = post(scene, {"who": "all", "note": "月底前要用"})
    waits = {"未报园", "填报园", "撤回园", "退回园", "更正园"}
    assert urged() == waits
    assert "已催报5所" in text
    assert {notice.text.endswith("月底前要用") for notice in Notice.objects.all()} == {True}
    back = Notice.objects.get(organisation__name="退回园")
    assert "已退回，还没有改好再交" in back.text


def test_all_keeps_to_the_conditions(scene: Scene) -> None:
    post(scene, {"who": "all"}, "state=draft")
    assert urged() == {"填报园", "撤回园"}


def test_the_ticked_are_urged_and_who_filed_meanwhile_is_named(scene: Scene) -> None:
    ticked = [scene.named[name].code for name in ("未报园", "填报园")]
    scene.small.file(scene.named["未报园"], 20, state="submitted")
    text = post(scene, {"who": "ticked", "code": ticked}, "state=open")
    assert urged() == {"填报园"}
    assert "1所没有催：未报园，已经报了。" in text


def test_nothing_ticked_is_said(scene: Scene) -> None:
    assert "还没有勾选幼儿园，没有催报。" in post(scene, {"who": "ticked"})
    assert not urged()


def test_once_a_day_whoever_urges(scene: Scene) -> None:
    post(scene, {"one": scene.named["未报园"].code})
    town_officer = scene.small.officer(scene.second, "town_officer")
    text = post(scene, {"who": "all"}, user=town_officer)
    assert "今天12:00已由甲县教育局经办人催过10月月报" in text
    assert Notice.objects.count() == 1
    with travel(OVERDUE + dt.timedelta(days=1), tick=False):
        post(scene, {"who": "all"}, user=town_officer)
    # A town's office reaches its own town alone.
    assert [urge.kindergarten.name for urge in FilingUrge.objects.all()] == ["未报园", "未报园"]


def test_the_database_refuses_a_second_one(scene: Scene) -> None:
    post(scene, {"one": scene.named["未报园"].code})
    first = FilingUrge.objects.get()
    notice = Notice.objects.get()
    notice.pk = None
    notice.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        FilingUrge.objects.create(
            kindergarten=first.kindergarten, period=first.period, town=first.town, day=first.day,
            notice=notice, urged_as=first.urged_as, urged_at=first.urged_at,
        )  # fmt: skip


def test_who_cannot_file_is_not_urged(scene: Scene) -> None:
    scene.extend("填报园", moment(2026, 11, 25, 18))
    with travel(LOCKED, tick=False):
        text = post(scene, {"who": "all"})
    assert urged() == {"填报园"}
    assert "已经锁定，不能再报，请先延期" in text
    assert "已延期到2026年11月25日18:00" in Notice.objects.get().text


def test_what_is_offered_is_what_can_be_done(scene: Scene) -> None:
    """Buttons, boxes and numbers follow the service's own rule, and the rest is explained."""

    def offered() -> tuple[set[str], list[str], str]:
        text = client_of(scene.officer).get(reverse("filing-board")).content.decode()
        buttons = set(re.findall(r'name="one" value="([^"]+)"', text))
        assert buttons == set(re.findall(r'name="code" value="([^"]+)"', text))
        return buttons, re.findall(r"催报全部(\d+)所", text), text

    def codes(*names: str) -> set[str]:
        return {scene.named[name].code for name in names}

    post(scene, {"one": scene.named["未报园"].code})
    buttons, number, text = offered()
    assert buttons == codes("填报园", "撤回园", "退回园", "更正园")
    assert number == ["4"]
    assert "没报和退回未改的另有1所今天已催过。" in text
    scene.extend("填报园", moment(2026, 11, 25, 18))
    with travel(LOCKED, tick=False):
        buttons, number, text = offered()
        assert (buttons, number) == (codes("填报园"), ["1"])
        assert "没报和退回未改的另有4所已锁定，要先延期。" in text
        post(scene, {"who": "all"})
        buttons, number, text = offered()
        assert (buttons, number) == (set(), [])
        assert (
            "现在没有可以催报的幼儿园。没报和退回未改的有1所今天已催过、4所已锁定，要先延期。"
            in text
        )


def test_the_list_of_urges_sends_again_only_what_the_own_office_may(
    scene: Scene, settings: Any
) -> None:
    settings.NOTICE_CHANNELS = ["gateway"]
    post(scene, {"who": "all"})
    rows = {
        row.notice.organisation.name: row
        for row in NoticeDelivery.objects.select_related("notice__organisation")
    }
    for name, change in {
        "未报园": {"state": "failed", "reason": "连不上短信网关", "ended_at": OVERDUE},
        "填报园": {"state": "sending", "reason": "短信网关没有答复（504）"},
        "撤回园": {"state": "sending"},
        "退回园": {"state": "sent", "ended_at": OVERDUE},
        "更正园": {"state": "queued"},
    }.items():
        NoticeDelivery.objects.filter(pk=rows[name].pk).update(**change)

    def listed(user: User) -> tuple[set[int], str]:
        text = client_of(user).get(reverse("filing-urges")).content.decode()
        return {int(key) for key in re.findall(r'name="delivery" value="(\d+)"', text)}, text

    offered, text = listed(scene.officer)
    assert offered == {rows["未报园"].pk}
    for words in (
        "没有发出，连不上短信网关",
        "不能确定是否送到，短信网关没有答复（504）",
        "正在发送或已中断，不能确定是否发出",
        "待发送",
    ):
        assert words in text
    Job.objects.filter(kind=JOB_KIND).update(state="failed", finished_at=OVERDUE, error="程序出错")
    offered, text = listed(scene.officer)
    assert offered == {rows["未报园"].pk, rows["更正园"].pk}
    assert "没有发出，发送任务中断" in text
    # The town sees what the county's office sent, and cannot send it again.
    offered, text = listed(scene.small.officer(scene.town, "town_officer"))
    assert (offered, "重发本页" in text) == (set(), False)
    assert "没有发出，发送任务中断" in text
    client = client_of(scene.officer)
    keys = [row.pk for row in rows.values()]
    said = client.post(reverse("filing-urges-again"), {"delivery": keys}, follow=True)
    assert "2条站外通知已重新排队发送" in said.content.decode()
    waiting = Job.objects.get(kind=JOB_KIND, state="queued")
    assert set(waiting.arguments["deliveries"]) == {rows["未报园"].pk, rows["更正园"].pk}


def test_a_note_that_is_too_long_is_refused(scene: Scene) -> None:
    assert "附言写了121字，最多120字" in post(scene, {"who": "all", "note": "字" * 121})
    assert not urged()


def test_only_who_may_urge_does(scene: Scene) -> None:
    leader = acting(scene.small.officer(role="bureau_leader"))
    with pytest.raises(PermissionDenied):
        services.urge(
            month=OCTOBER, kindergarten_ids=[scene.named["未报园"].pk], note="", by=leader,
            now=OVERDUE,
        )  # fmt: skip
    assert "催报" not in client_of(leader).get(reverse("filing-board")).content.decode().replace(
        "最近催报", ""
    )


def test_another_countys_kindergarten_is_not_reached(scene: Scene) -> None:
    other = acting(scene.small.officer(scene.small.other_county))
    done = services.urge(
        month=OCTOBER, kindergarten_ids=[scene.named["未报园"].pk], note="", by=other, now=OVERDUE
    )
    assert done == services.Urged()
    assert not urged()


def test_the_director_sees_it_until_the_return_is_filed(scene: Scene) -> None:
    post(scene, {"one": scene.named["填报园"].code})
    director = scene.small.person("园长", scene.named["填报园"].organisation, "director")
    client = client_of(director)
    home = client.get(reverse("my-filings")).content.decode()
    assert "甲县教育局经办人催报：2026年10月月报还没有提交" in home
    assert '<span class="bell-number">1</span>' in home
    listed = client.get(reverse("notices")).content.decode()
    assert "您有1条没有读" in listed
    opened = client.post(reverse("notice-open", args=[Notice.objects.get().pk]))
    assert opened.url == reverse("my-filings")
    home = client.get(reverse("my-filings")).content.decode()
    # Read, and still to be done.
    assert "bell-number" not in home
    assert "催报：2026年10月月报还没有提交" in home
    assert "已读" in client_of(scene.officer).get(reverse("filing-board")).content.decode()
    MonthlyFiling.objects.filter(kindergarten=scene.named["填报园"], month=OCTOBER).update(
        state="submitted", version=1, first_submitted_at=OVERDUE
    )
    assert "催报：" not in client.get(reverse("my-filings")).content.decode()


def test_a_successor_is_not_told_what_the_predecessor_was(scene: Scene) -> None:
    post(scene, {"one": scene.named["填报园"].code})
    new = scene.small.person("园长", scene.named["填报园"].organisation, "director")
    new.memberships.update(valid_from=OVERDUE.date() + dt.timedelta(days=2))
    with travel(OVERDUE + dt.timedelta(days=3), tick=False):
        text = client_of(new).get(reverse("notices")).content.decode()
    # It is there to be read, and asks for nothing: by the bell, by the page and by its line.
    assert "催报：2026年10月月报" in text
    assert [word for word in ("bell-number", "is-unread", "全部标为已读") if word in text] == []


def test_all_can_be_marked_read(scene: Scene) -> None:
    for day in range(3):
        with travel(OVERDUE + dt.timedelta(days=day), tick=False):
            post(scene, {"one": scene.named["填报园"].code})
    director = scene.small.person("园长", scene.named["填报园"].organisation, "director")
    with travel(OVERDUE + dt.timedelta(days=3), tick=False):
        client = client_of(director)
        said = client.post(reverse("notices-read"), follow=True).content.decode()
        assert "已标为已读3条" in said
        assert "bell-number" not in said
        again = client.post(reverse("notices-read"), follow=True).content.decode()
        assert "已标为已读" not in again


def test_the_history_of_the_return_says_who_urged(scene: Scene) -> None:
    post(scene, {"one": scene.named["退回园"].code})
    page = client_of(scene.officer).get(reverse("filing-review", args=[scene.filing("退回园").pk]))
    assert "月报已退回，还没有改好再交" in page.content.decode()


def test_the_queries_do_not_grow_with_those_urged(scene: Scene) -> None:
    officer = acting(scene.officer)

    def queries(month_ids: list[int], now: dt.datetime) -> int:
        with CaptureQueriesContext(connection) as counted:
            services.urge(month=OCTOBER, kindergarten_ids=month_ids, note="", by=officer, now=now)
        return len(counted)

    few = queries([scene.named["未报园"].pk, scene.named["填报园"].pk], OVERDUE)
    many = [scene.small.kindergarten(scene.town, f"园{number}").pk for number in range(60)]
    assert queries(many, OVERDUE + dt.timedelta(days=1)) == few
    assert FilingUrge.objects.count() == 62


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_the_same_moment_send_one_message() -> None:
    small = SmallCounty()
    kindergarten = small.kindergarten(small.town("甲镇"), "未报园")
    officers = [acting(small.officer()) for _ in range(2)]
    ready, done = threading.Barrier(2), []

    def press(by: User) -> None:
        try:
            ready.wait(10)
            done.append(
                services.urge(
                    month=OCTOBER, kindergarten_ids=[kindergarten.pk], note="", by=by, now=OVERDUE
                )
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[by]) for by in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(len(one.urged) for one in done) == [0, 1]
    assert Notice.objects.count() == FilingUrge.objects.count() == 1


def test_a_correction_that_was_taken_back_may_be_urged(scene: Scene) -> None:
    """Sent back after it counted, submitted and withdrawn: filed, and still not mended."""
    late = MonthlyFiling.objects.get(kindergarten=scene.named["接收园"], month=OCTOBER)
    MonthlyFiling.objects.filter(pk=late.pk).update(state="draft", version=2)
    text = post(scene, {"one": scene.named["接收园"].code})
    assert "已催报1所：接收园。" in text
    assert "计入的仍是更正前的数" in Notice.objects.get().text
