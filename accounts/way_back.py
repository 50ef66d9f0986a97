"""Back to where one came from: the list as it was after an act on one of its rows, or a page.

The form's address carries the list's own query (`{% url "…" %}{% query %}`); what narrows the list
or turns its pages is taken from there, and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

KEPT = ("view", "state", "page")


def list_address(request: HttpRequest, route: str, **more: Any) -> str:
    """The list's address with its page and filters; `more` is added to them."""
    kept = {name: request.GET[name] for name in KEPT if name in request.GET} | more
    return f"{reverse(route)}?{urlencode(kept, doseq=True)}" if kept else reverse(route)


def back_to_list(request: HttpRequest, route: str, **more: Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(list_address(request, route, **more))


def page_back(request: HttpRequest) -> str:
    """The address in `?back=`, which the linking page put there; "" unless it is one of ours."""
    back = request.GET.get("back", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ours else ""
