"""Taking back what was planned, and the papers changes rest on."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files.pages import attachment_response
from kindergartens.changes import selectors, services
from kindergartens.changes.forms import WithdrawForm
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.presenters import difference
from kindergartens.models import StatusChange, StatusDocument


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_PROCEDURES)
def withdraw(request: SignedInRequest, change_id: int) -> HttpResponse:
    """A change that has not begun, and the reason for which it is taken back."""
    change = get_object_or_404(
        selectors.with_papers(StatusChange.objects.visible_to(request.user)), pk=change_id
    )
    form = WithdrawForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.withdraw_change(
                    change_id=change.pk,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
            except ChangeRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, "已撤回，办园状态照原来的继续。")
                return redirect("kindergarten-detail", code=change.kindergarten.code)
    before, after = selectors.around(change)
    towns = selectors.towns_named(before, after)
    context = {
        "change": change,
        "form": form,
        "differences": difference(before, after, change.values, towns),
    }
    return render(request, "kindergartens/changes/withdraw.html", context, status=status)


@require_GET
@requires(Permission.READ_REGISTRY)
def document(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    attachment = get_object_or_404(
        StatusDocument.objects.visible_to(request.user).select_related("file"), pk=document_id
    )
    return attachment_response(request, attachment)
