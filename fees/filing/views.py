"""Fee schedules that kindergartens file: the list, one of them, its lines and costs, what is done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import User
from fees.filing import presenters, selectors, services
from fees.filing.forms import ActForm, CostForm, LinesForm
from fees.filing.rules import DRAFT, FILED, OPEN, RETURNED, STATES, STEPS
from fees.models import CostSheet, ProposedFee, ScheduleFiling
from fees.services import FeeRefused
from kindergartens.models import Kindergarten

ROWS_PER_PAGE = 50
TITLE = "收费备案"
COSTS_KEPT = tuple(
    field.name for field in CostSheet._meta.concrete_fields if field.name not in ("id", "filing")
)


def _filing(request: SignedInRequest, filing_id: int) -> ScheduleFiling:
    visible = selectors.detailed(ScheduleFiling.objects.visible_to(request.user))
    return get_object_or_404(visible, pk=filing_id)


def _own(user: User) -> Kindergarten | None:
    """The kindergarten of whoever may draft for one."""
    acting = user.acting
    if acting is None or not acting.is_of_kindergarten or not user.can(Permission.ASK_PROCEDURES):
        return None
    return Kindergarten.objects.visible_to(user).first()


def _refuse(form: forms.Form, refusal: FeeRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


@require_GET
@requires(Permission.READ_PROCEDURES)
def filings(request: SignedInRequest) -> HttpResponse:
    """By state; for an officer those to be reviewed first. Drafts are their kindergarten's alone."""
    user = request.user
    own = _own(user)
    states = [state for state in STATES if own is not None or state != DRAFT]
    counts = selectors.by_state(user)
    usual = "" if own is not None else FILED
    chosen = request.GET.get("state", usual)
    if chosen not in states:
        chosen = ""
    rows = ScheduleFiling.objects.visible_to(user).filter(state__in=[chosen] if chosen else states)
    page = Paginator(selectors.detailed(rows), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {
            "label": label,
            "url": f"?state={state}",
            "count": counts.get(state, 0) if state else sum(counts.get(one, 0) for one in states),
            "active": state == chosen,
        }
        for state, label in [("", "全部"), *((state, STATES[state]) for state in states)]
    ]
    open_one = own is not None and any(counts.get(state) for state in OPEN)
    context = {
        "page_obj": page,
        "rows": [(one, presenters.TAGS[one.state]) for one in page],
        "tabs": tabs,
        "own": own,
        "may_begin": own is not None and not open_one,
    }
    return render(request, "fees/filing/list.html", context)


@require_POST
@requires(Permission.ASK_PROCEDURES)
def begin(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    try:
        filing = services.draft(kindergarten=kindergarten, by=request.user, now=timezone.now())
    except FeeRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("fee-filings")
    return redirect("fee-filing-lines", filing.pk)


@require_GET
@requires(Permission.READ_PROCEDURES)
def filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    return _page(request, filing_id)


def _page(
    request: SignedInRequest, filing_id: int, form: ActForm | None = None, status: int = 200
) -> HttpResponse:
    """One filing beside what is in force, with what this person may do with it now."""
    found = _filing(request, filing_id)
    if found.state == DRAFT and _own(request.user) is None:
        raise Http404
    # The stamp first: what is shown may be newer than it, never older.
    seen = selectors.stamp(found)
    today = timezone.localdate()
    rows = list(found.lines.all())
    lines = [selectors.line_of(row) for row in rows]
    sheet = selectors.cost_sheet_of(found)
    # What has ended is shown beside what was in force before it began.
    day = today if found.is_open else selectors.before_it(lines, today)
    beside = selectors.beside(found, today=day)
    may = presenters.acts(found, request.user)
    form = form or ActForm()
    context = {
        "filing": found,
        "tag": presenters.TAGS[found.state],
        "turn": presenters.turn(found),
        "coming": selectors.coming(found.kindergarten, today) if found.is_open else [],
        "checked": presenters.checked(lines, beside, today=today),
        "checks": found.state in (DRAFT, FILED, RETURNED),
        "costs": presenters.costs(sheet, lines) if sheet else None,
        "events": presenters.timeline(found),
        "may": may,
        "may_type": "file" in may,
        "seen": seen,
        "form": form,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/filing/detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.ASK_PROCEDURES)
def edit_lines(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """The lines as one table. What is wrong with them is said on the filing's page."""
    found = _to_be_typed(request, filing_id)
    more = request.POST.get("act") == "more" or request.GET.get("more") == "1"
    form = LinesForm(
        request.POST if request.method == "POST" else None,
        there=[selectors.line_of(row) for row in found.lines.all()],
        note=found.note,
        seen=selectors.stamp(found),
        more=more,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.save_lines(
                filing_id=found.pk,
                lines=form.lines(),
                note=form.cleaned_data["note"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            if more:
                return redirect(f"{reverse('fee-filing-lines', args=[found.pk])}?more=1")
            messages.success(request, "已保存。看过差别和检查结果，再报送。")
            return redirect("fee-filing", found.pk)
    context = {"form": form, "filing": found, "crumbs": _crumbs(found, "填写收费项目")}
    status = 422 if form.errors else 200
    return render(request, "fees/filing/lines.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.ASK_PROCEDURES)
def edit_costs(request: SignedInRequest, filing_id: int) -> HttpResponse:
    found = _to_be_typed(request, filing_id)
    sheet = selectors.cost_sheet_of(found)
    initial: dict[str, Any] = {"year": timezone.localdate().year - 1, "months": 10}
    if sheet is not None:
        initial = {name: getattr(sheet, name) for name in COSTS_KEPT}
    form = CostForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": selectors.stamp(found)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.save_costs(
                filing_id=found.pk,
                values=form.values(),
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "成本核算表已保存，生均成本见下面。")
            return redirect("fee-filing", found.pk)
    context = {
        "form": form,
        "title": "成本核算表",
        "sub": "全年支出，单位是元，不含非正常损失。每名幼儿每月的成本由系统算，不用填。",
        "crumbs": _crumbs(found, "成本核算表"),
        "back": reverse("fee-filing", args=[found.pk]),
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


def _to_be_typed(request: SignedInRequest, filing_id: int) -> ScheduleFiling:
    """Of the own kindergarten; what is with the bureau or has ended is read only."""
    found = _filing(request, filing_id)
    if _own(request.user) is None or "file" not in STEPS[found.state]:
        raise Http404
    return found


DONE = {
    "file": "已报送，等教育局审核。",
    "review": "已审核，等幼儿园公示。",
    "return": "已退回，园里会看到要改的内容。",
    "publish": "公示已登记，新标准已列入收费标准。",
    "withdraw": "已撤回，现在执行的标准不变。",
}


@require_POST
@requires(Permission.READ_PROCEDURES)
def act(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """File, review, return, publish, withdraw: on what was read (`seen`)."""
    found = _filing(request, filing_id)
    name = request.POST.get("act", "")
    if name not in DONE:
        raise Http404
    form = ActForm(request.POST)
    if form.is_valid():
        try:
            _do(name, found.pk, form.cleaned_data, request, timezone.now())
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, DONE[name])
            return redirect("fee-filing", found.pk)
    return _page(request, found.pk, form, status=422)


def _do(
    name: str, filing_id: int, typed: dict[str, Any], request: SignedInRequest, now: dt.datetime
) -> None:
    asked: dict[str, Any] = {
        "filing_id": filing_id, "seen": request.POST.get("seen", ""), "by": request.user, "now": now,
    }  # fmt: skip
    if name == "file":
        services.file(**asked)
    elif name == "review":
        services.review(**asked, document_number=typed["document_number"], reason=typed["reason"])
    elif name == "return":
        services.send_back(**asked, reason=typed["reason"])
    elif name == "withdraw":
        services.withdraw(**asked, reason=typed["reason"])
    else:
        services.publish(
            **asked,
            published_on=typed["published_on"],
            published_where=typed["published_where"],
        )


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """Who typed and did what, with every amount that stood there."""
    if not request.user.can(Permission.READ_PROCEDURES):
        raise Http404
    found = _filing(request, filing_id)
    if found.state == DRAFT and _own(request.user) is None:
        raise Http404
    subjects = [
        Subject(ScheduleFiling, [found.pk], TITLE),
        Subject(
            ProposedFee, found.lines.order_by().values("pk"), "拟定的收费",
            told_by=("position", "item", "name"),
        ),
        Subject(
            CostSheet, CostSheet.objects.visible_to(request.user).filter(filing=found).values("pk"),
            "成本核算表",
        ),
    ]  # fmt: skip
    back = (reverse("fee-filing", args=[found.pk]), TITLE)
    title = f"{found.kindergarten.name}收费备案"
    return history_response(request, subjects, title=title, back=back)


def _crumbs(found: ScheduleFiling, last: str) -> list[dict[str, Any]]:
    return [
        {"label": TITLE, "url": reverse("fee-filings")},
        {"label": found.kindergarten.name, "url": reverse("fee-filing", args=[found.pk])},
        {"label": last},
    ]
