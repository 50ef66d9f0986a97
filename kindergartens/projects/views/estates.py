"""Estate kindergartens: an area's, one of them, the five 同步, hand-over and problems.

How one is run is asked for and decided in reports/estates, which can read the town's figures.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of, home_of
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from accounts.typed_text import day_until
from kindergartens.groups.filtering import GroupFilter, group_filter
from kindergartens.models import EstateOperator, EstateProblem, EstateProject, EstateStep
from kindergartens.policies import NotAllowedNow
from kindergartens.projects import selectors
from kindergartens.projects.forms import (
    EstateChangeForm,
    EstateForm,
    HandOverForm,
    ProblemForm,
    ResolveForm,
    StepForm,
)
from kindergartens.projects.resources import estates_table
from kindergartens.projects.services import estates as services
from kindergartens.stamps import stamp_of

ROWS_PER_PAGE = 50
NAMES = tuple(name for name in EstateForm.base_fields)


def _only_wrong(request: SignedInRequest) -> bool:
    return request.GET.get("show") == "problems"


def _region(request: SignedInRequest) -> Region:
    """The region asked for, within the person's own; 404 outside it."""
    home = home_of(request)
    code = request.GET.get("region", "")
    return get_object_or_404(Region.objects.within(home), code=code) if code else home


def _found(request: SignedInRequest, region: Region, groups: GroupFilter) -> Any:
    return selectors.estates_in(request.user, region).filter(
        groups.rows(kindergarten="kindergarten", town="town")
    )


@require_GET
@requires(Permission.READ_PROJECTS)
def estates(request: SignedInRequest) -> HttpResponse:
    """`?show=problems` leaves those with something wrong, `?region=&on=` a part on a day before."""
    region = _region(request)
    day = day_until(request.GET.get("on", ""), timezone.localdate())
    groups = group_filter(request.GET, request.user, day)
    norms = selectors.EstateNorms(day)
    rows = [selectors.estate_row(one, norms, day) for one in _found(request, region, groups)]
    wrong = _only_wrong(request)
    shown = [row for row in rows if row.is_wrong] if wrong else rows
    context = {
        "region": region,
        "day": day,
        "is_part": bool(request.GET.get("region") or request.GET.get("on")),
        "groups": groups,
        "sums": selectors.estate_sums(rows),
        "only_wrong": wrong,
        "page_obj": Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "shows_county": region.level < Region.Level.COUNTY,
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "can_export": request.user.can(Permission.EXPORT_REGISTRY),
        "can_print": request.user.can(Permission.PRINT_REPORTS),
    }
    return render(request, "kindergartens/projects/estates.html", context)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def estates_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the page, with the conditions of its address."""
    if ending not in CONTENT_TYPES:
        raise Http404
    region = _region(request)
    now = timezone.now()
    day = day_until(request.GET.get("on", ""), timezone.localdate(now))
    groups = group_filter(request.GET, request.user, day)
    norms = selectors.EstateNorms(day)
    found = _found(request, region, groups).iterator(CHUNK)
    rows = (selectors.estate_row(one, norms, day) for one in found)
    if _only_wrong(request):
        rows = (row for row in rows if row.is_wrong)
    table = estates_table(rows, place=groups.place(region.name), day=day)
    return download(table, ending, by=request.user, at=now, target=region)


def _estate(request: SignedInRequest, estate_id: int) -> EstateProject:
    visible = EstateProject.objects.visible_to(request.user)
    found = visible.select_related("county", "town", "kindergarten")
    return get_object_or_404(found, pk=estate_id)


@require_GET
@requires(Permission.READ_PROJECTS)
def estate(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one, day = _estate(request, estate_id), timezone.localdate()
    norms = selectors.EstateNorms(day)
    row = selectors.estate_row(one, norms, day)
    operators = one.operators.select_related("asked_as__user", "decided_as__user")
    context = {
        "estate": one,
        "row": row,
        "steps": [
            {
                "code": code,
                "label": label,
                "row": (step := row.steps.get(code)),
                "on": step and step.on,
            }
            for code, label in EstateStep.Step.choices
        ],
        "operators": list(operators.order_by("-valid_from", "-pk")),
        "problems": list(one.problems.order_by("-found_on", "-pk")),
        "share_rule": norms.share_rule(one.county),
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "can_decide": request.user.can(Permission.DECIDE_ESTATES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "kindergartens/projects/estate.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def estate_history(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one = _estate(request, estate_id)
    subjects = [
        Subject(EstateProject, [one.pk], "小区配套园"),
        Subject(EstateStep, [row.pk for row in one.steps.all()], "五同步"),
        Subject(EstateOperator, [row.pk for row in one.operators.all()], "办园性质"),
        Subject(EstateProblem, [row.pk for row in one.problems.all()], "问题"),
    ]
    back = (reverse("estate", args=[one.pk]), one.name)
    return history_response(request, subjects, title=one.name, back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_new(request: SignedInRequest) -> HttpResponse:
    county = county_of(request)
    form = EstateForm(
        request.POST if request.method == "POST" else None, by=request.user, county=county
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_estate(
                county=county,
                values=form.cleaned_data,
                by=request.user,
                today=timezone.localdate(),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.name}已登记。")
            return redirect("estate", made.pk)
    return _form(request, form, "登记小区配套园")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_edit(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one = _estate(request, estate_id)
    form = EstateChangeForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        county=one.county,
        initial={name: getattr(one, name) for name in NAMES} | {"seen": stamp_of(one, NAMES)},
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason, seen = values.pop("reason"), values.pop("seen")
        try:
            services.change_estate(
                estate=one,
                values=values,
                reason=reason,
                seen=seen,
                by=request.user,
                today=timezone.localdate(),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{one.name}已更正。")
            return redirect("estate", one.pk)
    return _form(request, form, "更正小区资料", one)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_step(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one = _estate(request, estate_id)
    asked = request.GET.get("step", "")
    # Before the rows: what the form shows may be newer than it, never older.
    seen = services.stamp_of_steps(one)
    before = next((step for step in one.steps.all() if step.step == asked), None)
    initial: dict[str, Any] = {"step": asked, "seen": seen}
    if before is not None:
        initial |= {name: getattr(before, name) for name in ("state", "on", "note")}
    form = StepForm(request.POST if request.method == "POST" else None, initial=initial)
    return _act(request, one, form, "登记五同步", services.set_step, "五同步已登记。")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_hand_over(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one = _estate(request, estate_id)
    initial = {name: getattr(one, name) for name in ("agreement_on", "slip_on", "handed_over_on")}
    initial |= {"due_on": one.handover_due_on, "handed_to": one.handed_to}
    initial["seen"] = stamp_of(one, services.HAND_OVER)
    form = HandOverForm(request.POST if request.method == "POST" else None, initial=initial)
    return _act(request, one, form, "登记移交", services.hand_over, "移交情况已登记。")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_problem(request: SignedInRequest, estate_id: int) -> HttpResponse:
    one = _estate(request, estate_id)
    form = ProblemForm(
        request.POST if request.method == "POST" else None,
        initial={"found_on": timezone.localdate()},
    )
    return _act(request, one, form, "登记问题", services.add_problem, "问题已登记。")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def estate_problem_resolve(request: SignedInRequest, problem_id: int) -> HttpResponse:
    problem = get_object_or_404(
        EstateProblem.objects.visible_to(request.user).select_related("estate__county"),
        pk=problem_id,
    )
    form = ResolveForm(
        request.POST if request.method == "POST" else None,
        initial={"resolved_on": timezone.localdate()},
    )
    title = f"解决问题：{problem.get_kind_display()}"
    return _act(
        request, problem.estate, form, title, services.resolve_problem, "问题已解决。", problem
    )


def _act(
    request: SignedInRequest,
    one: EstateProject,
    form: Any,
    title: str,
    service: Any,
    done: str,
    problem: EstateProblem | None = None,
) -> HttpResponse:
    """Draw a form about an estate, or do what it says and go back to the estate."""
    if request.method == "POST" and form.is_valid():
        subject = {"problem": problem} if problem else {"estate": one}
        try:
            service(**subject, **form.cleaned_data, by=request.user, today=timezone.localdate())
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("estate", one.pk)
    return _form(request, form, title, one)


def _form(
    request: SignedInRequest, form: Any, title: str, one: EstateProject | None = None
) -> HttpResponse:
    back = reverse("estate", args=[one.pk]) if one else reverse("estates")
    crumbs = [{"label": "小区配套园", "url": reverse("estates")}]
    if one is not None:
        crumbs.append({"label": one.name, "url": back})
    crumbs.append({"label": title, "url": ""})
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
