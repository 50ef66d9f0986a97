"""Around every operation: no session, and 304 for whoever has the same bytes already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from ninja.renderers import JSONRenderer

View = Callable[..., HttpResponse]


class ReadableJSON(JSONRenderer):
    """Chinese as it is written, not by code points."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


def for_machines(view: View) -> View:
    """The tag is of the answer itself: verdicts follow targets, too, which move without a figure's
    time of computation, so that time alone would call an old answer unchanged.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        if response.status_code != 200:
            return response
        if getattr(request, "auth", None) is not None:
            # May be kept by whoever has the key, and is asked about each time.
            response["Cache-Control"] = "private, no-cache"
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        unchanged = get_conditional_response(request, etag=etag, response=response)
        return unchanged if isinstance(unchanged, HttpResponse) else response

    return login_not_required(answer)
