"""Registering a kindergarten."""

from __future__ import annotations

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
from kindergartens.record.services.registering import register_kindergarten


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def register(request: SignedInRequest) -> HttpResponse:
    """Put a new kindergarten on the books; one that is there already is shown instead."""
    now = timezone.now()
    form = RegisterForm(request.POST or None, by=request.user, today=timezone.localdate(now))
    status, there = 200, []
    if request.method == "POST":
        status = 422
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
                form.add_findings(refusal.findings)
                codes = [finding.source for finding in refusal.findings]
                there = list(Kindergarten.objects.visible_to(request.user).filter(code__in=codes))
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
