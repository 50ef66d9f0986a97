"""What can be wrong with a request, and how it is said."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from accounts.hardening.problems import problem
from reports.api.schemas import CODE, MONTH


class NotAnswered(Exception):
    """A request that is understood and not answered; the texts are for whoever wrote the program."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        next_step: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.detail, self.next_step = status, code, detail, next_step
        self.headers = headers or {}
        super().__init__(detail)


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="api"'}


def handle_errors(api: NinjaAPI) -> None:
    """Every error of the interface is a problem document; unexpected ones go on to the portal."""
    api.exception_handler(NotAnswered)(_not_answered)
    api.exception_handler(AuthenticationError)(_no_token)
    api.exception_handler(ValidationError)(_not_valid)
    # Logged, counted and answered like those of any page.
    api.exception_handler(Exception)(_unexpected)


def _not_answered(request: HttpRequest, failure: NotAnswered) -> HttpResponse:
    return problem(
        request, failure.status, failure.code, failure.detail, failure.next_step, failure.headers
    )


def _no_token(request: HttpRequest, failure: AuthenticationError) -> HttpResponse:
    return problem(
        request, 401, "no-token", "请求没有带令牌。",
        "请在请求头里写Authorization: Bearer 加令牌；令牌由安全管理员发放。", CHALLENGE,
    )  # fmt: skip


def _not_valid(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    return problem(
        request, 400, "bad-parameter", "参数不对。", "请按errors里的说明改写后再请求。",
        errors=[_flaw(one) for one in failure.errors],
    )  # fmt: skip


# pydantic lists what may stand there as 'a', 'b' or 'c'.
QUOTED = re.compile("'([^']*)'")
HOW_WRITTEN = {MONTH: "写成2026-10", CODE: "写6位或12位行政区划代码，如150203"}
_SAID = {
    "missing": "没有写",
    "extra_forbidden": "没有这个参数",
    "int_parsing": "应是整数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "string_pattern_mismatch": "写法不对",
    "literal_error": "不是列出的值",
    "enum": "不是列出的值",
    "string_too_long": "太长",
    "too_long": "太多",
}


def _flaw(error: dict[str, Any]) -> dict[str, str]:
    """Which parameter, and what is wrong with it."""
    name = ".".join(str(part) for part in error["loc"][-1:])
    bounds = error.get("ctx") or {}
    said = _SAID.get(error["type"], "不对")
    for key, word in (("ge", "最小"), ("le", "最大"), ("max_length", "最多")):
        if key in bounds:
            said += f"，{word}{bounds[key]}"
    if "expected" in bounds:
        said += f"，可以写{'、'.join(QUOTED.findall(bounds['expected']))}"
    if "pattern" in bounds:
        said += f"，{HOW_WRITTEN[bounds['pattern']]}"
    return {"parameter": name, "detail": said}


def _unexpected(request: HttpRequest, failure: Exception) -> HttpResponse:
    raise failure
