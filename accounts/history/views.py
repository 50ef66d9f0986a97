"""The audit administrator's pages, and the history of an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import place_in_area
from accounts.history import audit, checks, selectors, services
from accounts.history.audit_filter import WAYS, AuditFilter
from accounts.history.pages import history_response
from accounts.history.resources import ACTS, CHANGES
from accounts.history.sentences import Subject
from accounts.history.tracking import TRACKED
from accounts.jobs.presenters import present
from accounts.models import AccessRecord, HistoryAnchor, HistoryCheck, Job, Membership, User
from accounts.releases.pages import release_response
from accounts.releases.registry import ExportKind
from accounts.sign_in.fresh import fresh_authentication
from accounts.way_back import page_back

ROWS_PER_PAGE = 50
FINDINGS_SHOWN = 20


@require_GET
@requires(Permission.READ_AUDIT)
def acts(request: SignedInRequest) -> HttpResponse:
    """Who signed in, printed, exported, looked at personal data, or was refused."""
    asked = _asked(request)
    place = request.user.acting.organisation.region  # type: ignore[union-attr]
    found: Any = [] if asked.problem else audit.acts(request.user, asked)
    page: Page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    persons = audit.persons_of(list(page))
    return render(
        request,
        "accounts/history/acts.html",
        {
            **_common(request, asked),
            "page_obj": page,
            "rows": [
                (
                    record,
                    audit.act_object(record),
                    persons.get((record.object_kind, record.object_id), ""),
                    audit.act_reason(record),
                    record.shown_address(place),
                )
                for record in page
            ],
            "actions": audit.actions_offered(),
            "outcomes": AccessRecord.Outcome.choices,
        },
        status=422 if asked.problem else 200,
    )


@require_GET
@requires(Permission.READ_AUDIT)
def changes(request: SignedInRequest) -> HttpResponse:
    """Which rows were changed by whom: kinds, numbers and names of fields, no values."""
    asked = _asked(request)
    rows: Any = [] if asked.problem else audit.Changes(request.user, asked)
    page: Page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/history/changes.html",
        {
            **_common(request, asked),
            "page_obj": page,
            "ways": WAYS.items(),
            "kinds": sorted(
                ((m._meta.label_lower, m._meta.verbose_name) for m in TRACKED), key=str
            ),
        },
        status=422 if asked.problem else 200,
    )


@require_GET
@requires(Permission.READ_AUDIT)
@fresh_authentication
def acts_export(request: SignedInRequest, ending: str) -> HttpResponseBase:
    return _release(request, ACTS, ending)


@require_GET
@requires(Permission.READ_AUDIT)
@fresh_authentication
def changes_export(request: SignedInRequest, ending: str) -> HttpResponseBase:
    return _release(request, CHANGES, ending)


def _release(request: SignedInRequest, kind: ExportKind, ending: str) -> HttpResponseBase:
    """The list says at the field what is wrong with the days; no file is made of a wrong list."""
    if _asked(request).problem:
        return redirect(f"{reverse(kind.list_route)}?{request.GET.urlencode()}")
    return release_response(request, kind, ending)


@require_POST
@requires(Permission.READ_AUDIT)
def verification(request: SignedInRequest) -> HttpResponse:
    """Verify the whole history in the background; the page shows how far it is."""
    services.ask_for_verification(by=request.user, now=timezone.now())
    messages.success(request, "已开始核对全部记录，完成后结果显示在下面。")
    return redirect("audit")


@require_GET
@requires(Permission.READ_HISTORY)
def account_history(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Changes of an account and its posts, for those who work with these people."""
    person = get_object_or_404(selectors.people_known_to(request.user), pk=user_id)
    subjects = [
        Subject(User, [person.pk], "账号"),
        Subject(
            Membership,
            selectors.posts_ever(person, by=request.user),
            "任职",
            told_by=("organisation", "role"),
        ),
    ]
    title = f"{person.full_name}账号"
    return history_response(request, subjects, title=title, back=_way_back(request, person))


def _way_back(request: SignedInRequest, person: User) -> tuple[str, str] | None:
    """The page one came from, by the name of the place; else the list the person stands in."""
    address, place = page_back(request), place_in_area(request.user, person)
    if address and place is not None:
        return address, place.name
    acting = request.user.acting
    if acting and acting.is_of_kindergarten and request.user.can(Permission.REQUEST_ACCOUNTS):
        return reverse("account-requests"), "本园人员"
    return None


def _asked(request: SignedInRequest) -> AuditFilter:
    return AuditFilter.from_query(request.GET, timezone.localdate())


def _common(request: SignedInRequest, asked: AuditFilter) -> dict[str, Any]:
    running = (
        Job.objects.visible_to(request.user)
        .filter(kind=services.VERIFY, requested_as=request.user.acting)
        .order_by("-queued_at")
        .first()
    )
    check = HistoryCheck.objects.order_by("-at", "-pk").first()
    return {
        "asked": asked,
        "check": check,
        "findings": audit.findings_in_words(check.shown[:FINDINGS_SHOWN]) if check else [],
        "overdue": checks.is_overdue(timezone.now()),
        "anchor": HistoryAnchor.objects.order_by("-pk").first(),
        "job": present(running, polls=False)
        if running is not None and not running.is_over
        else None,
        "place": request.user.acting.organisation.region,  # type: ignore[union-attr]
    }
