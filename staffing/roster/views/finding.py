"""What the pages of the roster look up, and the one page their forms stand on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.access.guards import SignedInRequest
from kindergartens.models import Kindergarten
from staffing.barred.services import note_stopped
from staffing.models import Appointment, StaffMember
from staffing.roster.services import PersonBarred, RosterRefused

Crumb = dict[str, str]


def kindergarten_of(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def person_of(request: SignedInRequest, person_id: int) -> StaffMember:
    return get_object_or_404(StaffMember.objects.visible_to(request.user), pk=person_id)


def appointment_of(request: SignedInRequest, appointment_id: int) -> Appointment:
    visible = Appointment.objects.visible_to(request.user).standing()
    return get_object_or_404(visible.select_related("person", "kindergarten"), pk=appointment_id)


def refuse(request: SignedInRequest, form: forms.Form, refusal: RosterRefused) -> None:
    """Say why at the field; a stopped hiring is kept, and led to its row where that may be read."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    if not isinstance(refusal, PersonBarred):
        return
    note_stopped(ban=refusal.ban, by=request.user, now=timezone.now())
    if refusal.may_read:
        address = reverse("employment-ban", args=[refusal.ban.pk])
        form.add_error(None, format_html('<a href="{}">查看{}</a>', address, refusal.ban))


def roster_crumb(kindergarten: Kindergarten) -> list[Crumb]:
    code = kindergarten.code
    return [
        {"label": kindergarten.name, "url": reverse("kindergarten-detail", args=[code])},
        {"label": "教职工", "url": reverse("kindergarten-staff", args=[code])},
    ]


def person_crumb(person: StaffMember) -> list[Crumb]:
    return [
        {"label": "教职工", "url": reverse("staff")},
        {"label": person.name, "url": reverse("staff-member", args=[person.pk])},
    ]


def form_page(
    request: SignedInRequest,
    form: forms.Form,
    *,
    title: str,
    crumbs: list[Crumb],
    sub: str = "",
    template: str = "kindergartens/form.html",
    submit: str = "保存",
) -> HttpResponse:
    """A form under a person or a roster: back leads to the last crumb."""
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "sub": sub,
        "submit": submit,
        "crumbs": [*crumbs, {"label": title}],
        "back": crumbs[-1]["url"],
    }
    return render(request, template, context, status=422 if form.errors else 200)
