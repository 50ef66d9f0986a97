"""The page with everything that was kept, for forms whose page cannot be shown again."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest
from accounts.sign_in import kept
from accounts.sign_in.duties import opens_without_post, sends_nothing


@opens_without_post
@require_GET
def kept_input(request: SignedInRequest) -> HttpResponse:
    """What this person typed and has not sent, to read and to copy from."""
    found = kept.find(request, user_id=request.user.pk, now=timezone.now())
    shown = [_shown(form) for form in found.forms]
    response = render(request, "accounts/sign_in/kept.html", {"found": found, "shown": shown})
    if not found.forms and found.trouble:
        kept.take_token(response)
    return response


@opens_without_post
@sends_nothing
@require_POST
def discard_kept_input(request: SignedInRequest) -> HttpResponse:
    """The person does not need it any more."""
    number = request.POST.get("kept", "")
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    found = kept.find(request, user_id=request.user.pk, now=timezone.now())
    page = next((form.page for form in found.forms if form.key == key), "")
    none_left = kept.forget(request, user_id=request.user.pk, key=key)
    messages.success(request, "保留的填写内容已删去。")
    response = redirect(page or "home")
    if none_left:
        kept.take_token(response)
    return response


def _shown(form: kept.Kept) -> dict[str, Any]:
    names = _labels(form)
    written = [(name, value) for name, value in form.fields if value.strip()]
    return {
        "form": form,
        "fields": [(_label(name, names), value) for name, value in written if _label(name, names)],
        "others": [(name, value) for name, value in written if not _label(name, names)],
        "files": [file for _, file in form.files],
    }


def _labels(sent: kept.Kept) -> dict[str, str]:
    """What the portal's forms call their fields.

    Of several forms with such a field the one nearest to the view, then the likest to what was sent.
    """
    try:
        near = resolve(sent.path).func.__module__.split(".")
    except Resolver404:
        near = []
    names = {name.split("-")[-1] for name, _ in sent.fields}
    found: dict[str, tuple[tuple[int, int, int], str]] = {}
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        own = getattr(form, "base_fields", {})
        parts = zip(near, form.__module__.split("."), strict=False)
        nearness = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], parts))
        likeness = (nearness, len(names & set(own)), -len(own))
        for name, form_field in own.items():
            if form_field.label and (name not in found or likeness > found[name][0]):
                found[name] = (likeness, str(form_field.label))
    return {name: label for name, (_, label) in found.items()}


def _label(name: str, names: dict[str, str]) -> str:
    """The label of a field, whatever prefix or suffix its form gave it; “” if there is none."""
    if name in names:
        return names[name]
    parts = name.split("-")
    return next((names[part] for part in (parts[-1], parts[0]) if part in names), "")
