"""Cases of incidents: the list with counts for all, a case for those who may read accounts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from safety.incidents import selectors, services, words
from safety.incidents.resources import cases_table
from safety.incidents.rules import BAR, RECIPIENTS, VETO
from safety.incidents.selectors import STATES, CaseFilter
from safety.models import IncidentCase, IncidentFinding
from safety.rules import INCIDENT_KINDS

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_SAFETY)
def incidents(request: SignedInRequest) -> HttpResponse:
    """Counts by kind for everybody who reads the register; cases for those who read accounts."""
    now = timezone.now()
    user = request.user
    asked = CaseFilter.from_query(request.GET)
    years = selectors.years(user)
    year = asked.year or (years[0] if years else timezone.localdate(now).year)
    reads = user.can(Permission.READ_INCIDENTS)
    context: dict[str, Any] = {
        "region": home_region(user),
        "asked": asked,
        "year": year,
        "years": years,
        "counts": selectors.counts_by_kind(user, year),
        "kinds": INCIDENT_KINDS.items(),
        "states": STATES.items(),
        "reads": reads,
        "may_keep": services.keeps(request.user),
        "may_see_limits": user.can(Permission.READ_PROGRESS),
        "may_reconcile": reads,
        "may_export": reads and user.can(Permission.EXPORT_REGISTRY),
    }
    if reads:
        rows = selectors.listed(user, asked, now)
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        held = selectors.effects_in_force(user, timezone.localdate(now))
        context |= {
            "page_obj": page,
            "rows": [words.row(case, now) for case in page.object_list],
            "vetoes": [one for one in held if one.brought.consequence.effect == VETO],
            "bars": [one for one in held if one.brought.consequence.effect == BAR],
        }
    return render(request, "safety/incidents/list.html", context)


@require_GET
@requires(Permission.READ_INCIDENTS)
def export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the list, with its filters, as a file; without accounts."""
    if ending not in CONTENT_TYPES:
        raise Http404
    if not request.user.can(Permission.EXPORT_REGISTRY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    now = timezone.now()
    region = home_region(request.user)
    rows = selectors.listed(request.user, CaseFilter.from_query(request.GET), now).iterator(CHUNK)
    table = cases_table(
        (words.row(case, now) for case in rows),
        place=region.name if region else "",
        day=timezone.localdate(now),
    )
    return download(table, ending, by=request.user, at=now, target=region)


def case_of(request: SignedInRequest, number: str) -> Any:
    rows = selectors.timed(IncidentCase.objects.visible_to(request.user))
    return get_object_or_404(
        rows.select_related(
            "kindergarten__organisation__region", "county__city", "county__province",
            "entered_as__user", "entered_as__organisation", "closed_as__user",
        ),
        number=number,
    )  # fmt: skip


@require_GET
@requires(Permission.READ_INCIDENTS)
def case(request: SignedInRequest, number: str) -> HttpResponse:
    """One case; opening it is kept on record."""
    now = timezone.now()
    found = case_of(request, number)
    services.note_look(case=found, by=request.user, now=now)
    findings = list(found.findings.select_related("entered_as__user"))
    for one in findings:
        one.case = found
    standing = [one for one in findings if one.withdrawn_at is None]
    decides = request.user.can(Permission.DECIDE_SAFETY)
    context = {
        "case": found,
        "row": words.row(found, now),
        "state": words.state(found),
        "people": words.people(found),
        "reported_to": words.reported_to(found),
        "events": words.timeline(found, found.reports.select_related("entered_as__user")),
        "findings": findings,
        "effects": selectors.effects(standing),
        "today": timezone.localdate(now),
        "may_keep": services.keeps(request.user),
        "may_decide": decides,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/incidents/case.html", context)


@require_GET
@requires(Permission.READ_INCIDENTS)
def history(request: SignedInRequest, number: str) -> HttpResponse:
    """What was changed shows what stood, so it is a look at the case."""
    if not request.user.can(Permission.READ_HISTORY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    found = case_of(request, number)
    services.note_look(case=found, by=request.user, now=timezone.now())
    subjects = [
        Subject(
            IncidentCase, IncidentCase.objects.visible_to(request.user).filter(pk=found.pk).values("pk"),
            "事故档案", words={"reported_to": RECIPIENTS},
        ),
        Subject(
            IncidentFinding,
            IncidentFinding.objects.visible_to(request.user).filter(case=found.pk).values("pk"),
            "事故认定", told_by=("nature",),
        ),
    ]  # fmt: skip
    back = (reverse("incident", args=[number]), number)
    return history_response(request, subjects, title=f"{number}改动记录", back=back)
