"""What directors ask to be changed: the bureau's list, deciding, taking a request back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.models import RecordProposal
from kindergartens.record import selectors
from kindergartens.record.forms import DeclineForm
from kindergartens.record.policies import Refused
from kindergartens.record.presenters import section_title, shown_changes
from kindergartens.record.services import proposals


@require_GET
@requires(Permission.MANAGE_REGISTRY)
def proposal_list(request: SignedInRequest) -> HttpResponse:
    return _proposals(request, {})


def _proposals(request: SignedInRequest, failed: dict[int, str], status: int = 200) -> HttpResponse:
    rows = list(selectors.waiting_proposals(request.user)[:100])
    hosts: dict[str, str] = {}
    for row in rows:
        if "host" in row.wanted:
            hosts |= selectors.pointed_at(row.wanted)
    context = {
        "rows": [
            {
                "proposal": row,
                "title": section_title(row.section),
                "changes": shown_changes(row, hosts),
                "failed": failed.get(row.pk, ""),
            }
            for row in rows
        ]
    }
    return render(request, "kindergartens/record/proposals.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_REGISTRY)
def proposal_decide(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    now = timezone.now()
    proposal = get_object_or_404(
        RecordProposal.objects.visible_to(request.user).select_related("kindergarten"),
        pk=proposal_id,
    )
    name = proposal.kindergarten.name
    try:
        if request.POST.get("act") == "accept":
            proposals.accept(proposal_id=proposal.pk, by=request.user, now=now)
            messages.success(request, f"{name}的{section_title(proposal.section)}已按申请改好。")
        else:
            form = DeclineForm(request.POST)
            if not form.is_valid():
                text = form.errors["reason"][0]
                return _proposals(request, {proposal.pk: str(text)}, status=422)
            proposals.decline(
                proposal_id=proposal.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
            )
            messages.success(request, f"没有采用{name}的申请，原因已告诉园长。")
    except Refused as refusal:
        return _proposals(request, {proposal.pk: str(refusal)}, status=422)
    return redirect("record-proposals")


@require_POST
@requires(Permission.EDIT_OWN_RECORD)
def proposal_withdraw(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    proposal = get_object_or_404(
        RecordProposal.objects.visible_to(request.user).select_related("kindergarten"),
        pk=proposal_id,
    )
    try:
        proposals.withdraw(proposal_id=proposal.pk, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "申请已撤回，资料没有改动。")
    return redirect("kindergarten-detail", code=proposal.kindergarten.code)
