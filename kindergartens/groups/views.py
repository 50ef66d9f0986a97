"""Groups of kindergartens and towns: list, page, founding, members, the end."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region, User
from kindergartens.groups import selectors, services
from kindergartens.groups.forms import (
    ChangedGroupForm,
    EndForm,
    GroupForm,
    MembersForm,
    NewGroupForm,
)
from kindergartens.groups.services import GroupRefused
from kindergartens.models import Group, GroupMember, Kindergarten
from kindergartens.stamps import stamp_of

GROUPS_PER_PAGE = 50


def _group(request: SignedInRequest, group_id: int) -> Group:
    return get_object_or_404(
        Group.objects.visible_to(request.user).select_related("county", "lead"), pk=group_id
    )


def sees_sums(user: User) -> bool:
    """Whether the sums of a whole county's groups are the person's to read."""
    region = home_region(user)
    return (
        region is not None
        and region.level <= Region.Level.COUNTY
        and user.can(Permission.READ_FIGURES)
    )


def _refuse(form: Form, refusal: GroupRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


@require_GET
@requires(Permission.READ_REGISTRY)
def group_list(request: SignedInRequest) -> HttpResponse:
    day = timezone.localdate()
    kind = request.GET.get("kind", "")
    kind = kind if kind in Group.Kind.values else ""
    ended = request.GET.get("ended") == "1"
    rows = selectors.group_lines(request.user, day=day, kind=kind, ended=ended)
    region = home_region(request.user)
    context = {
        "page_obj": Paginator(rows, GROUPS_PER_PAGE).get_page(request.GET.get("page")),
        "kind": kind,
        "kinds": Group.Kind.choices,
        "ended": ended,
        "day": day,
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "may_manage": request.user.can(Permission.MANAGE_REGISTRY),
    }
    return render(request, "kindergartens/groups/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def group_new(request: SignedInRequest) -> HttpResponse:
    county = county_of(request)
    today = timezone.localdate()
    form = NewGroupForm(
        request.POST or None,
        by=request.user,
        county=county,
        day=today,
        initial={"valid_from": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            group = services.found_group(
                county=county,
                kind=form.cleaned_data["kind"],
                description=form.description(),
                valid_from=form.cleaned_data["valid_from"],
                by=request.user,
            )
        except GroupRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"已登记{group.name}。接着选成员。")
            return redirect("group-take-in", group_id=group.pk)
    return _form_page(request, form, title="登记集团组团", back=("group-list", []))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def group_edit(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    form = ChangedGroupForm(
        request.POST or None,
        by=request.user,
        county=group.county,
        day=timezone.localdate(),
        initial={
            "name": group.name,
            "lead": group.lead_id,
            "lead_name": group.lead_name,
            "document": group.document,
            "seen": stamp_of(group, services.DESCRIBED),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.describe_group(
                group_id=group.pk,
                description=form.description(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except GroupRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "已保存。")
            return redirect("group", group_id=group.pk)
    return _form_page(request, form, title=f"修改{group.name}", back=("group", [group.pk]))


def _form_page(
    request: SignedInRequest, form: GroupForm, *, title: str, back: tuple[str, list[int]]
) -> HttpResponse:
    route, arguments = back
    return render(
        request,
        "kindergartens/groups/form.html",
        {"form": form, "title": title, "back": reverse(route, args=arguments)},
        status=422 if form.errors else 200,
    )


@require_GET
@requires(Permission.READ_REGISTRY)
def group_detail(request: SignedInRequest, group_id: int) -> HttpResponse:
    return _detail(request, _group(request, group_id))


def _detail(
    request: SignedInRequest,
    group: Group,
    *,
    ending: GroupMember | None = None,
    form: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The group's page; with `form`, the end of a member or of the whole being filled in."""
    today = timezone.localdate()
    context = {
        "group": group,
        "members": selectors.members_ever(request.user, group),
        "in_force": group.is_in_force(today),
        "today": today,
        "kindergartens": selectors.kindergartens_in(group, today)
        .filter(pk__in=Kindergarten.objects.visible_to(request.user).values("pk"))
        .count(),
        "may_manage": request.user.can(Permission.MANAGE_REGISTRY),
        "may_read_figures": sees_sums(request.user),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "ending": ending,
        "form": form,
    }
    return render(request, "kindergartens/groups/detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def group_take_in(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    today = timezone.localdate()
    form = MembersForm(
        request.POST or None,
        by=request.user,
        group=group,
        day=today,
        initial={"first": max(today, group.valid_from)},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            count = services.take_in(
                group_id=group.pk,
                towns=list(data.get("towns") or []),
                kindergartens=list(data["kindergartens"]),
                first=data["first"],
                by=request.user,
                now=timezone.now(),
            )
        except GroupRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"已加入{count}个成员，{zhdate(data['first'])}起。")
            return redirect("group", group_id=group.pk)
    return render(
        request,
        "kindergartens/groups/take_in.html",
        {"form": form, "group": group},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def member_end(request: SignedInRequest, member_id: int) -> HttpResponse:
    member = get_object_or_404(
        GroupMember.objects.visible_to(request.user).select_related("town", "kindergarten"),
        pk=member_id,
    )
    group = _group(request, member.group_id)
    form = EndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.let_go(
                member_id=member.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except GroupRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{member.name}已退出，以前各月的数不变。")
            return redirect("group", group_id=group.pk)
    return _detail(request, group, ending=member, form=form, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def group_dissolve(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    form = EndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.dissolve(
                group_id=group.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except GroupRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{group.name}已解散，以前各月的数不变。")
            return redirect("group", group_id=group.pk)
    return _detail(request, group, form=form, status=422 if form.errors else 200)


@require_GET
@requires(Permission.READ_HISTORY)
def group_history(request: SignedInRequest, group_id: int) -> HttpResponse:
    """Who changed what about a group and its members."""
    group = _group(request, group_id)
    return history_response(
        request,
        [
            Subject(Group, [group.pk], "集团组团"),
            Subject(
                GroupMember,
                [member.pk for member in selectors.members_ever(request.user, group)],
                "成员",
            ),
        ],
        title=group.name,
        back=(reverse("group", args=[group.pk]), group.name),
    )
