"""One's own mobile number, and seeing another person's whole one, with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import people_in_area, place_in_area
from accounts.privacy import services
from accounts.privacy.forms import PhoneForm, RevealForm
from accounts.privacy.presenters import UNREADABLE, shown_phone
from accounts.releases.services import QuotaUsed
from accounts.sign_in.fresh import fresh_authentication
from accounts.way_back import page_back


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("phone")
@sensitive_variables("form")
def own_phone(request: SignedInRequest) -> HttpResponse:
    """Everybody's own number: shown masked, replaced or removed."""
    if request.method == "POST" and request.POST.get("action") == "remove":
        services.set_phone(user=request.user, phone="")
        messages.success(request, "手机号已删去。")
        return redirect("own-phone")
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_phone(user=request.user, phone=form.cleaned_data["phone"])
        messages.success(request, "手机号已保存。")
        return redirect("own-phone")
    status = 422 if request.method == "POST" else 200
    shown = shown_phone(request.user)
    context = {"form": form, "phone": shown, "unreadable": shown == UNREADABLE}
    return render(request, "accounts/privacy/own_phone.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVEAL_PERSONAL_DATA)
@fresh_authentication
@sensitive_variables("phone")
def reveal_phone(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Asks for the reason, then shows the number in that one answer, which no cache keeps."""
    person = get_object_or_404(people_in_area(request.user), pk=user_id)
    form = RevealForm(request.POST or None)
    phone = ""
    masked = shown_phone(person)
    unreadable = masked == UNREADABLE
    if request.method == "POST" and form.is_valid() and not unreadable:
        try:
            phone = services.reveal_phone(
                person=person,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except services.ReasonNeeded as refusal:
            form.add_error("reason", str(refusal))
        except QuotaUsed as refusal:
            form.add_error(None, str(refusal))
    status = 422 if request.method == "POST" and form.errors else 200
    context = {
        "person": person,
        "form": form,
        "phone": phone,
        "masked": masked,
        "unreadable": unreadable,
        "back": page_back(request),
        "place": place_in_area(request.user, person),
    }
    return render(request, "accounts/privacy/reveal.html", context, status=status)
