"""What every page of the reporting periods is made with: whose county, the form, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.guards import SignedInRequest
from kindergartens.calendar.services import PeriodRefused

PERIODS = "报送期"


def refuse(form: Form, refusal: PeriodRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def done(
    request: SignedInRequest, form: Form, *, back: str, act: Callable[[], str]
) -> HttpResponse | None:
    """Do what a valid form asks for, say what was done and go back.

    None while the form is still to be filled in, or what was refused to be mended in it.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        said = act()
    except PeriodRefused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, said)
    return redirect(back)


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    steps = [(PERIODS, reverse("periods")), *more]
    return [{"label": label, "url": url} for label, url in steps]


def form_page(request: SignedInRequest, form: Form, **context: Any) -> HttpResponse:
    return render(
        request,
        "kindergartens/form.html",
        {"form": form, **context},
        status=422 if form.errors else 200,
    )
