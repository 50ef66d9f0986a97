"""The history page of any object: its own view decides whose rows, this draws the sentences."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.history.archives import archived_before
from accounts.history.sentences import Subject, history_page


def history_response(
    request: HttpRequest,
    subjects: Sequence[Subject],
    *,
    title: str,
    back: tuple[str, str] | None = None,
) -> HttpResponse:
    """`subjects` must already be limited to what the person may see. `back` is the object's page:
    its address and name.
    """
    page = history_page(subjects, request.GET.get("page"))
    return render(
        request,
        "accounts/history/object.html",
        {
            "title": title,
            "back": back,
            "page_obj": page,
            "events": page.object_list,
            "archived_before": archived_before(),
        },
    )
