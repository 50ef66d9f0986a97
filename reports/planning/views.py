"""Changing a kindergarten's status: what is asked, what it would do, and the confirmation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused, intake, store
from accounts.formatting import zhdate
from accounts.history.recording import Action, Outcome, record_access
from accounts.sign_in.fresh import fresh_authentication
from kindergartens.changes.first_day import day_to_come, move_first_day
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.presenters import difference
from kindergartens.changes.selectors import towns_named
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import services as procedures
from kindergartens.procedures.capacity import without_room
from kindergartens.procedures.policies import ProcedureRefused, check_effective
from kindergartens.procedures.selectors import changes_status, detailed
from reports.planning import services
from reports.planning.forms import (
    DecideForm,
    FirstDayForm,
    StatusChangeForm,
    first_of_next_month,
    kept_token,
)
from reports.planning.presenters import effect_rows, placed_elsewhere, summary
from reports.planning.services import Preview, Proposal, Stale


def _changing(request: SignedInRequest, code: str) -> Kindergarten:
    return get_object_or_404(
        Kindergarten.objects.visible_to(request.user).select_related("organisation__region"),
        code=code,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def status_change(request: SignedInRequest, code: str) -> HttpResponse:
    """The form; sent, it answers with what would change and the button that confirms it."""
    kindergarten = _changing(request, code)
    now = timezone.now()
    first = first_of_next_month(timezone.localdate(now))
    if request.method != "POST":
        return _form(request, kindergarten, StatusChangeForm(
            kindergarten=kindergarten, initial={"valid_from": first}
        ), now)  # fmt: skip
    form = StatusChangeForm(request.POST, request.FILES, kindergarten=kindergarten)
    if not form.is_valid():
        return _form(request, kindergarten, form, now, status=422)
    try:
        document = _kept_document(request, form, kindergarten, now)
    except FileRefused as refusal:
        form.add_error("document", refusal.reason)
        return _form(request, kindergarten, form, now, status=422)
    proposal = Proposal(
        kindergarten=kindergarten.pk,
        valid_from=form.cleaned_data["valid_from"],
        values=form.values(),
        reason=form.cleaned_data["reason"],
        document=document[0] if document else None,
        document_name=document[1] if document else "",
        document_number=form.cleaned_data["document_number"],
    )
    try:
        shown = services.preview(proposal=proposal, by=request.user, now=now)
    except ChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, kindergarten, form, now, kept=document, status=409)
    return preview_page(request, shown)


@require_POST
@requires(Permission.MANAGE_REGISTRY)
@fresh_authentication
def status_first_day(request: SignedInRequest, code: str) -> HttpResponse:
    """Another first day for a kindergarten that has not begun.

    Nothing of it is counted yet. A day in the past or in a month that is open lets it owe the
    returns of the open months from then on, so that their expected number and coverage move.
    """
    kindergarten = _changing(request, code)
    now = timezone.now()
    blank = StatusChangeForm(
        kindergarten=kindergarten,
        initial={"valid_from": first_of_next_month(timezone.localdate(now))},
    )
    form, status = FirstDayForm(request.POST), 422
    if form.is_valid():
        try:
            move_first_day(
                kindergarten=kindergarten,
                first_day=form.cleaned_data["first_day"],
                seen=form.cleaned_data["first_day_seen"],
                reason=form.cleaned_data["first_day_reason"],
                by=request.user,
                now=now,
            )
        except ChangeRefused as refusal:
            form.add_error("first_day", str(refusal))
            status = 409
        else:
            day = zhdate(form.cleaned_data["first_day"])
            messages.success(request, f"已更改，{kindergarten.name}从{day}起在册。")
            return redirect("kindergarten-detail", code=kindergarten.code)
    return _form(request, kindergarten, blank, now, first_day=form, status=status)


def _kept_document(
    request: SignedInRequest, form: StatusChangeForm, kindergarten: Kindergarten, now: dt.datetime
) -> tuple[int, str] | None:
    """The uploaded paper, kept; or the one kept with an earlier try. A refusal is on record."""
    upload = form.cleaned_data.get("document")
    if not upload:
        return form.kept_file()
    try:
        if upload.size is not None and upload.size > intake.largest():
            raise intake.too_large(upload.size)
        accepted = intake.accept(upload.name or "", upload.read())
        with transaction.atomic():
            stored = store.keep(accepted, post=request.user.acting, now=now)  # type: ignore[arg-type]
            record_access(Action.UPLOAD, by=request.user, at=now, target=kindergarten)
    except FileRefused as refusal:
        record_access(
            Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=kindergarten,
            reason=refusal.code,
        )  # fmt: skip
        raise
    return stored.pk, accepted.name


def _form(
    request: SignedInRequest,
    kindergarten: Kindergarten,
    form: StatusChangeForm,
    now: dt.datetime,
    *,
    kept: tuple[int, str] | None = None,
    first_day: FirstDayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    day = timezone.localdate(now)
    to_come = day_to_come(kindergarten, today=day)
    if first_day is None and to_come is not None:
        first_day = FirstDayForm(initial={"first_day": to_come, "first_day_seen": to_come})
    kept = kept or (form.kept_file() if form.is_bound else None)
    context = {
        "kindergarten": kindergarten,
        "form": form,
        "current": kindergarten.statuses.on(day).select_related("town").first(),
        "day": day,
        "to_come": to_come,
        "first_day": first_day,
        "counting": [form[name] for name in StatusChangeForm.COUNTING],
        "kept_token": kept_token(*kept) if kept else "",
        "kept_name": kept[1] if kept else "",
    }
    return render(request, "reports/planning/status_change.html", context, status=status)


def preview_page(
    request: SignedInRequest, shown: Preview, *, error: str = "", status: int = 200,
    procedure: Procedure | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    towns = towns_named(shown.before, shown.after)
    effect = shown.effect
    context = {
        "shown": shown,
        "kindergarten": shown.kindergarten,
        "differences": difference(shown.before, shown.after, shown.changed, towns),
        "effect": effect,
        "rows": effect_rows(effect) if effect else [],
        "summary": summary(effect) if effect else "",
        "placed": placed_elsewhere(procedure) if procedure and effect and effect.counted else "",
        "procedure": procedure,
        "error": error,
        **more,
    }
    return render(request, "reports/planning/preview.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_REGISTRY)
@fresh_authentication
def status_change_confirm(request: SignedInRequest) -> HttpResponse:
    """Make the change that the preview showed; what no longer holds is shown anew."""
    now = timezone.now()
    token = request.POST.get("token", "")
    try:
        proposal, _ = services.read(token, by=request.user)
    except Stale as stale:
        messages.error(request, str(stale))
        return redirect("kindergarten-list")
    kindergarten = get_object_or_404(
        Kindergarten.objects.visible_to(request.user), pk=proposal.kindergarten
    )
    try:
        status = services.confirm(token=token, by=request.user, now=now)
    except Stale as stale:
        try:
            shown = services.preview(proposal=proposal, by=request.user, now=now)
        except ChangeRefused as refusal:
            messages.error(request, f"没有变更：{refusal}")
            return redirect("kindergarten-detail", code=kindergarten.code)
        return preview_page(request, shown, error=str(stale), status=409)
    except ChangeRefused as refusal:
        messages.error(request, f"没有变更：{refusal}")
        return redirect("kindergarten-detail", code=kindergarten.code)
    messages.success(request, f"已登记，{zhdate(status.valid_from)}起生效。")
    return redirect("kindergarten-detail", code=kindergarten.code)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_PROCEDURES)
def procedure_decide(request: SignedInRequest, number: str) -> HttpResponse:
    """The document number and the day; sent, it answers with the effect and the decision button.

    `seen` comes from the page of the procedure and goes on to the decision.
    """
    found = get_object_or_404(detailed(Procedure.objects.visible_to(request.user)), number=number)
    kind = procedures.kind_of(found)
    if not kind.has_effect or (found.is_open and not changes_status(found, found.effective_on)):
        raise Http404  # decided on its own page: there is no effect to show
    now = timezone.now()
    form = DecideForm(request.POST or None, initial={"effective_on": found.effective_on})
    seen = (request.POST if request.method == "POST" else request.GET).get("seen", "")
    error, status = "", 200
    try:
        procedures.check_may_decide(found, request.user)
        procedures.check_seen(found, seen)
        if request.method == "POST" and form.is_valid():
            check_effective(kind, form.cleaned_data["effective_on"], today=timezone.localdate(now))
            proposal = services.proposal_of(
                found,
                decision_number=form.cleaned_data["decision_number"],
                effective_on=form.cleaned_data["effective_on"],
                seen=seen,
            )
            shown = services.preview(proposal=proposal, by=request.user, now=now)
            return preview_page(
                request, shown, procedure=found, kind=kind, without_room=without_room(found)
            )
    except procedures.ActedSince as since:
        messages.error(request, str(since))
        return redirect("procedure", number=found.number)
    except (ProcedureRefused, ChangeRefused) as refusal:
        error, status = str(refusal), 409
    if form.errors:
        status = 422
    context = {"procedure": found, "kind": kind, "form": form, "error": error, "seen": seen}
    return render(request, "reports/planning/decide.html", context, status=status)


@require_POST
@requires(Permission.DECIDE_PROCEDURES)
@fresh_authentication
def procedure_decide_confirm(request: SignedInRequest) -> HttpResponse:
    """Decide as it was shown; what no longer holds is shown anew."""
    now = timezone.now()
    token = request.POST.get("token", "")
    try:
        proposal, _ = services.read(token, by=request.user)
    except Stale as stale:
        messages.error(request, str(stale))
        return redirect("procedures")
    found = get_object_or_404(
        detailed(Procedure.objects.visible_to(request.user)), pk=proposal.procedure
    )
    try:
        services.confirm_decision(
            token=token, reason=request.POST.get("reason", ""), by=request.user, now=now
        )
    except procedures.ActedSince as since:
        messages.error(request, str(since))
        return redirect("procedure", number=found.number)
    except Stale as stale:
        try:
            fresh = services.proposal_of(
                found,
                decision_number=proposal.document_number,
                effective_on=proposal.valid_from,
                seen=proposal.procedure_stamp,
            )
            shown = services.preview(proposal=fresh, by=request.user, now=now)
        except (ProcedureRefused, ChangeRefused) as refusal:
            messages.error(request, f"没有决定：{refusal}")
            return redirect("procedure", number=found.number)
        return preview_page(
            request, shown, error=str(stale), status=409, procedure=found,
            kind=procedures.kind_of(found), without_room=without_room(found),
        )  # fmt: skip
    except (ProcedureRefused, ChangeRefused) as refusal:
        messages.error(request, f"没有决定：{refusal}")
        return redirect("procedure", number=found.number)
    messages.success(request, f"已同意，{zhdate(proposal.valid_from)}起生效。")
    return redirect("procedure", number=found.number)
