"""Accepting the returns in which there is nothing to read, together."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.jobs.presenters import present
from accounts.models import Job
from kindergartens.models import MonthlyFiling
from reports.filings.board import accepting
from reports.filings.board.forms import returns_from_post
from reports.filings.board.models import BulkAcceptance
from reports.filings.board.reading import read_through, waiting_returns
from reports.filings.board.views.board import found_board


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_RETURNS)
def accept_plain(request: SignedInRequest) -> HttpResponse:
    """The returns that wait: those to accept together, and those to read one by one and why."""
    board = found_board(request)
    if board.asked is None:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            job = accepting.ask_to_accept(
                month=board.asked.month,
                seen=returns_from_post(request.POST),
                by=request.user,
                now=timezone.now(),
            )
        except accepting.NothingToAccept as refusal:
            error = str(refusal)
        else:
            return redirect("filings-accepted", job.pk)
    where = board.asked.where() & board.groups.rows(kindergarten="kindergarten", town="town")
    found = waiting_returns(request.user, board.asked.month, where)
    readings = read_through(found)
    plain = [one for one in readings if one.is_plain]
    return render(
        request,
        "reports/filings/board/accept.html",
        {
            "asked": board.asked,
            "plain": plain[: accepting.MOST_AT_ONCE],
            "more": max(0, len(plain) - accepting.MOST_AT_ONCE),
            "total": len(readings),
            "for_town": sum(one.waits_for_town for one in readings),
            "to_read": [one for one in readings if not one.is_plain],
            "groups": board.groups,
            "error": error,
        },
        status=422 if error else 200,
    )


@require_GET
@requires(Permission.REVIEW_RETURNS)
def filings_accepted(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """How far the job is, then what became of each return."""
    done = (
        BulkAcceptance.objects.visible_to(request.user)
        .select_related("accepted_as__user")
        .filter(job=job_id)
        .first()
    )
    if done is None:
        job = get_object_or_404(
            Job.objects.visible_to(request.user), pk=job_id, kind=accepting.JOB_KIND
        )
        return render(request, "reports/filings/board/accepted.html", {"job": present(job)})
    own = MonthlyFiling.objects.visible_to(request.user)
    seen = set(own.filter(pk__in=[one[0] for one in done.results]).values_list("pk", flat=True))
    rows = [
        {"filing": pk, "version": version, "name": name, "reason": reason, "opens": pk in seen}
        for pk, version, name, reason in done.results
    ]
    return render(
        request,
        "reports/filings/board/accepted.html",
        {
            "done": done,
            "accepted": [row for row in rows if not row["reason"]],
            "left_out": [row for row in rows if row["reason"]],
        },
    )
