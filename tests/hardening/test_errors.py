"""Every error page: in Chinese, with the request's number, saying what to do next, with no stack."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.hardening import limits
from tests.access.routes import World

SAYS = {
    400: "这个网址或表单的内容不完整",
    403: "这一页不归这个岗位办",
    404: "没有找到这一页",
    405: "这个网址不能这样打开",
    413: "内容太多，没有接收",
    429: "登录的次数太多，先停一下",
    500: "这一步没有做成",
    503: "系统正忙",
}


def provoke(world: World, status: int, monkeypatch: pytest.MonkeyPatch, settings):
    client = Client(raise_request_exception=False, enforce_csrf_checks=status == 413)
    client.force_login(world.people["bureau_officer"])
    if status == 405:
        return client.get(reverse("choose-post"))
    if status == 429:
        settings.RATE_LIMITS = True
        refusal = limits.Refusal(75, "address")
        monkeypatch.setattr(limits, "count_request", lambda *args, **kwargs: refusal)
        return client.post(reverse("login"))
    if status == 404:
        return client.get("/figures/999999/")
    faults = {
        400: BadRequest("secret detail"),
        403: PermissionDenied(),
        413: RequestDataTooBig("secret detail"),
        500: ZeroDivisionError("secret detail"),
        503: OperationalError("secret detail"),
    }

    def broken(*args: object, **kwargs: object) -> None:
        raise faults[status]

    monkeypatch.setattr("accounts.jobs.views.Paginator", broken)
    return client.get(reverse("jobs"))


@pytest.mark.parametrize("status", SAYS)
def test_an_error_says_what_to_do_next(world: World, status: int, monkeypatch, settings) -> None:
    response = provoke(world, status, monkeypatch, settings)
    assert response.status_code == status
    check(response, SAYS[status])
    if status == 429:
        assert response["Retry-After"] == "75"
        assert "过2分钟再试" in response.content.decode()


def check(response, heading: str) -> None:
    page = response.content.decode()
    assert f"<h1>{heading}" in page
    assert f"编号{response['X-Request-ID']}" in page
    assert "<dt>下一步</dt>" in page
    assert "<dt>已填的内容</dt>" in page
    assert 'lang="zh-CN"' in page
    for leak in ("Traceback", "secret detail", "Exception", "/site-packages/", "django", "Django"):
        assert leak not in page
    assert "！" not in page
    assert "<script" not in page
    assert re.findall(r'href="([^"]+)"', page) == [
        "/favicon.ico", "/static/css/error.css", *(["/"] if 'class="main"' in page else [])
    ]  # fmt: skip


def test_a_forged_form_says_so(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["director"])
    response = client.post(reverse("filing-open"))
    assert response.status_code == 403
    check(response, "页面放得太久，没有提交")


@pytest.mark.parametrize("status", [405, 429])
def test_the_pages_of_refusals_need_no_database(
    world: World, status: int, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        page = render_to_string(f"{status}.html", {"request_id": "A", "wait": "", "words": ""})
    assert "下一步" in page


@pytest.mark.parametrize("fault", [Http404, PermissionDenied, BadRequest, ZeroDivisionError])
def test_a_fault_in_the_error_page_is_still_a_page(world: World, monkeypatch, fault) -> None:
    """When even the navigation fails, 500 stands alone."""

    def broken(*args: object) -> None:
        raise RuntimeError("secret detail")

    def faulty(*args: object) -> None:
        raise fault

    monkeypatch.setattr("config.context.navigation_for", broken)
    monkeypatch.setattr("accounts.jobs.views.Paginator", faulty)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["bureau_officer"])
    response = client.get(reverse("jobs"))
    assert response.status_code == 500
    check(response, SAYS[500])
