"""Construction projects: an area's against its plans, one project, its stages and money."""

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
from accounts.access.home import county_of
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.groups.filtering import GroupFilter, group_filter
from kindergartens.models import ConstructionProject, ProjectPayment, ProjectStage
from kindergartens.policies import NotAllowedNow
from kindergartens.projects import rules, selectors
from kindergartens.projects.forms import PaymentForm, ProjectChangeForm, ProjectForm, StageForm
from kindergartens.projects.resources import projects_table
from kindergartens.projects.services import projects as services
from kindergartens.stamps import stamp_of

ROWS_PER_PAGE = 50
NAMES = tuple(name for name in ProjectForm.base_fields)


def _only_late(request: SignedInRequest) -> bool:
    return request.GET.get("show") == "late"


def _found(request: SignedInRequest, region: Region, groups: GroupFilter) -> Any:
    return selectors.projects_in(request.user, region).filter(
        groups.rows(kindergarten="kindergarten", town="town")
    )


@require_GET
@requires(Permission.READ_PROJECTS)
def projects(request: SignedInRequest) -> HttpResponse:
    """`?show=late` leaves those with a stage past its day."""
    region, today = home_region(request.user), timezone.localdate()
    if region is None:
        raise Http404
    groups = group_filter(request.GET, request.user, today)
    rows = [selectors.project_row(one, today) for one in _found(request, region, groups)]
    late = [row for row in rows if row.progress.late]
    only_late = _only_late(request)
    shown = late if only_late else rows
    context = {
        "region": region,
        "day": today,
        "groups": groups,
        # A plan is the whole area's: a group's share of it would read as a shortfall.
        "plans": [] if groups.chosen else selectors.plan_sums(request.user, region, rows),
        "sum": rules.sum_projects(row.numbers for row in rows),
        "late": len(late),
        "only_late": only_late,
        "page_obj": Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "stage_labels": dict(ProjectStage.Stage.choices),
        "shows_county": region.level < Region.Level.COUNTY,
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "can_export": request.user.can(Permission.EXPORT_REGISTRY),
    }
    return render(request, "kindergartens/projects/list.html", context)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def projects_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the page, `?show=late` too."""
    region = home_region(request.user)
    if ending not in CONTENT_TYPES or region is None:
        raise Http404
    now = timezone.now()
    today = timezone.localdate(now)
    groups = group_filter(request.GET, request.user, today)
    found = _found(request, region, groups).iterator(CHUNK)
    rows = (selectors.project_row(one, today) for one in found)
    if _only_late(request):
        rows = (row for row in rows if row.progress.late)
    table = projects_table(rows, place=groups.place(region.name), day=today)
    return download(table, ending, by=request.user, at=now, target=region)


def _project(request: SignedInRequest, project_id: int) -> ConstructionProject:
    visible = ConstructionProject.objects.visible_to(request.user)
    found = visible.select_related("county", "town", "kindergarten", "plan__region")
    return get_object_or_404(found.prefetch_related("stages", "payments"), pk=project_id)


@require_GET
@requires(Permission.READ_PROJECTS)
def project(request: SignedInRequest, project_id: int) -> HttpResponse:
    today = timezone.localdate()
    row = selectors.project_row(_project(request, project_id), today)
    late = {stage.code: stage.days_late(today) for stage in row.progress.late}
    stages = [
        {
            "code": code,
            "label": label,
            "row": (stage := row.stages.get(code)),
            "due_on": stage.due_on if stage else None,
            "done_on": stage.done_on if stage else None,
            "days_late": late.get(code, 0),
        }
        for code, label in ProjectStage.Stage.choices
    ]
    context = {
        "row": row,
        "project": row.project,
        "stages": stages,
        "day": today,
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "kindergartens/projects/project.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def project_history(request: SignedInRequest, project_id: int) -> HttpResponse:
    one = _project(request, project_id)
    stages = [stage.pk for stage in one.stages.all()]
    payments = [payment.pk for payment in one.payments.all()]
    subjects = [
        Subject(ConstructionProject, [one.pk], "建设项目"),
        Subject(ProjectStage, stages, "项目阶段"),
        Subject(ProjectPayment, payments, "项目资金"),
    ]
    back = (reverse("project", args=[one.pk]), one.name)
    return history_response(request, subjects, title=one.name, back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def project_new(request: SignedInRequest) -> HttpResponse:
    county = county_of(request)
    form = ProjectForm(
        request.POST if request.method == "POST" else None, by=request.user, county=county
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_project(county=county, values=form.cleaned_data, by=request.user)
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.name}已登记。")
            return redirect("project", made.pk)
    return _form(request, form, "登记建设项目")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def project_edit(request: SignedInRequest, project_id: int) -> HttpResponse:
    one = _project(request, project_id)
    form = ProjectChangeForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        county=one.county,
        initial={name: getattr(one, name) for name in NAMES} | {"seen": stamp_of(one, NAMES)},
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason, seen = values.pop("reason"), values.pop("seen")
        try:
            services.change_project(
                project=one, values=values, reason=reason, seen=seen, by=request.user
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{one.name}已更正。")
            return redirect("project", one.pk)
    return _form(request, form, "更正项目", one)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def project_stage(request: SignedInRequest, project_id: int) -> HttpResponse:
    """`?stage=` presets which, with what is registered of it."""
    one = _project(request, project_id)
    before = next((s for s in one.stages.all() if s.stage == request.GET.get("stage")), None)
    initial: dict[str, Any] = {"stage": request.GET.get("stage", "")}
    if before is not None:
        initial |= {name: getattr(before, name) for name in ("due_on", "done_on", "document")}
    initial["seats"] = one.seats_delivered
    form = StageForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_stage(
                project=one, **form.cleaned_data, by=request.user, today=timezone.localdate()
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "项目阶段已登记。")
            return redirect("project", one.pk)
    return _form(request, form, "登记阶段", one)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def project_payment(request: SignedInRequest, project_id: int) -> HttpResponse:
    one = _project(request, project_id)
    now = timezone.now()
    form = PaymentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_payment(
                project=one,
                **form.cleaned_data,
                by=request.user,
                now=now,
                today=timezone.localdate(now),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "到账资金已登记。")
            return redirect("project", one.pk)
    return _form(request, form, "登记到账资金", one)


def _form(
    request: SignedInRequest, form: Any, title: str, one: ConstructionProject | None = None
) -> HttpResponse:
    back = reverse("project", args=[one.pk]) if one else reverse("projects")
    crumbs = [{"label": "建设项目", "url": reverse("projects")}]
    if one is not None:
        crumbs.append({"label": one.name, "url": back})
    crumbs.append({"label": title, "url": ""})
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
