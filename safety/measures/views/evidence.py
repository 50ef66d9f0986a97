"""Evidence of one measure in one kindergarten: handed in, decided, withdrawn, ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from accounts.files.pages import attachment_response
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from safety.attached import keep_files, record_refusal
from safety.measures import services
from safety.measures.forms import DecisionForm, EvidenceEndForm, EvidenceForm, WithdrawForm
from safety.measures.selectors import MeasureLists, all_evidence
from safety.measures.services.evidence import check_may_decide, check_may_withdraw
from safety.models import MeasureDocument, MeasureEvidence

PAGE = "kindergarten-safety-measures"
TITLE = "安全防范"


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region", "host"), code=code)


def _evidence(request: SignedInRequest, evidence_id: int) -> MeasureEvidence:
    rows = MeasureEvidence.objects.visible_to(request.user).select_related(
        "kindergarten", "measure", "entered_as__user", "entered_as__organisation"
    )
    return get_object_or_404(rows, pk=evidence_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def evidence_new(request: SignedInRequest, code: str, measure: str) -> HttpResponse:
    kindergarten, now = _kindergarten(request, code), timezone.now()
    today = timezone.localdate(now)
    listed = MeasureLists(today).in_region(kindergarten.organisation.region)
    row = next((one for one in listed if one.code == measure), None)
    if row is None:
        messages.error(request, "这一项现在不在本地的清单上。")
        return redirect(PAGE, code=code)
    sent = request.method == "POST"
    form = EvidenceForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial={"valid_from": today},
    )
    if sent and form.is_valid():
        try:
            with transaction.atomic():
                files = keep_files(
                    request, form.cleaned_data["attachments"], target=kindergarten, now=now
                )  # fmt: skip
                services.record_evidence(
                    kindergarten=kindergarten, measure=row, facts=form.facts(), files=files,
                    by=request.user, now=now, today=today,
                )  # fmt: skip
        except FileRefused as refusal:
            record_refusal(request, refusal, target=kindergarten, now=now)
            form.add_error("attachments", refusal.reason)
        except NotAllowedNow as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row.label}的佐证已登记，由教育局另一个人核对后算数。")
            return redirect(PAGE, code=code)
    sub = f"{kindergarten.name}。达标是：{row.meaning}。"
    return _form(request, form, f"登记{row.label}的佐证", kindergarten, sub, submit="登记")


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def evidence_decide(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    evidence, now = _evidence(request, evidence_id), timezone.now()
    kindergarten = evidence.kindergarten
    try:
        check_may_decide(evidence, request.user)
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
        return redirect(PAGE, code=kindergarten.code)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        confirm = form.cleaned_data["decision"] == "confirm"
        try:
            services.decide_evidence(
                evidence_id=evidence.pk, confirm=confirm, note=form.cleaned_data["note"],
                by=request.user, now=now, today=timezone.localdate(now),
            )  # fmt: skip
        except NotAllowedNow as refusal:
            _refuse(form, refusal)
        else:
            label = evidence.measure.label
            messages.success(request, f"{label}的佐证{'已核对' if confirm else '已退回'}。")
            return redirect(PAGE, code=kindergarten.code)
    more = {"evidence": evidence, "documents": list(evidence.documents.select_related("file"))}
    return _form(
        request, form, f"核对{evidence.measure.label}的佐证", kindergarten, kindergarten.name,
        template="safety/measures/decide.html", more=more, submit="保存核对结果",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def evidence_withdraw(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    evidence, now = _evidence(request, evidence_id), timezone.now()
    try:
        check_may_withdraw(evidence, request.user)
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
        return redirect(PAGE, code=evidence.kindergarten.code)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_evidence(
                evidence_id=evidence.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
            )
        except NotAllowedNow as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{evidence.measure.label}的佐证已撤回，可以重新登记。")
            return redirect(PAGE, code=evidence.kindergarten.code)
    title = f"撤回{evidence.measure.label}的佐证"
    return _form(request, form, title, evidence.kindergarten, _told(evidence), submit="撤回")


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def evidence_end(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    evidence, today = _evidence(request, evidence_id), timezone.localdate()
    form = EvidenceEndForm(
        request.POST if request.method == "POST" else None, initial={"on": today}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            services.end_evidence(
                evidence_id=evidence.pk, by=request.user, today=today, **form.cleaned_data
            )
        except NotAllowedNow as refusal:
            _refuse(form, refusal)
        else:
            on = zhdate(form.cleaned_data["on"])
            messages.success(request, f"{evidence.measure.label}的佐证自{on}起失效。")
            return redirect(PAGE, code=evidence.kindergarten.code)
    title = f"截止{evidence.measure.label}的佐证"
    return _form(request, form, title, evidence.kindergarten, _told(evidence), submit="截止")


@require_GET
@requires(Permission.READ_HISTORY)
def evidence_history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    rows = all_evidence(request.user, kindergarten).order_by().values("pk")
    subject = Subject(MeasureEvidence, rows, "佐证", told_by=("measure", "place"))
    back = (reverse(PAGE, args=[code]), TITLE)
    return history_response(request, [subject], title=f"{kindergarten.name}{TITLE}", back=back)


@require_GET
@requires(Permission.READ_SAFETY)
def evidence_document(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    documents = MeasureDocument.objects.visible_to(request.user).select_related("file")
    return attachment_response(request, get_object_or_404(documents, pk=document_id))


def _told(evidence: MeasureEvidence) -> str:
    return (
        f"{evidence.kindergarten.name}，{evidence.place}：{evidence.found}。"
        f"有效期{zhdate(evidence.valid_from)}至{zhdate(evidence.valid_until)}。"
    )


def _refuse(form: forms.Form, refusal: NotAllowedNow) -> None:
    form.add_error(getattr(refusal, "field", "") or None, str(refusal))


def _form(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    kindergarten: Kindergarten,
    sub: str,
    *,
    template: str = "kindergartens/form.html",
    more: dict[str, Any] | None = None,
    submit: str,
) -> HttpResponse:
    back = reverse(PAGE, args=[kindergarten.code])
    crumbs = [{"label": f"{kindergarten.name}{TITLE}", "url": back}, {"label": title}]
    context = {
        "form": form, "title": title, "crumbs": crumbs, "back": back, "sub": sub, "submit": submit,
    } | (more or {})  # fmt: skip
    return render(request, template, context, status=422 if form.errors else 200)
