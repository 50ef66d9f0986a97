"""Editing a section of a record, and renaming."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.models import Kindergarten
from kindergartens.record import policies
from kindergartens.record.catalogue import BY_KEY, Section
from kindergartens.record.forms import RenameForm, SectionForm
from kindergartens.record.policies import ChangedMeanwhile, NeedsMending, Refused
from kindergartens.record.presenters import differences
from kindergartens.record.services import editing, proposals
from kindergartens.record.values import stamp


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def record_edit(request: SignedInRequest, code: str, section: str) -> HttpResponse:
    """An officer edits a section; what is saved holds at once."""
    return _edit(request, code, section)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_OWN_RECORD)
def own_record_edit(request: SignedInRequest, code: str, section: str) -> HttpResponse:
    """A director edits what is harmless, and asks for the rest to be changed."""
    return _edit(request, code, section)


def _edit(request: SignedInRequest, code: str, key: str) -> HttpResponse:
    now = timezone.now()
    section = BY_KEY.get(key)
    kindergarten = get_object_or_404(
        Kindergarten.objects.visible_to(request.user).select_related(
            "organisation__region__county", "host", "inspector"
        ),
        code=code,
    )
    if section is None:
        raise Http404
    proposes = policies.can_propose(request.user, kindergarten, section)
    if not proposes and not policies.can_edit(request.user, kindergarten, section):
        raise Http404
    officer = policies.manages(request.user, kindergarten)
    options: dict[str, Any] = {
        "section": section,
        "kindergarten": kindergarten,
        "by": request.user,
        "today": timezone.localdate(now),
        "officer": officer,
        "proposes": proposes,
    }
    context: dict[str, Any] = {
        "kindergarten": kindergarten,
        "section": section,
        "proposes": proposes,
    }
    if request.method == "GET":
        form = SectionForm(initial={"seen": stamp(kindergarten, section)}, **options)
        context["form"] = form
        return render(request, "kindergartens/record/edit.html", context)
    form = SectionForm(request.POST, **options)
    status = 422
    if form.is_valid():
        try:
            answer = _save(request, kindergarten, section, form, proposes=proposes, now=now)
        except NeedsMending as refusal:
            form.add_findings(refusal.findings)
        except ChangedMeanwhile:
            status = 409
            fresh = Kindergarten.objects.visible_to(request.user).get(pk=kindergarten.pk)
            _start_from(form, stamp(fresh, section))
            context["differences"] = differences(fresh, section, form.values())
            context["meanwhile"] = True
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return answer
    context["form"] = form
    return render(request, "kindergartens/record/edit.html", context, status=status)


def _save(
    request: SignedInRequest,
    kindergarten: Kindergarten,
    section: Section,
    form: SectionForm,
    *,
    proposes: bool,
    now: dt.datetime,
) -> HttpResponse:
    given: dict[str, Any] = {
        "kindergarten_id": kindergarten.pk,
        "section": section,
        "values": form.values(),
        "seen": form.cleaned_data["seen"],
        "by": request.user,
        "now": now,
    }
    code = kindergarten.code
    if proposes:
        proposals.propose(reason=form.cleaned_data["proposal_reason"], **given)
        messages.success(request, f"{section.title}的改动已报教育局核对，采用后生效。")
    else:
        changed = editing.edit_section(**given)
        if changed:
            messages.success(request, f"{section.title}已保存。")
        else:
            messages.info(request, f"{section.title}没有改动。")
        code = form.cleaned_data.get("code", code)
    return redirect(f"{reverse('kindergarten-detail', args=[code])}#{section.key}")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def rename(request: SignedInRequest, code: str) -> HttpResponse:
    now = timezone.now()
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    initial = {"seen": kindergarten.name, "valid_from": timezone.localdate(now)}
    form = RenameForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                editing.rename(kindergarten_id=kindergarten.pk, by=request.user, now=now, **data)
            except NeedsMending as refusal:
                _show_name_findings(form, refusal)
            except ChangedMeanwhile:
                status = 409
                _start_from(form, kindergarten.name)
                form.add_error(
                    None, f"您打开页面以后，园名已改为{kindergarten.name}。请核对后再保存。"
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"已更名为{data['name']}，原名记入曾用名。")
                return redirect("kindergarten-detail", code=code)
    context = {"kindergarten": kindergarten, "form": form}
    return render(request, "kindergartens/record/rename.html", context, status=status)


def _show_name_findings(form: RenameForm, refusal: NeedsMending) -> None:
    for finding in refusal.findings:
        form.add_error("name", finding.text)
        if finding.severity == "reason":
            form.add_error("name_reason", "请写明依据，或改用别的名称。")


def _start_from(form: forms.Form, seen: str) -> None:
    """What the person sees now is what the next saving is measured against."""
    form.data = {**form.data.dict(), "seen": seen}  # type: ignore[attr-defined]
