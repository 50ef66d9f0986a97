"""The plan to hire missing people (补充计划): its lines, what they come to, their keeping."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of, home_of
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import stamp_of
from staffing.models import RecruitmentLine
from staffing.recruitment import selectors, services
from staffing.recruitment.forms import NAMES, LineChangeForm, LineForm, LineWithdrawalForm
from staffing.recruitment.resources import plan_table
from staffing.recruitment.rules import total


def _year(request: SignedInRequest, years: list[int]) -> int:
    """?year=2024, else the newest year that has lines, else this one."""
    text = request.GET.get("year", "")
    if text:
        if not (text.isascii() and text.isdecimal() and len(text) == 4):
            raise Http404
        return int(text)
    return years[0] if years else timezone.localdate().year


@require_GET
@requires(Permission.READ_RECRUITMENT)
def plan(request: SignedInRequest) -> HttpResponse:
    region = home_of(request)
    years = selectors.years(request.user)
    year = _year(request, years)
    rows = [selectors.row_of(one) for one in selectors.lines_of(request.user, year)]
    context = {
        "region": region,
        "year": year,
        "years": years,
        "rows": rows,
        "by_post": selectors.by_post(rows),
        "total": total(row.counts for row in rows),
        "shows_county": region.level < Region.Level.COUNTY,
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY)
        and region.level == Region.Level.COUNTY,
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "staffing/recruitment.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def plan_export(request: SignedInRequest, ending: str) -> FileResponse:
    region = home_region(request.user)
    if ending not in CONTENT_TYPES or region is None:
        raise Http404
    year = _year(request, selectors.years(request.user))
    found = selectors.lines_of(request.user, year).iterator(CHUNK)
    table = plan_table((selectors.row_of(one) for one in found), place=region.name, year=year)
    return download(table, ending, by=request.user, at=timezone.now(), target=region)


@require_GET
@requires(Permission.READ_HISTORY)
def plan_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_RECRUITMENT):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = RecruitmentLine.objects.visible_to(request.user).values("pk")
    subjects = [Subject(RecruitmentLine, rows, "补充计划", told_by=("year", "scope", "post"))]
    back = (reverse("recruitment"), "人员补充计划")
    return history_response(request, subjects, title="人员补充计划", back=back)


def _line(request: SignedInRequest, line_id: int) -> RecruitmentLine:
    return get_object_or_404(
        RecruitmentLine.objects.visible_to(request.user).standing(), pk=line_id
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def line_new(request: SignedInRequest) -> HttpResponse:
    """?post=&gap=&town= begin it with a gap that the pages of missing staff found."""
    county, code = county_of(request), request.GET.get("town", "")
    towns = Region.objects.filter(county=county, code=code if code.isalnum() else "")
    initial = {
        "year": timezone.localdate().year,
        "post": request.GET.get("post"),
        "gap": request.GET.get("gap"),
        "town": towns.first(),
    }
    form = LineForm(
        request.POST if request.method == "POST" else None, county=county, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            line = services.add_line(county=county, values=form.cleaned_data, by=request.user)
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request, line)
    return _form(request, form, "登记补充计划")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def line_edit(request: SignedInRequest, line_id: int) -> HttpResponse:
    """Correct a line; how many came is said here too."""
    county = county_of(request)
    line = _line(request, line_id)
    initial = {name: getattr(line, name) for name in NAMES} | {"seen": stamp_of(line, NAMES)}
    form = LineChangeForm(
        request.POST if request.method == "POST" else None, county=county, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in NAMES}
        try:
            line = services.change_line(
                line=line,
                values=values,
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request, line)
    return _form(request, form, "更正补充计划")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def line_withdraw(request: SignedInRequest, line_id: int) -> HttpResponse:
    county_of(request)
    line = _line(request, line_id)
    form = LineWithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_line(
                line=line, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{line}已撤销，不再计入合计。")
            return redirect(f"{reverse('recruitment')}?year={line.year}")
    return _form(
        request, form, "撤销补充计划", submit="撤销",
        sub=f"{line}，计划补充{line.planned}人。只用于登记错了、不该有的一行；改动记录里留着。",
    )  # fmt: skip


def _saved(request: SignedInRequest, line: RecruitmentLine) -> HttpResponse:
    messages.success(request, f"{line}已保存。")
    return redirect(f"{reverse('recruitment')}?year={line.year}")


def _form(request: SignedInRequest, form: Any, title: str, **more: str) -> HttpResponse:
    back = reverse("recruitment")
    crumbs = [{"label": "人员补充计划", "url": back}, {"label": title}]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back} | more
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
