"""Lists of procedures, one procedure, and what is done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from accounts.files.pages import attachment_response
from accounts.history.recording import Action, Outcome, record_access
from accounts.sign_in.fresh import fresh_authentication
from kindergartens.changes.policies import ChangeRefused
from kindergartens.groups.filtering import group_filter
from kindergartens.models import Kindergarten, Procedure, ProcedureDocument
from kindergartens.procedures import owed as owing
from kindergartens.procedures import policies, presenters, selectors, services
from kindergartens.procedures.forms import AskForm, acting_form
from kindergartens.procedures.kinds import all_kinds, kind_in
from kindergartens.procedures.policies import ProcedureRefused

ROWS_PER_PAGE = 50
# Of each list of what is owed, before somebody opens it whole.
ROWS_AT_FIRST = 10
LISTS = ("waiting", "overdue", "mine", "all")


@require_GET
@requires(Permission.READ_PROCEDURES)
def procedures(request: SignedInRequest) -> HttpResponse:
    """Mine to do, overdue, asked by me, all; with a filter by kind."""
    user = request.user
    today = timezone.localdate()
    groups = group_filter(request.GET, user, today)
    in_group = groups.of_kindergartens("kindergarten")
    visible = Procedure.objects.visible_to(user).filter(in_group)
    chosen = request.GET.get("list", "")
    acts = any(user.can(p) for p in (*policies.ASKERS, Permission.DECIDE_PROCEDURES))
    if chosen not in LISTS:
        chosen = "waiting" if acts else "all"
    rows = {
        "waiting": selectors.waiting_for(user).filter(in_group),
        "overdue": visible.overdue(today).order_by("due_on", "pk"),
        "mine": visible.filter(asked_as__user=user),
        "all": visible,
    }
    labels = {"waiting": "待我办", "overdue": "逾期", "mine": "我提出的", "all": "全部"}
    shown = LISTS if acts else ("overdue", "all")
    kind = request.GET.get("kind", "")
    found = rows[chosen]
    if kind in all_kinds():
        found = found.filter(kind=kind)
    page = Paginator(selectors.detailed(found), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": presenters.list_rows(page, today),
        "tabs": [
            {
                "label": labels[name],
                "url": f"?list={name}&{groups.address}" if groups.chosen else f"?list={name}",
                "count": rows[name].count(),
                "active": name == chosen,
            }
            for name in shown
        ],
        "kinds": all_kinds().values(),
        "kind": kind,
        "groups": groups,
        "list": chosen,
        "may_ask": user.can(Permission.ASK_PROCEDURES),
        "own": _own(request),
        "sees_owed": user.acting is not None and not user.acting.is_of_kindergarten,
    }
    return render(request, "kindergartens/procedures/list.html", context)


def _own(request: SignedInRequest) -> Kindergarten | None:
    acting = request.user.acting
    if acting is None or not acting.is_of_kindergarten:
        return None
    return Kindergarten.objects.visible_to(request.user).first()


@require_GET
@requires(Permission.READ_PROCEDURES)
def owed(request: SignedInRequest) -> HttpResponse:
    """What the law wants of kindergartens in one's area and nobody has handed in.

    The beginning of every list, or one of them whole (`?list=`).
    """
    today = timezone.localdate()
    chosen = request.GET.get("list", "")
    asked = {chosen: owing.LISTS[chosen]} if chosen in owing.LISTS else owing.LISTS
    found = [
        (code, listed, listed.rows(request.user, today=today)) for code, listed in asked.items()
    ]
    context = {
        "today": today,
        "whole": len(asked) == 1,
        "lists": [
            {
                "code": code,
                "title": listed.title,
                "note": listed.note,
                "all": len(rows),
                "overdue": sum(one.is_overdue for one in rows),
                "provisional": any(one.provisional for one in rows),
                "page_obj": Paginator(
                    rows, ROWS_PER_PAGE if len(asked) == 1 else ROWS_AT_FIRST
                ).get_page(request.GET.get("page") if len(asked) == 1 else 1),
            }
            for code, listed, rows in found
        ],
    }
    return render(request, "kindergartens/procedures/owed.html", context)


@require_GET
@requires(Permission.READ_PROCEDURES)
def choose(request: SignedInRequest, code: str) -> HttpResponse:
    """The kinds a kindergarten may ask for, each with its documents and periods."""
    kindergarten = _asked_for(request, code)
    today = timezone.localdate()
    status = kindergarten.statuses.on(today).first()
    region = kindergarten.organisation.region
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


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_PROCEDURES)
def complete(request: SignedInRequest, number: str) -> HttpResponse:
    """Complete a returned procedure and hand it in again."""
    procedure = _found(request, number)
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


def _found(request: SignedInRequest, number: str) -> Procedure:
    return get_object_or_404(
        selectors.detailed(Procedure.objects.visible_to(request.user)), number=number
    )


@require_GET
@requires(Permission.READ_PROCEDURES)
def procedure(request: SignedInRequest, number: str) -> HttpResponse:
    return procedure_page(request, _found(request, number))


def procedure_page(
    request: SignedInRequest, found: Procedure, *, error: str = "", form: Any = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """One procedure, with what this person may do with it now."""
    kind = services.kind_of(found)
    context = {
        "procedure": found,
        "kind": kind,
        "filled_in": presenters.filled_in(found, kind),
        "documents": presenters.documents(found, kind),
        "placements": presenters.placements(found),
        "children": (
            selectors.children_last_counted(found.kindergarten) if kind.places_children else None
        ),
        "coming": (
            selectors.children_coming(found.kindergarten)
            if kind.places_children and found.is_open
            else 0
        ),
        "events": presenters.timeline(found),
        "deadline": presenters.deadline(found, timezone.localdate()),
        "tag": presenters.TAGS[found.state],
        "form": form or acting_form(found, kind),
        "conclusion": presenters.conclusion_tag(found, kind),
        "error": error,
        "may": policies.choices(found, kind, request.user),
    }
    return render(request, "kindergartens/procedures/detail.html", context, status=status)


ACTS = {
    "check": (services.check, "已核对通过。"),
    "return": (services.send_back, "已退回，提出的人会看到要补正的内容。"),
    "refuse": (services.refuse, "已不予同意，理由已记下。"),
    "withdraw": (services.withdraw, "已撤回。"),
}


@require_POST
@requires(Permission.READ_PROCEDURES)
@fresh_authentication
def act(request: SignedInRequest, number: str) -> HttpResponse:
    """Check, return, refuse, withdraw, or approve what changes no status."""
    found = _found(request, number)
    kind = services.kind_of(found)
    form = acting_form(found, kind, request.POST)
    name = request.POST.get("act", "")
    if not form.is_valid():
        return procedure_page(request, found, form=form, status=422)
    now = timezone.now()
    reason = form.cleaned_data["reason"]
    try:
        if name == "approve" and not kind.has_effect:
            services.approve(
                procedure_id=found.pk,
                reason=reason,
                decision_number=form.cleaned_data.get("decision_number", ""),
                by=request.user,
                now=now,
            )
            messages.success(request, "已同意，事项办结。")
        elif name == "check" and kind.conclusions:
            services.check(
                procedure_id=found.pk,
                reason=reason,
                by=request.user,
                now=now,
                conclusion=form.cleaned_data.get("conclusion", ""),
                to_mend=form.cleaned_data.get("to_mend", ""),
            )
            messages.success(request, "年检结论已记下，事项办结。")
        elif name in ACTS:
            do, said = ACTS[name]
            do(procedure_id=found.pk, reason=reason, by=request.user, now=now)
            messages.success(request, said)
        else:
            raise ProcedureRefused("请先看过对三率的影响，再决定。")
    except (ProcedureRefused, ChangeRefused) as refusal:
        field = getattr(refusal, "field", "")
        if field in form.fields:
            form.add_error(field, str(refusal))
            return procedure_page(request, found, form=form, status=422)
        return procedure_page(
            request, _found(request, number), error=str(refusal), form=form, status=409
        )
    return redirect(reverse("procedure", args=[number]))


@require_GET
@requires(Permission.READ_PROCEDURES)
def document(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    attachment = get_object_or_404(
        ProcedureDocument.objects.visible_to(request.user).select_related("file"), pk=document_id
    )
    return attachment_response(request, attachment)
