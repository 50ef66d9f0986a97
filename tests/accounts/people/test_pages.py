"""The pages about people: what they show, to whom, in how many queries."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access.permissions import PERMISSION_LABELS, Permission
from accounts.access.places import where_held
from accounts.access.roles import ROLES, RoleCode
from accounts.formatting import zhdate
from accounts.models import AccountEvent, AccountRequest, Membership, User
from accounts.people.selectors import successors
from tests.accounts.people.conftest import DAY, TODAY, Bureau, enter
from tests.small_county import NOW, SINCE


@pytest.fixture(autouse=True)
def _at_that_time() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def test_every_permission_is_said_in_words(bureau: Bureau, client: Client) -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    enter(client, bureau.clerk)
    page = client.get("/roles/").content.decode()
    for code, role in ROLES.items():
        card = page.split(f'id="role-{code}"')[1].split("</section>")[0]
        shown = {label for label in PERMISSION_LABELS.values() if f"<li>{label}</li>" in card}
        assert shown == {PERMISSION_LABELS[permission] for permission in role.permissions}
        assert role.description in card


def test_the_list_narrows_and_pages(bureau: Bureau, client: Client) -> None:
    for _ in range(60):
        bureau.small.person("示例资料员", bureau.neighbour, "kindergarten_clerk")
    enter(client, bureau.security)
    first = client.get("/people/")
    assert len(first.context["people"]) == 50
    assert len(client.get("/people/?page=2").context["people"]) == 16

    def found(query: str) -> set[str]:
        return {
            row["shown"].user.username for row in client.get(f"/people/?{query}").context["people"]
        }

    assert found("role=director") == {bureau.director.username}
    assert found("organisation=一园") == {bureau.director.username, bureau.clerk.username}
    User.objects.filter(pk=bureau.leader.pk).update(username="leader")
    assert found("q=LEAD") == {"leader"}
    User.objects.filter(pk=bureau.clerk.pk).update(
        is_active=False, disabled_at=NOW, disabled_reason="调离"
    )
    assert found("state=disabled") == {bureau.clerk.username}
    assert "没有符合条件的账号" in client.get("/people/?q=zzz").content.decode()


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("security", "/people/"),
        ("security", "/people/?state=locked"),
        ("officer", "/account-approvals/kindergartens/"),
        ("director", "/account-requests/"),
        ("director", "/account-requests/?view=requests"),
        ("director", "/deputies/"),
    ],
)
def test_a_long_list_asks_no_more_than_a_short_one(
    bureau: Bureau, client: Client, who: str, path: str
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    enter(client, getattr(bureau, who))
    bureau.ask(username="first")
    _deputy(bureau, 0)
    client.get(path)
    short = queries()
    for number in range(1, 15):
        bureau.ask(username=f"more-{number}")
        _deputy(bureau, number)
    assert queries() == short


def _deputy(bureau: Bureau, number: int) -> None:
    user = bureau.small.person("示例资料员", bureau.kindergarten, "kindergarten_clerk")
    day = TODAY + number * DAY
    Membership.objects.create(
        user=user, organisation=bureau.kindergarten, role="director", valid_from=day, valid_to=day,
        deputises_for=bureau.director.memberships.get(), reason="外出",
    )  # fmt: skip


def test_a_director_asks_and_reads_the_answer(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.director)
    form = {
        "organisation": bureau.kindergarten.pk, "role": "kindergarten_clerk",
        "full_name": "示例新人", "username": "newcomer", "valid_from": "2026-11-05",
        "reason": "新来的资料员",
    }  # fmt: skip
    wrong = client.post("/account-requests/new/", {**form, "role": "bureau_officer", "reason": ""})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "您不能为这个单位申请这个角色" in page
    assert "请写明申请理由" in page
    # A place that is not theirs, and a state that nobody asked them for, are not taken.
    elsewhere = client.post("/account-requests/new/", {**form, "organisation": bureau.neighbour.pk})
    assert elsewhere.status_code == 422
    client.post("/account-requests/new/", {**form, "state": "approved", "decided_by": 1})
    request = AccountRequest.objects.get()
    assert (request.state, request.decided_by) == ("waiting", None)

    enter(client, bureau.officer)
    decide = "/account-approvals/kindergartens/decide/"
    assert "勾选" in client.post(decide, {"act": "approve"}, follow=True).content.decode()
    without = client.post(decide, {"request": request.pk, "act": "refuse"}, follow=True)
    assert "请写明拒绝的原因" in without.content.decode()
    assert without.content.decode().count(" checked>") == 1
    client.post(decide, {"request": request.pk, "act": "refuse", "reason": "姓名与身份证不符"})

    enter(client, bureau.director)
    assert "姓名与身份证不符" in client.get("/account-requests/?view=requests").content.decode()
    assert bureau.clerk.username in client.get("/account-requests/").content.decode()


def test_an_account_is_disabled_with_a_reason_and_shows_its_story(
    bureau: Bureau, client: Client
) -> None:
    enter(client, bureau.security)
    path = f"/people/{bureau.clerk.pk}/"
    assert client.post(f"{path}disable/", {"disable-reason": ""}).status_code == 422
    client.post(f"{path}disable/", {"disable-reason": "长期病假"}, follow=True)
    page = client.get(path).content.decode()
    assert "已停用" in page
    assert "长期病假" in page
    assert "恢复启用" in page
    own = client.get(f"/people/{bureau.security.pk}/").content.decode()
    assert "要由另一位安全管理员办理" in own
    assert "data-opens" not in own
    client.post(f"/people/{bureau.security.pk}/disable/", {"disable-reason": "x"})
    assert User.objects.get(pk=bureau.security.pk).is_active
    assert client.get(f"/people/{bureau.far_officer.pk}/").status_code == 404


def test_a_post_is_handed_over_on_the_page(bureau: Bureau, client: Client) -> None:
    successor = bureau.person("director", bureau.neighbour)
    enter(client, bureau.security)
    path = f"/posts/{bureau.director.memberships.get().pk}/hand-over/"
    late = {"successor": successor.pk, "first_day": "2026-11-01", "reason": "调令"}
    assert client.post(path, late).status_code == 422
    form = client.get(path).content.decode()
    label = f"{successor.full_name}（{bureau.neighbour} 园长，用户名{successor.username}）"
    assert label in form
    assert '<option value="" selected>请选择</option>' in form
    answer = client.post(path, {**late, "first_day": "2026-11-05"}, follow=True)
    assert "已由示例director交给示例director" in answer.content.decode()
    assert successor.memberships.in_force(TODAY).filter(organisation=bureau.kindergarten).exists()
    assert client.get(path).status_code == 404


def test_the_story_has_unlocking_signing_out_and_the_factor(bureau: Bureau, client: Client) -> None:
    User.objects.filter(pk=bureau.clerk.pk).update(second_factor_at=NOW)
    enter(client, bureau.security)
    path = f"/people/{bureau.clerk.pk}/"
    acts = {"unlock": "解锁登录", "sign-out": "退出全部登录", "second-factor": "重置第二因素"}
    for act in acts:
        prefix = act.replace("-", "_")
        client.post(f"{path}{act}/", {f"{prefix}-reason": f"因为{act}"})
    events = client.get(path).context["events"]
    assert {(event["title"], event["text"]) for event in events} == {
        (title, f"因为{act}") for act, title in acts.items()
    }


def test_the_list_narrows_to_who_is_locked_out(bureau: Bureau, client: Client) -> None:
    from axes.models import AccessAttempt

    from accounts.sign_in.lockout import digest

    enter(client, bureau.security)
    client.get("/people/?state=locked")
    for user in (bureau.clerk, bureau.far_officer):
        AccessAttempt.objects.create(
            username=digest(user.username), ip_address="192.0.2.1", failures_since_start=50,
            attempt_time=NOW,
        )  # fmt: skip
    AccessAttempt.objects.update(attempt_time=NOW)
    rows = client.get("/people/?state=locked").context["people"]
    assert [row["shown"].user.pk for row in rows] == [bureau.clerk.pk]


def test_the_history_of_an_account_says_the_reason(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.security)
    path = f"/people/{bureau.clerk.pk}/"
    client.post(f"{path}disable/", {"disable-reason": "长期病假"})
    client.post(f"{path}enable/", {"enable-reason": "病假期满返岗"})
    enter(client, bureau.director)
    page = client.get(reverse("account-history", args=[bureau.clerk.pk])).content.decode()
    # Kept in no field of the account: it comes from the act.
    assert "病假期满返岗" in page


def test_a_password_has_one_name(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.security)
    path = f"/people/{bureau.clerk.pk}/"
    given = client.post(f"{path}password/", {"password-reason": "忘了"}).content.decode()
    pages = given + client.get(path).content.decode() + client.get("/people/").content.decode()
    assert "发放一次性密码" in pages
    assert "口令" not in without_keys(pages)


def test_no_word_but_one_stands_for_a_password() -> None:
    """In templates, scripts and Python; landed migrations are as they are."""
    for folder, pattern in (("templates", "*.html"), ("static/js", "*.js"), ("accounts", "*.py")):
        for path in (settings.BASE_DIR / folder).rglob(pattern):
            if "migrations" not in path.parts:
                assert "口令" not in without_keys(path.read_text()), path


def without_keys(text: str) -> str:
    """接口令牌 are the keys of interfaces (接口 + 令牌), and hold the word by chance."""
    return text.replace("接口令牌", "")


def test_after_an_act_the_list_is_where_it_was(bureau: Bureau, client: Client) -> None:
    asked = [bureau.ask(username=f"newcomer{number}") for number in range(60)]
    enter(client, bureau.officer)
    page = client.get("/account-approvals/kindergartens/?page=2").content.decode()
    where = "/account-approvals/kindergartens/decide/?page=2"
    assert f'action="{where}"' in page
    last = asked[-1].pk
    back = "/account-approvals/kindergartens/?page=2"
    for data, address in (
        ({}, back),
        ({"act": "refuse", "request": [last]}, f"{back}&tick={last}"),
        ({"act": "refuse", "request": [last], "reason": "13912345678"}, f"{back}&tick={last}"),
        ({"act": "refuse", "request": [last], "reason": "姓名不对"}, back),
    ):
        assert client.post(where, data).url == address
    assert AccountRequest.objects.get(pk=last).decision_reason == "姓名不对"
    sheet = client.post(where, {"act": "approve", "request": [asked[50].pk]}).content.decode()
    assert f'href="{back}"' in sheet
    enter(client, bureau.director)
    own = "/account-requests/?view=requests&amp;page=2"
    assert (
        f"withdraw/?{own.split('?')[1]}" in client.get(own.replace("&amp;", "&")).content.decode()
    )
    withdrawn = client.post(f"/account-requests/{asked[0].pk}/withdraw/?view=requests&page=2")
    assert withdrawn.url == "/account-requests/?view=requests&page=2"


def test_the_sheet_names_the_place_and_has_a_slip_for_each(bureau: Bureau, client: Client) -> None:
    new = [
        bureau.ask(username="newcomer1"),
        bureau.ask(by=bureau.person("director", bureau.neighbour), username="newcomer2",
                   organisation=bureau.neighbour, full_name="示例邻居"),
    ]  # fmt: skip
    enter(client, bureau.officer)
    answer = client.post(
        "/account-approvals/kindergartens/decide/",
        {"act": "approve", "request": [request.pk for request in new]},
    )
    assert [slip.place for slip in answer.context["slips"]] == ["示例一园", "示例二园"]
    text = answer.content.decode()
    assert '<th scope="col">单位</th>' in text
    slips = text.split('class="slip"')[1:]
    assert len(slips) == 2
    for slip, place, name in zip(
        slips, ("示例一园", "示例二园"), ("newcomer1", "newcomer2"), strict=True
    ):
        for part in (place, name, "http://testserver/", "72小时内有效"):
            assert part in slip
    # The one password of each stands in the list and on the slip, nowhere else.
    for slip in answer.context["slips"]:
        assert text.count(slip.password) == 2
    enter(client, bureau.security)
    again = client.post(f"/people/{bureau.clerk.pk}/password/", {"password-reason": "忘了"})
    assert [slip.place for slip in again.context["slips"]] == ["示例一园"]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("director", "/account-requests/new/"),
        ("director", "/deputies/"),
        ("director", "/account-requests/workbook/"),
        ("security", "/posts/{post}/hand-over/"),
        ("security", "/exports/ask/people/"),
        ("security", "/people/{person}/"),
    ],
)
def test_forms_speak_for_themselves(bureau: Bureau, client: Client, who: str, path: str) -> None:
    """No bubbles of the browser's: an empty form comes back with a summary and its fields marked."""
    enter(client, getattr(bureau, who))
    address = path.format(post=bureau.director.memberships.get().pk, person=bureau.clerk.pk)
    page = client.get(address).content.decode()
    main = page.split("<main")[1].split("</main>")[0]
    posts = [form for form in main.split("<form")[1:] if 'method="post"' in form.split(">")[0]]
    assert posts
    for form in posts:
        if "required" in form:
            assert "novalidate" in form.split(">")[0], form[:200]
    if "person" not in path:
        # A browser sends the token at least.
        answer = client.post(address, {"csrfmiddlewaretoken": "-"})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert 'class="err-summary"' in text
        assert 'aria-invalid="true"' in text


def test_a_hand_over_on_a_later_day_says_so(bureau: Bureau, client: Client) -> None:
    successor = bureau.person("director", bureau.neighbour)
    enter(client, bureau.security)
    path = f"/posts/{bureau.director.memberships.get().pk}/hand-over/"
    form = {"successor": successor.pk, "first_day": "2026-12-15", "reason": "调令8号"}
    for day, why in (("2027-12-15", "最多提前一年"), ("2026-11-01", "已过")):
        assert why in client.post(path, {**form, "first_day": day}).content.decode()
    answer = client.post(path, form, follow=True).content.decode()
    assert "从2026年12月15日起由示例director接任，示例director任职到2026年12月14日为止" in answer
    events = AccountEvent.objects.filter(action__in=["post_ended", "post_begun"])
    assert dict(events.values_list("action", "reason")) == {
        "post_ended": "任职到2026年12月14日为止。2026年12月15日起由示例director接任。调令8号",
        "post_begun": "2026年12月15日起接替示例director。调令8号",
    }


def test_ending_without_a_successor_is_ticked_by_itself(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.security)
    path = f"/posts/{bureau.director.memberships.get().pk}/hand-over/"
    form = {"first_day": "2026-12-15", "reason": "退休"}
    assert "没有人接任的，勾选" in client.post(path, form).content.decode()
    both = {**form, "successor": bureau.clerk.pk, "no_successor": "on"}
    assert client.post(path, both).status_code == 422
    assert bureau.director.memberships.get().valid_to is None
    answer = client.post(path, {**form, "no_successor": "on"}, follow=True).content.decode()
    assert "任职到2026年12月14日为止" in answer
    # A leader's post is only ended here.
    path = f"/posts/{bureau.leader.memberships.get().pk}/hand-over/"
    assert "不能由一个人办接任" in client.get(path).content.decode()
    assert client.post(path, {**form, "successor": bureau.officer.pk}).status_code == 422
    assert client.post(path, {**form, "no_successor": "on"}).status_code == 302


def test_a_deputy_is_named_seen_and_chosen(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.director)
    form = {"colleague": bureau.clerk.pk, "first": "2026-11-05", "last": "2026-11-09"}
    assert client.post("/deputies/", form).status_code == 422
    offered = client.get("/deputies/").content.decode()
    assert f"（{bureau.clerk.memberships.get()}，用户名{bureau.clerk.username}）" in offered
    client.post("/deputies/", {**form, "reason": "外出学习"})
    deputy = Membership.objects.get(user=bureau.clerk, deputises_for__isnull=False)

    enter(client, bureau.clerk)
    assert client.get("/account-requests/").status_code == 403
    menu = client.get("/returns/").content.decode()
    assert f"代{bureau.director.full_name}" in menu
    client.post("/acting/", {"membership": deputy.pk})
    assert client.get("/account-requests/").status_code == 200
    # The absent person takes the post back: the deputy's next click finds it gone.
    enter(client, bureau.director)
    client.post(f"/deputies/{deputy.pk}/end/")
    other = Client()
    other.force_login(bureau.clerk)
    other.post("/acting/", {"membership": deputy.pk})
    assert other.get("/account-requests/").status_code == 403


def test_who_deputises_and_who_begins_later_is_told_apart(bureau: Bureau, client: Client) -> None:
    post = bureau.director.memberships.get()
    Membership.objects.create(
        user=bureau.clerk, organisation=bureau.kindergarten, role="director", reason="培训",
        valid_from=TODAY, valid_to=TODAY + DAY, deputises_for=post,
    )  # fmt: skip
    Membership.objects.create(
        user=bureau.small.person("示例后任", bureau.neighbour, "director"),
        organisation=bureau.kindergarten, role="director", valid_from=TODAY + 40 * DAY,
    )  # fmt: skip
    code = bureau.kindergarten.kindergarten.code
    for who, path in (
        (bureau.security, "/people/"),
        (bureau.director, "/account-requests/"),
        (bureau.officer, f"/kindergartens/{code}/"),
    ):
        enter(client, who)
        page = client.get(path).content.decode()
        assert f"代{bureau.director.full_name}" in page, path
        assert page.count("自2026年12月15日起") == 1, path


def test_a_role_removed_while_its_holder_works(bureau: Bureau, client: Client) -> None:
    second = Membership.objects.create(
        user=bureau.clerk, organisation=bureau.kindergarten, role="director", valid_from=SINCE
    )
    enter(client, bureau.clerk)
    client.post("/acting/", {"membership": second.pk})
    assert client.get("/account-requests/new/").status_code == 200
    Membership.objects.filter(pk=second.pk).update(ended_at=NOW)
    sent = client.post("/account-requests/new/", {"full_name": "示例"})
    assert sent.url == "/acting/ended/"
    own = bureau.clerk.memberships.exclude(pk=second.pk).get()
    client.post("/acting/", {"membership": own.pk})
    assert client.post("/account-requests/new/", {"full_name": "示例"}).status_code == 403
    assert not AccountRequest.objects.exists()


def test_the_security_administrators_home_is_the_list(bureau: Bureau, client: Client) -> None:
    enter(client, bureau.security)
    assert client.get("/").url == "/people/"


def test_a_successor_is_never_one_of_the_three_administrators(bureau: Bureau) -> None:
    """Choosing one would only be refused: administrators hold no business post."""
    post = bureau.officer.memberships.get()
    auditor = bureau.office("audit_administrator")
    offered = set(successors(bureau.security, post, TODAY))
    assert bureau.leader in offered
    assert not offered & {auditor, bureau.system, bureau.security}


def test_whoever_begins_later_reads_the_day(bureau: Bureau, client: Client) -> None:
    person = bureau.person("kindergarten_clerk", bureau.kindergarten)
    begins = timezone.localdate() + 9 * DAY
    Membership.objects.filter(user=person).update(ended_at=NOW)
    Membership.objects.create(
        user=person, organisation=bureau.kindergarten, role="director", valid_from=begins
    )
    enter(client, person)
    page = client.get("/").content.decode()
    assert f"园长岗位从{zhdate(begins)}开始" in page
    assert "这个账号还没有岗位" not in page


def test_where_a_role_is_held_reads_like_chinese() -> None:
    said = [where_held(role) for role in RoleCode]
    assert not [text for text in said if "乡镇街道的乡镇街道" in text or "的区县教育局" in text]
    assert where_held(RoleCode.TOWN_OFFICER) == "乡镇街道"
    assert where_held(RoleCode.DEPARTMENT_OFFICER) == "县区的配合单位"


def test_the_menu_of_an_administrator_at_work_has_no_gallery(
    bureau: Bureau, client: Client, settings: Any
) -> None:
    enter(client, bureau.system)
    settings.DEMO = False
    assert "/gallery/" not in client.get("/jobs/").content.decode()
    settings.DEMO = True
    assert "/gallery/" in client.get("/jobs/").content.decode()


def test_everybody_has_the_whole_menu_on_a_phone_and_sees_the_role(
    bureau: Bureau, client: Client
) -> None:
    """Five entries fit into the bar at the bottom; a director has more."""
    for person, role in ((bureau.director, "园长"), (bureau.officer, "教育局经办人")):
        enter(client, person)
        page = client.get("/deputies/").content.decode()
        menu = page.split('class="phone-menu"')[1].split("</details>")[0]
        assert "/deputies/" in menu
        bar = page.split('<span class="who">')[1].split("</span>")[0]
        assert bar.endswith(f"，{role}")
