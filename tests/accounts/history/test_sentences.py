"""History reads as sentences: who, in which post, changed what from what to what, and why."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.history.context import because, request_history
from accounts.history.labels import field_label
from accounts.history.sentences import Subject, history_page
from accounts.history.tracking import TRACKED
from accounts.models import Membership, Organisation, User
from accounts.people.services import standing
from accounts.privacy.services import set_phone
from accounts.sign_in.passwords import change_password
from kindergartens.models import Kindergarten, KindergartenStatus, ReportingPeriod
from tests.accounts.history.conftest import sql
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty


@pytest.fixture
def kindergarten(small: SmallCounty) -> Kindergarten:
    return small.kindergarten(small.town("甲镇"), "示例一园", ownership="non_inclusive_private")


def lines(*subjects: Subject) -> list[str]:
    return [str(line) for line in history_page(subjects, "1").object_list]


def status_lines(kindergarten: Kindergarten) -> list[str]:
    return lines(Subject(KindergartenStatus, [kindergarten.statuses.get().pk], "办园状态"))


def test_a_change_reads_from_what_to_what_by_whom_and_why(
    small: SmallCounty, kindergarten: Kindergarten
) -> None:
    officer = acting(small.officer())
    with request_history(officer, "r"), because("区里认定为普惠园"):
        KindergartenStatus.objects.update(ownership="inclusive_private", for_profit=False)
    newest = status_lines(kindergarten)[0]
    assert re.fullmatch(
        r"\d{4}年\d+月\d+日\d\d:\d\d 经办人（甲县教育局经办人）"
        r"把办园状态的“办园性质”由“非普惠民办”改为“普惠性民办”，“营利性”由“是”改为“否”"
        r"，理由：区里认定为普惠园。",
        newest,
    ), newest


def test_a_direct_change_says_so(kindergarten: Kindergarten) -> None:
    sql("SET application_name = 'psql'")
    sql("UPDATE kindergartens_kindergartenstatus SET half_day = true")
    ((role,),) = sql("SELECT session_user")
    assert (
        f"直接改动数据库的人（数据库账号{role}，程序psql）把办园状态的“半日制”由“否”改为“是”。"
        in (status_lines(kindergarten)[0])
    )


def test_a_forged_name_is_given_away_by_its_program(
    small: SmallCounty, kindergarten: Kindergarten
) -> None:
    officer = small.officer()
    sql("SET application_name = 'psql'")
    sql(f"SET pghistory.context_metadata = '{{\"user\": {officer.pk}}}'")
    sql("UPDATE kindergartens_kindergartenstatus SET half_day = true")
    sql("RESET pghistory.context_metadata")
    assert "经办人（经程序psql，不是本系统）把办园状态的" in status_lines(kindergarten)[0]


def test_a_new_row_names_what_it_says_with_names_for_keys(kindergarten: Kindergarten) -> None:
    first = status_lines(kindergarten)[-1]
    assert "登记了办园状态：" in first
    assert "乡镇街道“甲镇”" in first
    assert "办园性质“非普惠民办”" in first


def test_a_password_shows_as_a_change_without_content(small: SmallCounty) -> None:
    user = small.officer()
    user.set_password("一个很长的密码-2026")
    user.full_name = "改名的人"
    user.save()
    told = " ".join(lines(Subject(User, [user.pk]))[:2])
    # Set past the services: which of the two it was is not known.
    assert "更换了用户的密码或手机号（内容不记录）" in told
    # What else the same statement changed is told as well.
    assert "改为“改名的人”" in told


def test_a_secret_is_called_what_it_is_where_the_portal_knows(small: SmallCounty) -> None:
    user = small.officer()
    set_phone(user=user, phone="13800001234")
    [line] = [one for one in lines(Subject(User, [user.pk])) if "更换" in one]
    assert "更换了用户的手机号（内容不记录）" in line
    change_password(user=user, password="青松 窗外 落雨 Qx7!", now=NOW)
    told = [one for one in lines(Subject(User, [user.pk])) if "更换" in one]
    assert "更换了用户的密码（内容不记录）" in told[0]
    # Another program may claim what it likes.
    sql("SET application_name = 'psql'")
    sql('SET pghistory.context_metadata = \'{"secret": "phone"}\'')
    sql(f"UPDATE accounts_user SET password = 'x' WHERE id = {user.pk}")
    sql("RESET pghistory.context_metadata")
    told = [one for one in lines(Subject(User, [user.pk])) if "更换" in one]
    assert "更换了用户的密码或手机号（内容不记录）" in told[0]


def test_long_histories_page_with_the_same_queries(
    small: SmallCounty, kindergarten: Kindergarten, django_assert_max_num_queries
) -> None:
    subjects = [
        Subject(KindergartenStatus, [kindergarten.statuses.get().pk]),
        Subject(Kindergarten, [kindergarten.pk]),
    ]
    for number in range(45):
        with request_history(acting(small.officer()), "r"):
            Kindergarten.objects.update(name=f"示例{number}园")
            KindergartenStatus.objects.update(reason=f"第{number}次")
    with django_assert_max_num_queries(10):
        page = history_page(subjects, "2")
        list(page.object_list)
    assert page.paginator.count == 92
    assert page.paginator.num_pages == 4


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model.__name__)
def test_every_field_has_a_name_for_people(model) -> None:
    event = TRACKED[model].event
    for field in event._meta.concrete_fields:
        if not field.name.startswith("pgh_"):
            assert not field_label(field).isascii(), f"{model.__name__}.{field.name}"


def test_the_kindergartens_page_links_to_its_history(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    client: Client = sign_in(small.officer())
    address = reverse("kindergarten-history", args=[kindergarten.code])
    assert (
        address
        in client.get(reverse("kindergarten-detail", args=[kindergarten.code])).content.decode()
    )
    page = client.get(address).content.decode()
    assert "登记了幼儿园" in page
    assert "登记了办园状态" in page


def test_removed_status_rows_stay_in_the_history(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    with as_owner():  # the portal itself never deletes one
        kindergarten.statuses.all().delete()
    page = sign_in(small.officer()).get(reverse("kindergarten-history", args=[kindergarten.code]))
    # Which one it was, although the row is gone.
    assert re.search(r"删除了办园状态（\d{4}年\d+月\d+日）。", page.content.decode())


def test_history_of_another_county_is_not_there(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    stranger = small.officer(small.other_county)
    address = reverse("kindergarten-history", args=[kindergarten.code])
    assert sign_in(stranger).get(address).status_code == 404


def test_an_account_shows_its_posts(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    director = small.person("园长甲", kindergarten.organisation, "director")
    Membership.objects.filter(user=director).update(valid_to="2027-01-31")
    page = sign_in(small.officer()).get(reverse("account-history", args=[director.pk]))
    text = page.content.decode()
    assert "登记了账号" in text
    assert "把任职（示例一园，园长）的“截止日期”由“空”改为“2027年1月31日”" in text
    # Another kindergarten's director knows nothing of them.
    other = small.kindergarten(small.town("丙镇"), "示例三园")
    colleague = small.person("园长丙", other.organisation, "director")
    assert sign_in(colleague).get(reverse("account-history", args=[director.pk])).status_code == 404


def test_posts_of_other_places_are_not_told(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    director = small.person("园长甲", kindergarten.organisation, "director")
    elsewhere = small.town("丙镇", county=small.other_county)
    far = small.kindergarten(elsewhere, "示例三园").organisation
    clerk = small.person("资料员", kindergarten.organisation, "kindergarten_clerk")
    clerk.memberships.create(organisation=far, role="kindergarten_clerk", valid_from="2026-01-01")
    address = reverse("account-history", args=[clerk.pk])
    for reader, sees in ((director, False), (small.officer(), False), (clerk, True)):
        text = sign_in(reader).get(address).content.decode()
        assert "机构“示例一园”" in text
        assert ("示例三园" in text) is sees


def test_pages_of_people_link_to_their_history(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    director = small.person("园长甲", kindergarten.organisation, "director")
    clerk = small.person("资料员", kindergarten.organisation, "kindergarten_clerk")
    own_people = sign_in(director).get(reverse("account-requests")).content.decode()
    page = reverse("kindergarten-detail", args=[kindergarten.code])
    contacts = sign_in(small.officer()).get(page).content.decode()
    for person in (director, clerk):
        address = f'href="{reverse("account-history", args=[person.pk])}'
        assert f'{address}"' in own_people
        assert f'{address}?back={page}"' in contacts
    # The page one came from is the way back, if it is one of ours.
    account = reverse("account-history", args=[director.pk])
    reader = sign_in(small.officer())
    for back, shown in ((page, True), ("//evil.example/", False), ("javascript:alert(1)", False)):
        text = reader.get(account, {"back": back}).content.decode()
        assert (f'<a href="{back}">示例一园</a>' in text) is shown
    story = sign_in(director).get(reverse("account-history", args=[clerk.pk])).content.decode()
    assert f'<a href="{reverse("account-requests")}">本园人员</a>' in story


def test_the_security_administrator_reads_the_accounts_own_story(
    small: SmallCounty, kindergarten: Kindergarten, sign_in
) -> None:
    """What was done to the account, on its page; nothing of what the person works on."""
    director = small.person("园长甲", kindergarten.organisation, "director")
    security = acting(small.officer(role="security_administrator"))
    now = timezone.now()
    standing.disable(user_id=director.pk, reason="核实后停用", by=security, now=now)
    client = sign_in(security)
    page = client.get(reverse("person", args=[director.pk])).content.decode()
    assert "停用" in page
    assert "核实后停用" in page
    history = reverse("account-history", args=[director.pk])
    assert history not in page
    assert client.get(history).status_code == 403
    kindergarten_page = reverse("kindergarten-history", args=[kindergarten.code])
    assert client.get(kindergarten_page).status_code == 403


def test_an_office_is_not_named_twice(small: SmallCounty) -> None:
    with request_history(acting(small.officer()), "r"):
        Organisation.objects.create(name="甲", kind="bureau", region=small.county)
    subject = Subject(Organisation, [Organisation.objects.get(name="甲").pk])
    assert "经办人（甲县教育局经办人）登记了机构" in lines(subject)[0]


@pytest.mark.as_owner  # nobody else writes into the copies
def test_a_save_that_changes_nothing_says_so(kindergarten: Kindergarten) -> None:
    # No trigger writes such an event; what lies in the table is shown all the same.
    event = TRACKED[Kindergarten].event
    last = event._default_manager.filter(pgh_obj_id=kindergarten.pk).latest("pgh_id")
    last.pk, last.pgh_label = None, "update"
    last.save(force_insert=True)
    assert (
        "保存了幼儿园，内容没有变" in lines(Subject(Kindergarten, [kindergarten.pk], "幼儿园"))[0]
    )


def test_a_reporting_period_is_told_by_county_and_month(small: SmallCounty, sign_in) -> None:
    period = ReportingPeriod.objects.filter(county=small.county).first()
    assert period is not None
    with because("国庆假期顺延"):
        ReportingPeriod.objects.filter(pk=period.pk).update(
            due_at=period.due_at + dt.timedelta(days=1)
        )
    text = sign_in(small.officer()).get(reverse("period-history")).content.decode()
    month = f"{period.month.year}年{period.month.month}月"
    assert f"把报送期（{small.county}，{month}）的“" in text
    assert "理由：国庆假期顺延" in text
