"""One procedure, what may be done with it now, and its papers."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files.pages import attachment_response
from accounts.sign_in.fresh import fresh_authentication
from kindergartens.changes.policies import ChangeRefused
from kindergartens.models import Procedure, ProcedureDocument
from kindergartens.procedures import (
    beside,
    endings,
    policies,
    presenters,
    selectors,
    services,
    turns,
)
from kindergartens.procedures.forms import acting_form
from kindergartens.procedures.kinds import Kind
from kindergartens.procedures.policies import ProcedureRefused


def found_of(request: SignedInRequest, number: str) -> Procedure:
    return get_object_or_404(
        selectors.detailed(Procedure.objects.visible_to(request.user)), number=number
    )


@require_GET
@requires(Permission.READ_PROCEDURES)
def procedure(request: SignedInRequest, number: str) -> HttpResponse:
    return procedure_page(request, number)


def procedure_page(
    request: SignedInRequest, number: str, *, error: str = "", form: Any = None, seen: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """One procedure, with what this person may do with it now.

    `seen` is the stamp of what the person has read, where that is not what this page shows anew.
    """
    # The stamp first: what is shown may be newer than it, never older.
    stamp = services.stamp(found_of(request, number))
    found = found_of(request, number)
    kind = services.kind_of(found)
    today = timezone.localdate()
    may = policies.choices(found, kind, request.user)
    placements = presenters.placements(found)
    places = kind.places_children and found.is_open
    context = {
        "procedure": found,
        "kind": kind,
        "filled_in": presenters.filled_in(found, kind),
        "documents": presenters.documents(found, kind),
        "placements": placements,
        "without_room": any(one["tags"] for one in placements),
        "children": selectors.children_last_counted(found.kindergarten) if places else None,
        "coming": selectors.children_coming(found.kindergarten) if places else 0,
        "to_record": [
            one for one in selectors.still_to_record(found.kindergarten) if one.procedure == found
        ],
        "events": presenters.timeline(found),
        "deadline": presenters.deadline(found, today),
        "report_by_years": presenters.report_by_years(found, kind),
        "changes_status": selectors.changes_status(found, found.effective_on),
        "tag": presenters.TAGS[found.state],
        "form": form or acting_form(found, kind, request.POST or None),
        "seen": seen or stamp,
        "conclusion": presenters.conclusion_tag(found, kind),
        "error": error,
        "beside": beside.said_of(found, today),
        "may": may,
        "turn": turns.turn_of(found, kind, may, request.user, today=today),
    }
    return render(request, "kindergartens/procedures/detail.html", context, status=status)


ACTS: dict[str, tuple[services.Act, str]] = {
    "check": (services.check, "已核对通过。"),
    "return": (services.send_back, "已退回，提出的人会看到要补正的内容。"),
    "approve": (partial(services.approve, without_effect=True), "已同意，事项办结。"),
    "refuse": (services.refuse, "已不予同意，理由已记下。"),
    "withdraw": (services.withdraw, "已撤回。"),
}
# What an act takes beside the opinion.
TYPED = {"approve": ("decision_number",), "check": ("conclusion", "to_mend")}


@require_POST
@requires(Permission.READ_PROCEDURES)
@fresh_authentication
def act(request: SignedInRequest, number: str) -> HttpResponse:
    """Check, return, refuse, withdraw, or approve what changes no status.

    All of it on what was read (`seen`). What ends a procedure is asked once more, with what it
    will do; nothing is written before.
    """
    found = found_of(request, number)
    kind = services.kind_of(found)
    form = acting_form(found, kind, request.POST)
    name, seen = request.POST.get("act", ""), request.POST.get("seen", "")
    if not form.is_valid():
        return procedure_page(request, number, form=form, seen=seen, status=422)
    if name == "edit":  # back from the page that asks once more, with what was typed
        return procedure_page(request, number, form=form, seen=seen)
    typed = form.cleaned_data
    try:
        if name not in ACTS:
            raise ProcedureRefused("没有选要办的事。请在页面最下面选一个。")
        do, said = ACTS[name]
        values = {"reason": typed["reason"]}
        values |= {field: typed[field] for field in TYPED.get(name, ()) if field in typed}
        done: dict[str, Any] = {
            "procedure_id": found.pk, "by": request.user, "now": timezone.now(), **values,
        }  # fmt: skip
        as_shown = partial(services.as_shown, do, seen=seen)
        if endings.ends(found, name, kind) and not request.POST.get("confirmed"):
            services.rehearse(as_shown, **done)
            asked = {"act": name, **values, "seen": seen, "confirmed": "1"}
            return _confirm_page(request, found_of(request, number), kind, asked)
        as_shown(**done)
        messages.success(request, said)
    except services.ActedSince as since:
        return procedure_page(request, number, error=str(since), status=409)
    except (ProcedureRefused, ChangeRefused) as refusal:
        field = getattr(refusal, "field", "")
        if field in form.fields:
            form.add_error(field, str(refusal))
            return procedure_page(request, number, form=form, seen=seen, status=422)
        return procedure_page(request, number, error=str(refusal), seen=seen, status=409)
    return redirect(reverse("procedure", args=[number]))


def _confirm_page(
    request: SignedInRequest,
    found: Procedure,
    kind: Kind,
    asked: dict[str, str],
) -> HttpResponse:
    context = {
        "procedure": found,
        "kind": kind,
        "ending": endings.ending(found, asked["act"], kind, asked, today=timezone.localdate()),
        "reason": asked["reason"],
        "typed": asked,
    }
    return render(request, "kindergartens/procedures/confirm.html", context)


@require_GET
@requires(Permission.READ_PROCEDURES)
def document(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    attachment = get_object_or_404(
        ProcedureDocument.objects.visible_to(request.user).select_related("file"), pk=document_id
    )
    return attachment_response(request, attachment)
