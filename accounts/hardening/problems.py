"""Errors of the interface for machines: JSON by RFC 9457, in Chinese, saying what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

API = "/api/"
MEDIA_TYPE = "application/problem+json"
KIND = "urn:preschool-supervision:problem:"

# Of refusals that come before any view: what it is, what it means, what to do next.
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "请求不能识别。", "请按接口说明核对地址和参数。"),
    401: (
        "no-token",
        "没有可用的令牌。",
        "请在请求头里写Authorization: Bearer 加令牌；令牌由安全管理员发放。",
    ),
    403: ("forbidden", "没有这项权限。", "请核对令牌的范围。"),
    404: (
        "not-found",
        "没有这个地址，或不在令牌的范围里。",
        "请按/api/v1/openapi.json核对地址和参数。",
    ),
    405: ("method-not-allowed", "这个接口只能读取。", "请用GET方法。"),
    413: ("too-large", "请求太大。", "请减少参数。"),
    429: ("too-many-requests", "请求太多。", "请等Retry-After头里写的秒数再请求。"),
    500: (
        "server-error",
        "系统出错，已记录。",
        "请稍后再试；仍不行，请把request_id告诉系统管理员。",
    ),
    503: ("busy", "系统正忙。", "请等Retry-After头里写的秒数再请求。"),
}


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API)


def problem(
    request: HttpRequest,
    status: int,
    code: str = "",
    detail: str = "",
    next_step: str = "",
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """One error. Without words of its own, those of the status."""
    usual = WORDS.get(status, WORDS[400])
    body = {
        "type": KIND + (code or usual[0]),
        "title": usual[1],
        "status": status,
        "detail": detail or usual[1],
        "next_step": next_step or usual[2],
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        **({"errors": errors} if errors else {}),
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    for name, value in (headers or {}).items():
        response[name] = value
    return response
