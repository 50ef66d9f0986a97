"""演练、培训、校方责任险、食堂: of one kindergarten, and who lacks what in an area."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.models import Kindergarten
from safety.upkeep import presenters, selectors, services
from safety.upkeep.forms import DrillForm, KitchenForm, PolicyForm, TrainingForm, WithdrawForm
from safety.upkeep.kinds import KINDS, Kind
from safety.upkeep.resources import upkeep_table
from safety.upkeep.rules import LACKS, Lack
from safety.upkeep.selectors import Place
from safety.upkeep.services import UpkeepRefused

TITLE = "演练和保险"
ROWS_PER_PAGE = 50
FORMS: dict[str, Any] = {
    "drill": DrillForm,
    "training": TrainingForm,
    "policy": PolicyForm,
    "kitchen": KitchenForm,
}


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region"), code=code)


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


# ---- an area ------------------------------------------------------------------------------------


def _shows(tab: str, place: Place) -> bool:
    return not tab or (tab == "failing" and place.is_failing) or tab in place.lacks


def _asked(request: SignedInRequest) -> tuple[Region, str, list[Place]]:
    home = home_of(request)
    tab = request.GET.get("show", "")
    if tab not in {"", "failing", *Lack}:
        raise Http404
    return home, tab, selectors.places(request.user, home, timezone.localdate())


@require_GET
@requires(Permission.READ_SAFETY)
def overview(request: SignedInRequest) -> HttpResponse:
    """Who lacks what; whoever works in a kindergarten is led to its own page."""
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("kindergarten-upkeep", code=own.code)
    region, tab, found = _asked(request)
    shown = [one for one in found if _shows(tab, one)]
    page = Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    counts = {code: sum(_shows(code, one) for one in found) for code in ("", "failing", *LACKS)}
    words: dict[str, str] = {"": "全部", "failing": "有缺的"} | {
        str(code): label for code, label in LACKS.items()
    }
    context: dict[str, Any] = {
        "region": region,
        "today": timezone.localdate(),
        "places": len(found),
        "failing": counts["failing"],
        "tabs": [
            {"label": label, "url": f"?show={code}", "count": counts[code], "active": code == tab}
            for code, label in words.items()
            if counts[code] or code in ("", tab)
        ],
        "tab": tab,
        "shown": len(shown),
        "page_obj": page,
        "rows": [presenters.place_line(one) for one in page],
        "shows_county": region.level < Region.Level.COUNTY,
        "can_export": bool(shown) and request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "safety/upkeep/overview.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def export(request: SignedInRequest, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    region, tab, found = _asked(request)
    shown = [one for one in found if _shows(tab, one)]
    table = upkeep_table(shown, place=region.name, today=timezone.localdate(now))
    return download(table, ending, by=request.user, at=now, target=region)


# ---- one kindergarten ---------------------------------------------------------------------------


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, today = _kindergarten(request, code), timezone.localdate()
    acting = request.user.acting
    context = {
        "kindergarten": kindergarten,
        "line": presenters.place_line(selectors.place_of(kindergarten, today)),
        "blocks": presenters.blocks(selectors.rows_of(request.user, kindergarten)),
        "is_own": acting is not None and acting.is_of_kindergarten,
        "may_keep": request.user.can(Permission.KEEP_SAFETY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/upkeep/kindergarten.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def new(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    kindergarten, found, now = _kindergarten(request, code), _kind(kind), timezone.now()
    form = FORMS[kind](
        request.POST if request.method == "POST" else None, today=timezone.localdate(now)
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record(
                kind=found, kindergarten=kindergarten, values=form.cleaned_data, by=request.user,
                now=now,
            )  # fmt: skip
        except UpkeepRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row}已登记。")
            return redirect("kindergarten-upkeep", code)
    return _form(request, form, f"登记{found.label}", kindergarten, sub=f"{kindergarten.name}。")


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def withdraw(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    found, now = _kind(kind), timezone.now()
    rows = found.model.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("kindergarten"), pk=pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(
                kind=found, pk=pk, reason=form.cleaned_data["reason"], by=request.user, now=now
            )
        except UpkeepRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row}已撤销。")
            return redirect("kindergarten-upkeep", row.kindergarten.code)
    return _form(
        request, form, f"撤销{found.label}", row.kindergarten, submit="撤销",
        sub=f"{row}。只用于登记错的；改动记录里留着。",
    )  # fmt: skip


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    subjects = [
        Subject(
            kind.model,
            kind.model.objects.visible_to(request.user)
            .filter(kindergarten=kindergarten)
            .order_by()
            .values("pk"),
            kind.label,
            told_by=kind.told_by,
        )
        for kind in KINDS.values()
    ]
    back = (reverse("kindergarten-upkeep", args=[code]), TITLE)
    return history_response(request, subjects, title=f"{kindergarten.name}{TITLE}", back=back)


def _refuse(form: forms.Form, refusal: UpkeepRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _form(
    request: SignedInRequest, form: forms.Form, title: str, kindergarten: Kindergarten, **more: str
) -> HttpResponse:
    back = reverse("kindergarten-upkeep", args=[kindergarten.code])
    crumbs = [{"label": TITLE, "url": back}, {"label": title}]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back} | more
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
