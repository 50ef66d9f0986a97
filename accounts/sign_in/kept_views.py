"""The page with everything that was kept, for forms whose page cannot be shown again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest
from accounts.sign_in import kept
from accounts.sign_in.duties import sends_nothing


@require_GET
def kept_input(request: SignedInRequest) -> HttpResponse:
    """What this person typed and has not sent, to read and to copy from."""
    found = kept.find(request, user_id=request.user.pk, now=timezone.now())
    names = _labels()
    shown = [
        {
            "form": form,
            "fields": [
                (_label(name, names), value)
                for name, value in form.fields
                if value.strip() and _label(name, names)
            ],
            "others": [
                (name, value)
                for name, value in form.fields
                if value.strip() and not _label(name, names)
            ],
            "files": [file for _, file in form.files],
        }
        for form in found.forms
    ]
    response = render(request, "accounts/sign_in/kept.html", {"found": found, "shown": shown})
    if not found.forms and found.trouble:
        kept.take_token(response)
    return response


@sends_nothing
@require_POST
def discard_kept_input(request: SignedInRequest) -> HttpResponse:
    """The person does not need it any more."""
    number = request.POST.get("kept", "")
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    found = kept.find(request, user_id=request.user.pk, now=timezone.now())
    page = next((form.page for form in found.forms if form.key == key), "")
    none_left = kept.forget(request, user_id=request.user.pk, key=key)
    messages.success(request, "登录前填的已删去。")
    response = redirect(page or "home")
    if none_left:
        kept.take_token(response)
    return response


def _labels() -> dict[str, str]:
    """What the portal's forms call their fields."""
    found: dict[str, str] = {}
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        for name, form_field in getattr(form, "base_fields", {}).items():
            if form_field.label:
                found.setdefault(name, str(form_field.label))
    return found


def _label(name: str, names: dict[str, str]) -> str:
    """The label of a field, whatever prefix or suffix its form gave it; “” if there is none."""
    if name in names:
        return names[name]
    parts = name.split("-")
    return next((names[part] for part in (parts[-1], parts[0]) if part in names), "")
