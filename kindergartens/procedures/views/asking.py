"""Asking for a procedure: the kinds there are, the form, and completing what came back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from accounts.history.recording import Action, Outcome, record_access
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import policies, presenters, selectors, services
from kindergartens.procedures.forms import AskForm
from kindergartens.procedures.kinds import Kind, all_kinds, kind_in
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.views.one import found_of


@require_GET
@requires(Permission.READ_PROCEDURES)
def choose(request: SignedInRequest, code: str) -> HttpResponse:
    """The kinds a kindergarten may ask for, each with its documents and periods."""
    kindergarten = _asked_for(request, code)
    today = timezone.localdate()
    status = kindergarten.statuses.on(today).first()
    region = kindergarten.organisation.region
    open_ones = Procedure.objects.visible_to(request.user).filter(kindergarten=kindergarten).open()
    in_hand = {one.kind: one for one in open_ones}
    groups: dict[str, list[dict[str, Any]]] = {}
    for name in all_kinds():
        kind = kind_in(name, region.code)
        why_not = ""
        try:
            policies.check_may_ask(kind, kindergarten, status, today=today)
        except ProcedureRefused as refusal:
            why_not = str(refusal)
        groups.setdefault(kind.group, []).append(
            {
                "kind": kind,
                "why_not": why_not,
                "in_hand": in_hand.get(name),
                "check": presenters.period_words(kind.check),
                "decide": presenters.period_words(kind.decide),
                "report": presenters.period_words(kind.report),
            }
        )
    context = {"kindergarten": kindergarten, "groups": groups.items()}
    return render(request, "kindergartens/procedures/choose.html", context)


def _asked_for(request: SignedInRequest, code: str) -> Kindergarten:
    return get_object_or_404(
        Kindergarten.objects.visible_to(request.user).select_related(
            "organisation__region__county"
        ),
        code=code,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_PROCEDURES)
def ask(request: SignedInRequest, code: str, kind_code: str) -> HttpResponse:
    """Begin a procedure of a kind."""
    kindergarten = _asked_for(request, code)
    if kind_code not in all_kinds():
        raise Http404
    policies.actor(request.user, kindergarten, *policies.ASKERS)
    kind = kind_in(kind_code, kindergarten.organisation.region.code)
    now = timezone.now()
    form = AskForm(
        request.POST or None,
        request.FILES or None,
        kind=kind,
        kindergarten=kindergarten,
        today=timezone.localdate(now),
        initial=_offered(request, kind),
    )
    status = 200
    if request.method == "POST":
        status = 422
        procedure = None
        if form.is_valid():
            procedure = _send(request, form, kindergarten, None)
        if procedure is not None:
            messages.success(request, f"已提出，编号{procedure.number}。")
            return redirect("procedure", number=procedure.number)
    return _form_page(request, form, kindergarten, None, status)


def _offered(request: SignedInRequest, kind: Kind) -> dict[str, Any]:
    """What a page that leads here knows already: the day and numbers, never a name in an address."""
    given = {"occurred_on": request.GET.get("occurred_on", "")} | {
        f"d_{field.name}": request.GET.get(field.name, "")
        for field in kind.fields
        if field.type == "number"
    }
    return {name: value for name, value in given.items() if value}


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_PROCEDURES)
def complete(request: SignedInRequest, number: str) -> HttpResponse:
    """Complete a returned procedure and hand it in again."""
    procedure = found_of(request, number)
    kindergarten = procedure.kindergarten
    policies.actor(request.user, kindergarten, *policies.ASKERS)
    form = AskForm(
        request.POST or None,
        request.FILES or None,
        kind=services.kind_of(procedure),
        kindergarten=kindergarten,
        procedure=procedure,
        today=timezone.localdate(),
    )
    if procedure.state != Procedure.State.RETURNED:
        messages.error(request, "这件事项现在不用补正。请看最新状态。")
        return redirect("procedure", number=number)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _send(request, form, kindergarten, procedure) is not None:
            messages.success(request, "已补正再报。")
            return redirect("procedure", number=number)
    return _form_page(request, form, kindergarten, procedure, status)


def _send(
    request: SignedInRequest,
    form: AskForm,
    kindergarten: Kindergarten,
    procedure: Procedure | None,
) -> Procedure | None:
    """Hand the form in; None where it was refused, and then the form says why."""
    now = timezone.now()
    files = form.take_files()
    if form.errors:
        record_access(
            Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=kindergarten
        )
        return None
    asked = form.asked(files)
    try:
        if procedure is not None:
            return services.ask_again(
                procedure_id=procedure.pk, asked=asked, by=request.user, now=now
            )
        return services.ask(
            kind_code=form.kind.code,
            kindergarten=kindergarten,
            asked=asked,
            by=request.user,
            now=now,
        )
    except ProcedureRefused as refusal:
        form.add_error(None, str(refusal))
    except FileRefused as refusal:
        form.add_error(None, refusal.reason)
    return None


def _form_page(
    request: SignedInRequest,
    form: AskForm,
    kindergarten: Kindergarten,
    procedure: Procedure | None,
    status: int,
) -> HttpResponse:
    counted = selectors.children_last_counted(kindergarten) if form.kind.places_children else None
    context = {
        "form": form,
        "kind": form.kind,
        "kindergarten": kindergarten,
        "procedure": procedure,
        "children": counted,
        "coming": selectors.children_coming(kindergarten) if form.kind.places_children else 0,
        "report": presenters.period_words(form.kind.report),
    }
    return render(request, "kindergartens/procedures/ask.html", context, status=status)
