"""The registry (一园一档): the list of kindergartens and the page of each."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exports import CONTENT_TYPES, download
from accounts.history.pages import history_response
from accounts.history.recording import Action, record_access
from accounts.history.sentences import Subject
from accounts.models import Organisation, Region
from kindergartens import selectors
from kindergartens.changes.presenters import timeline_rows, withdrawal_lines
from kindergartens.changes.selectors import timeline, withdrawn_changes
from kindergartens.models import Kindergarten, KindergartenStatus, ReportingPeriod
from kindergartens.procedures.policies import ASKERS, may_act
from kindergartens.procedures.presenters import procedures_of
from kindergartens.resources import registry_table
from kindergartens.selectors import RegistryFilter

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_list(request: SignedInRequest) -> HttpResponse:
    """All kindergartens in one's area; a director is taken to the own one."""
    visible = Kindergarten.objects.visible_to(request.user)
    own = visible.filter(organisation=request.user.acting.organisation).first()  # type: ignore[union-attr]
    if own is not None:
        return redirect("kindergarten-detail", code=own.code)
    now = timezone.now()
    day = timezone.localdate(now)
    asked = RegistryFilter.from_query(request.GET)
    month = selectors.newest_month(request.user, now)
    rows = selectors.registry(request.user, asked, day=day, month=month)
    region = home_region(request.user)
    context: dict[str, Any] = {
        "page_obj": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "month": month,
        "day": day,
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "counts": selectors.registry_counts(request.user, day=day),
        "towns": selectors.towns_with_kindergartens(request.user),
        "ownerships": KindergartenStatus.Ownership.choices,
        "states": KindergartenStatus.OperatingState.choices,
        "can_export": request.user.can(Permission.EXPORT_REGISTRY),
    }
    return render(request, "kindergartens/list.html", context)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def kindergarten_export(request: SignedInRequest, ending: str) -> HttpResponse:
    """The rows of the list, with its filters and order, as a file."""
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    day = timezone.localdate(now)
    rows = selectors.registry(
        request.user,
        RegistryFilter.from_query(request.GET),
        day=day,
        month=selectors.newest_month(request.user, now),
    )
    region = home_region(request.user)
    table = registry_table(rows, place=region.name if region else "", day=day)
    record_access(Action.EXPORT, by=request.user, at=now, target=region, rows=len(table.rows))
    return download(table, ending)


@require_GET
@requires(Permission.READ_HISTORY)
def kindergarten_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Who changed what about a kindergarten and its dated status, as sentences."""
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    subjects = [
        Subject(Kindergarten, [kindergarten.pk], "幼儿园"),
        Subject(KindergartenStatus, selectors.status_keys_ever(kindergarten), "办园状态"),
        Subject(Organisation, [kindergarten.organisation_id], "机构"),
    ]
    return history_response(
        request,
        subjects,
        title=kindergarten.name,
        back=(reverse("kindergarten-detail", args=[code]), kindergarten.name),
    )


@require_GET
@requires(Permission.READ_HISTORY)
def period_history(request: SignedInRequest) -> HttpResponse:
    """Who set or moved the reporting periods of one's area."""
    periods = ReportingPeriod.objects.visible_to(request.user).values("pk")
    return history_response(request, [Subject(ReportingPeriod, periods, "报送期")], title="报送期")


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_detail(request: SignedInRequest, code: str) -> HttpResponse:
    now = timezone.now()
    day = timezone.localdate(now)
    kindergarten = get_object_or_404(
        selectors.kindergartens_on(request.user, day).select_related(
            "current__town__county", "organisation__region__county"
        ),
        code=code,
    )
    classes = selectors.classes_last_accepted(request.user, kindergarten)
    context = {
        "kindergarten": kindergarten,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "may_manage": request.user.can(Permission.MANAGE_REGISTRY),
        "current": getattr(kindergarten, "current", None),
        "timeline": timeline_rows(
            timeline(kindergarten, day=day),
            may_withdraw=request.user.can(Permission.MANAGE_REGISTRY),
        ),
        "withdrawals": withdrawal_lines(withdrawn_changes(kindergarten)),
        "day": day,
        "procedures": procedures_of(request.user, kindergarten, day=day),
        "may_ask": may_act(request.user, kindergarten, *ASKERS),
        "contacts": selectors.contacts(kindergarten, day=day),
        "may_reveal": request.user.can(Permission.REVEAL_PERSONAL_DATA),
        "months": selectors.months_of(request.user, kindergarten, now=now),
        "classes": classes,
        "classes_version": classes[0].filing_version if classes else None,
        "total": {
            "boys": sum(row.boys for row in classes),
            "girls": sum(row.girls for row in classes),
            "children": sum(row.children for row in classes),
        },
    }
    return render(request, "kindergartens/detail.html", context)
