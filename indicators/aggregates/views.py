"""历史数据: the list of published rows, one of them with its checks, and putting one right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from indicators.aggregates import presenters, selectors, services
from indicators.aggregates.forms import CorrectionForm, WithdrawalForm
from indicators.aggregates.importable import AGGREGATES_TABLE
from indicators.aggregates.resources import history_table
from indicators.models import AggregateReturn
from indicators.models.aggregate import AggregateQuerySet

ROWS_PER_PAGE = 50
TITLE = "历史数据"


def _listed(request: SignedInRequest) -> AggregateQuerySet:
    """What the address asks for: ?region=654300&year=2020&state=withdrawn."""
    year = request.GET.get("year", "")
    if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise Http404
    return selectors.listed(
        request.user,
        region=request.GET.get("region", ""),
        year=int(year) if year else None,
        withdrawn=request.GET.get("state") == "withdrawn",
    )


@require_GET
@requires(Permission.READ_FIGURES)
def aggregates(request: SignedInRequest) -> HttpResponse:
    home = home_of(request)
    page = Paginator(_listed(request), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    kept = {name: request.GET.get(name, "") for name in ("region", "year")}
    withdrawn = request.GET.get("state") == "withdrawn"
    imports = services.keeps_aggregates(request.user) and request.user.can(Permission.IMPORT_TABLES)
    context = {
        "region": home,
        "page_obj": page,
        "rows": page.object_list,
        "places": selectors.places(request.user),
        "years": selectors.years(request.user),
        "asked": kept,
        "withdrawn": withdrawn,
        "tabs": [
            {"label": label, "url": f"?{urlencode({**kept, 'state': state})}", "active": active}
            for label, state, active in (("在用", "", not withdrawn), ("已撤销", "withdrawn", withdrawn))
        ],
        "import_url": reverse("import-upload", args=[AGGREGATES_TABLE.code]) if imports else "",
        "export_url": f"{reverse('aggregates-export', args=['xlsx'])}?{request.GET.urlencode()}"
        if request.user.can(Permission.EXPORT_FIGURES)
        else "",
    }  # fmt: skip
    return render(request, "indicators/aggregates/list.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def aggregates_export(request: SignedInRequest, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    home, now = home_of(request), timezone.now()
    table = history_table(_listed(request), home.name, timezone.localdate(now))
    return download(table, ending, by=request.user, at=now, target=home)


def _row(request: SignedInRequest, pk: int) -> AggregateReturn:
    rows = AggregateReturn.objects.visible_to(request.user).select_related("region")
    return get_object_or_404(rows, pk=pk)


@require_GET
@requires(Permission.READ_FIGURES)
def aggregate(request: SignedInRequest, pk: int) -> HttpResponse:
    """One row: its numbers, what follows from them, and how that stands to what was published."""
    row = _row(request, pk)
    table = selectors.table_of(row)
    context = {
        "row": row,
        "counts": presenters.counts_shown(row),
        "sponsors": presenters.sponsors_shown(table),
        "answers": [presenters.answer_shown(code, one) for code, one in selectors.answers_of(table)],
        "breaks": table.breaks(),
        "may_keep": row.withdrawn_at is None and _keeps(request, row),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "crumbs": _crumbs(row),
    }  # fmt: skip
    return render(request, "indicators/aggregates/row.html", context)


def _crumbs(row: AggregateReturn, *further: str) -> list[dict[str, str]]:
    crumbs = [{"label": TITLE, "url": reverse("aggregates")}]
    if further:
        crumbs.append({"label": _named(row), "url": reverse("aggregate", args=[row.pk])})
    return [*crumbs, *({"label": label} for label in further or (_named(row),))]


def _named(row: AggregateReturn) -> str:
    return f"{row.region_name}{row.reference_date.year}年"


def _keeps(request: SignedInRequest, row: AggregateReturn) -> bool:
    try:
        services.check_may_keep(request.user, row.region)
    except PermissionDenied:
        return False
    return True


def _own(request: SignedInRequest, pk: int) -> AggregateReturn:
    """One that the person keeps and nobody withdrew; 404 else."""
    row = _row(request, pk)
    if row.withdrawn_at is not None or not _keeps(request, row):
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def aggregate_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = CorrectionForm(request.POST if request.method == "POST" else None, row)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_aggregate(
                pk=pk, entry=form.entry(), reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"], by=request.user, now=timezone.now(),
            )  # fmt: skip
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{_named(row)}的历史数据已更正。")
            return redirect("aggregate", pk)
    context = {"row": row, "form": form, "crumbs": _crumbs(row, "更正")}
    status = 422 if form.errors else 200
    return render(request, "indicators/aggregates/correct.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def aggregate_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_aggregate(
                pk=pk, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{_named(row)}“{row.source}”已撤销，不再用来回答。")
            return redirect("aggregates")
    context: dict[str, Any] = {
        "form": form,
        "title": f"撤销{_named(row)}历史数据",
        "crumbs": _crumbs(row, "撤销"),
        "back": reverse("aggregate", args=[pk]),
        "sub": f"来源：{row.label}。撤销后留在“已撤销”里，不再用来回答；要改数的请用“更正”。",
        "submit": "撤销",
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.READ_HISTORY)
def aggregate_history(request: SignedInRequest, pk: int) -> HttpResponse:
    if not request.user.can(Permission.READ_FIGURES):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    row = _row(request, pk)
    rows = AggregateReturn.objects.visible_to(request.user).filter(pk=row.pk)
    subject = Subject(AggregateReturn, rows.order_by().values("pk"), TITLE)
    back = (reverse("aggregate", args=[pk]), _named(row))
    return history_response(request, [subject], title=f"{_named(row)}历史数据改动", back=back)
