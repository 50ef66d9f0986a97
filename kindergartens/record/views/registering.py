"""Registering a kindergarten."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.changes.policies import ChangeRefused
from kindergartens.models import Kindergarten
from kindergartens.record.forms import RegisterForm
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.rules import Finding
from kindergartens.record.services.judging import registration_problems
from kindergartens.record.services.registering import register_kindergarten


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def register(request: SignedInRequest) -> HttpResponse:
    """Put a new kindergarten on the books; one that is there already is shown instead."""
    now = timezone.now()
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        today=timezone.localdate(now),
    )
    status = 200
    there: list[Kindergarten] = []
    if request.method == "POST":
        status = 422
        there = _add_problems(form, request, now)
        if form.is_valid():
            data = form.cleaned_data
            try:
                kindergarten = register_kindergarten(
                    town=data["town"],
                    values=form.record_values(),
                    status=form.status_values(),
                    valid_from=data["valid_from"],
                    reason=data["reason"],
                    document_number=data["document_number"],
                    by=request.user,
                    now=now,
                )
            except NeedsMending as refusal:
                # Somebody was quicker: a moment ago nothing stood against it.
                form.add_findings(refusal.findings)
                there = _named(refusal.findings, request)
            except (Refused, ChangeRefused) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    f"{kindergarten.name}已登记。请接着补齐资料；园长账号由系统管理员申请。",
                )
                return redirect("kindergarten-detail", code=kindergarten.code)
    context = {"form": form, "there": there}
    return render(request, "kindergartens/record/register.html", context, status=status)


def _add_problems(
    form: RegisterForm, request: SignedInRequest, now: dt.datetime
) -> list[Kindergarten]:
    """Put what the books and the law say beside what the form says; who is there already.

    Asked also of a form with errors, so that everything is said in one go.
    """
    form.is_valid()
    found = registration_problems(
        town=form.cleaned_data.get("town"),
        valid_from=form.cleaned_data.get("valid_from"),
        record=form.record_values(),
        status=form.status_values(),
        by=request.user,
        now=now,
    )
    form.add_findings(found)
    return _named(found, request)


def _named(findings: list[Finding], request: SignedInRequest) -> list[Kindergarten]:
    codes = [finding.source for finding in findings if finding.source]
    return list(Kindergarten.objects.visible_to(request.user).filter(code__in=codes))
