"""The OpenAPI document, from the same declarations that check what is asked."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from accounts.hardening.problems import MEDIA_TYPE
from reports.api.views import api

PREFIX = "/api/v1"
HEADERS = {
    "ETag": "答复内容的标记；下次放在If-None-Match里，没有变化时答304",
    "Last-Modified": "答复里的数最近一次变化的时间",
}


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the interface, public: it holds no figure."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1, with problems as what they are sent as, and what a cache may ask."""
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    for path in schema["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                _complete(str(status), response)
            operation["responses"][304] = {"description": "没有变化"}
    schema["servers"] = [{"url": "/"}]
    return schema


def _complete(status: str, response: dict[str, Any]) -> None:
    if status.startswith("4"):
        response["description"] = "没有答复，写明原因和怎么办"
        response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        if status == "429":
            response["headers"] = {
                "Retry-After": {"description": "几秒以后再来", "schema": {"type": "integer"}}
            }
    else:
        response["description"] = "答复"
        response["headers"] = {
            name: {"description": said, "schema": {"type": "string"}}
            for name, said in HEADERS.items()
        }
