"""Report a hazard: a page for the phone, and the answer to what its script sends later.

Without script it is a form like any other. With it the entry is kept on the device first and sent
when there is a network (ADR 45); asked for JSON, the answer says which hazard it is, or what is
wrong at which field.
"""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from kindergartens.models import Kindergarten
from safety.hazards import rules
from safety.hazards.forms import FileNotTaken, ReportForm
from safety.hazards.services import HazardRefused, report_hazard
from safety.hazards.views.uploads import add_carried, carry_on, record_refused
from safety.models import Hazard


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def report_new(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    earlier = _earlier(request, request.POST.get("earlier") or request.GET.get("earlier", ""))
    form = ReportForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        by=request.user,
        today=today,
        initial=_initial(request, earlier),
    )
    hazard = None
    if request.method == "POST":
        add_carried(request, form)
        hazard = _reported(request, form, earlier)
        record_refused(request, form, _place(form))
    if request.accepts("application/json") and not request.accepts("text/html"):
        return _answer(form, hazard)
    if hazard is not None:
        messages.success(request, f"已登记，编号{hazard.number}。")
        return redirect("hazard", number=hazard.number)
    if request.method == "POST":
        carry_on(request, form, _place(form))
    context = {
        "form": form,
        "earlier": earlier,
        "asks": {**rules.ASKS, "photo_of_what": rules.PHOTO_OF_WHAT},
        "follows": form.follows(),
    }
    status = 422 if form.errors else 200
    return render(request, "safety/hazards/report.html", context, status=status)


def _reported(request: SignedInRequest, form: ReportForm, earlier: Hazard | None) -> Hazard | None:
    if not form.is_valid():
        return None
    try:
        return report_hazard(
            client_id=form.cleaned_data["client_id"],
            kindergarten=form.own or form.cleaned_data["kindergarten"],
            found=form.found(),
            photos=form.cleaned_data["photos"],
            mended_photos=form.cleaned_data["mended_photos"],
            earlier=earlier,
            by=request.user,
            now=timezone.now(),
        )
    except HazardRefused as refusal:
        field = "mending" if refusal.field == "fixed_on_spot" else refusal.field
        form.add_error(field if field in form.fields else None, str(refusal))
    except FileRefused as refusal:
        form.add_error("photos", FileNotTaken(refusal.reason, refusal.code))
    return None


def _place(form: ReportForm) -> Kindergarten | None:
    return form.own or form.cleaned_data.get("kindergarten")


def _answer(form: ReportForm, hazard: Hazard | None) -> JsonResponse:
    if hazard is not None:
        url = reverse("hazard", args=[hazard.number])
        return JsonResponse({"number": hazard.number, "url": url})
    errors = {
        form.fields[name].label if name in form.fields else "": [str(one) for one in said]
        for name, said in form.errors.items()
    }
    return JsonResponse({"errors": errors}, status=422)


def _earlier(request: SignedInRequest, number: str) -> Hazard | None:
    """The closed hazard this one is a relapse of."""
    if not number:
        return None
    return get_object_or_404(Hazard.objects.visible_to(request.user), number=number)


def _initial(request: SignedInRequest, earlier: Hazard | None) -> dict[str, object]:
    if earlier is None:
        return {"client_id": uuid4()}
    kindergarten = earlier.kindergarten
    return {
        "client_id": uuid4(),
        "earlier": earlier.number,
        "kindergarten": f"{kindergarten.name}（{kindergarten.code}）",
        "place": earlier.place,
        "field": earlier.field,
        "description": earlier.description,
    }
