"""A form written for long, sent after the session has ended, comes back and is sent by the person."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.utils import timezone
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from accounts.models import AccountRequest, Authenticator, KeptInput, Session, User
from accounts.sign_in import second_factor
from tests.conftest import acting
from tests.journey.conftest import PASSWORD
from tests.journey.test_return_to_report import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
WHY = "接替生病的同事，10月起\n第二行"


def end_sessions() -> None:
    Session.objects.update(ended_at=timezone.now(), ended_why="by_administrator", session_data="")


def write_and_send(page: Page) -> None:
    page.goto("/account-requests/new/")
    page.get_by_label("姓名").fill("示例新人")
    page.get_by_label("用户名").fill("new.clerk")
    page.get_by_label("角色").select_option(label="园所资料员")
    page.locator("[name=reason]").fill(WHY)
    end_sessions()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("刚才填的都保留了")


def sign_in(page: Page, user: User) -> None:
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def expect_back(page: Page) -> None:
    expect(page.locator("#messages")).to_contain_text("填的已放回这一页，还没有提交")
    expect(page.get_by_label("姓名")).to_have_value("示例新人")
    expect(page.locator("[name=reason]")).to_have_value(WHY)
    assert page.get_by_label("角色").locator("option:checked").inner_text() == "园所资料员"


def test_what_was_typed_comes_back_and_is_sent_once_by_the_person(visit: Visit) -> None:
    director = Story().director
    page = visit(director)
    write_and_send(page)
    sign_in(page, director)
    expect_back(page)
    assert "示例新人" not in page.url
    page.reload()
    expect_back(page)
    assert not AccountRequest.objects.exists()

    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("申请已提交")
    assert AccountRequest.objects.get().reason.split() == WHY.split()
    assert not KeptInput.objects.exists()
    page.goto("/account-requests/new/")
    expect(page.get_by_label("姓名")).to_have_value("")
    expect(page.locator("#messages")).to_be_empty()


def test_the_second_factor_stands_between_and_loses_nothing(visit: Visit) -> None:
    director = Story().director
    page = visit(director)
    write_and_send(page)
    acting(director)
    key = second_factor.offer(director).bin_key
    app = Authenticator.objects.get(user=director)

    def code(steps: int = 0) -> str:
        totp = TOTP(key)
        totp.time = time.time() + 30 * steps
        return f"{totp.token():06d}"

    now = timezone.now()
    assert second_factor.confirm(user=director, code=code(), keep=None, now=now)
    assert app.pk
    sign_in(page, director)
    expect(page.get_by_role("heading", name="输入验证码")).to_be_visible()
    page.get_by_role("textbox", name="验证码").fill(code(steps=1))
    page.get_by_role("button", name="登录").click()
    expect_back(page)


def test_a_form_in_a_dialog_is_open_again(visit: Visit) -> None:
    story = Story()
    security = story.small.person(
        "安全员", story.officer.memberships.get().organisation, "security_administrator"
    )
    security.password = story.director.password
    security.save()
    page = visit(security, width=390, provokes=("422",))
    page.goto(f"/people/{story.director.pk}/")
    page.get_by_role("button", name="停用账号").click()
    page.locator("#act-disable [name=disable-reason]").fill("已调离")
    end_sessions()
    page.get_by_role("button", name="停用这个账号").click()
    expect(page.locator("main")).to_contain_text("刚才填的都保留了")
    sign_in(page, security)
    dialog = page.locator("#act-disable")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[name=disable-reason]")).to_have_value("已调离")
    dialog.get_by_role("button", name="取消").click()
    page.get_by_role("button", name="不要了，恢复原样").click()
    expect(page.locator("main")).to_contain_text("保留的填写内容已删去")
    expect(dialog).not_to_be_visible()
    assert User.objects.get(pk=story.director.pk).is_active

    # A refused act: the link of its summary opens the dialog it stands in.
    page.get_by_role("button", name="停用账号").click()
    dialog.locator("[name=disable-reason]").fill("   ")
    dialog.get_by_role("button", name="停用这个账号").click()
    page.locator(".err-summary a").first.click()
    expect(dialog.locator("[name=disable-reason]")).to_be_focused()


def test_a_form_left_open_while_signing_in_elsewhere_is_not_lost(visit: Visit) -> None:
    director = Story().director
    page = visit(director)
    page.goto("/account-requests/new/")
    page.locator("[name=reason]").fill(WHY)
    end_sessions()
    second = page.context.new_page()
    second.goto("/login/")
    sign_in(second, director)
    second.wait_for_url(lambda url: "/login/" not in url)
    page.get_by_label("姓名").fill("示例新人")
    page.get_by_label("用户名").fill("new.clerk")
    page.get_by_label("角色").select_option(label="园所资料员")
    page.get_by_role("button", name="提交申请").click()
    expect_back(page)


def test_a_role_removed_while_typing_is_said_in_the_bar(visit: Visit) -> None:
    story = Story()
    page = visit(story.director, provokes=("403", "404"))
    page.get_by_role("button", name="开始填10月月报").click()
    page.locator("#remarks").fill("一")
    expect(page.locator("[data-save=saved]:visible")).to_contain_text("已保存")
    Session.objects.update(ended_at=timezone.now(), ended_why="role", session_data="")
    page.locator("#remarks").fill("收回岗位以后填的")
    bar = page.locator("[data-save=trouble]:visible")
    expect(bar).to_contain_text("您的岗位有变动，已退出登录", timeout=20_000)
    story.director.memberships.update(ended_at=timezone.now(), valid_to=timezone.localdate())
    second = page.context.new_page()
    second.goto("/login/")
    sign_in(second, story.director)
    second.wait_for_url(lambda url: "/login/" not in url)
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    expect(bar).to_contain_text("岗位已取消的，请复制要紧的内容", timeout=20_000)
    expect(page.locator("#remarks")).to_have_value("收回岗位以后填的")
