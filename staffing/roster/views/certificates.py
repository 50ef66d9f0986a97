"""A person's certificates: a new one, one by mistake."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from staffing.models import Certificate
from staffing.papers.renewing import initial_certificate
from staffing.roster import services
from staffing.roster.forms import CertificateForm, WithdrawForm
from staffing.roster.services import RosterRefused
from staffing.roster.views.finding import form_page, person_crumb, person_of, refuse


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def certificate_new(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = person_of(request, person_id)
    # From the list of what is due: the same certificate, issued again.
    asked = request.GET
    initial = initial_certificate(person, asked.get("kind", ""), asked.get("stage", ""))
    form = CertificateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            paper = services.add_certificate(
                person_id=person.pk, facts=form.paper(), by=request.user, now=now,
                today=timezone.localdate(now),
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            why = services.why_not_certified(
                person, form.paper(), request.user, timezone.localdate(now)
            )
            if why:
                messages.warning(request, f"{paper}已登记，但不算持证：{why}。")
            else:
                messages.success(request, f"{paper}已登记。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(request, form, title="登记证书", crumbs=person_crumb(person), sub=person.name)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def certificate_withdraw(request: SignedInRequest, certificate_id: int) -> HttpResponse:
    papers = Certificate.objects.visible_to(request.user)
    paper = get_object_or_404(papers.select_related("person"), pk=certificate_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            services.withdraw_certificate(
                certificate_id=paper.pk, reason=form.cleaned_data["reason"], by=request.user,
                now=now, today=timezone.localdate(now),
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{paper}已撤销，不再算作持证。")
            return redirect("staff-member", person_id=paper.person_id)
    return form_page(
        request, form, title="撤销证书", crumbs=person_crumb(paper.person),
        sub=f"{paper}，编号{paper.number}。用于登记错的和被撤销的证书。", submit="撤销",
    )  # fmt: skip
