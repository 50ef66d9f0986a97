"""The jobs page: what runs, what failed and why, and how to try again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.jobs import services
from accounts.jobs.presenters import present
from accounts.models import Job
from accounts.sign_in.duties import in_background

JOBS_PER_PAGE = 20

# What the tabs choose: a code for the address, a word, and the states it gathers.
TABS: tuple[tuple[str, str, tuple[Job.State, ...]], ...] = (
    ("", "全部", tuple(Job.State)),
    ("open", "进行中", (Job.State.QUEUED, Job.State.RUNNING)),
    ("failed", "没有完成", (Job.State.FAILED, Job.State.DEAD)),
    ("done", "已完成", (Job.State.DONE,)),
)


@require_GET
@requires(Permission.READ_JOBS)
def job_list(request: SignedInRequest) -> HttpResponse:
    sees_all = request.user.can(Permission.MANAGE_JOBS)
    visible = Job.objects.visible_to(request.user)
    counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    chosen = request.GET.get("state", "")
    states = next((states for code, _, states in TABS if code == chosen), tuple(Job.State))
    jobs = visible.filter(state__in=states).with_requester().order_by("-queued_at", "pk")
    page = Paginator(jobs, JOBS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/jobs/list.html",
        {
            "sees_all": sees_all,
            "page_obj": page,
            "jobs": [
                present(job, polls=False, names_requester=sees_all, offers_result=not sees_all)
                for job in page
            ],
            "anything_open": any(not job.is_over for job in page),
            "state": chosen,
            "tabs": [
                {
                    "label": word,
                    "url": f"?state={code}" if code else request.path,
                    "count": sum(counts.get(state, 0) for state in states),
                    "active": code == chosen,
                }
                for code, word, states in TABS
            ],
        },
    )


@in_background
@require_GET
@requires(Permission.READ_JOBS)
def job_progress(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """The fragment that replaces itself while the job runs."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    shown = present(job, offers_result=not request.user.can(Permission.MANAGE_JOBS))
    response = render(request, "_components/job.html", {"job": shown})
    if job.is_over:
        # Pages that list what the job made may listen for this.
        response["HX-Trigger"] = "job-over"
    return response


@require_POST
@requires(Permission.READ_JOBS)
def retry_job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    try:
        services.retry(job=job, by=request.user, now=timezone.now())
    except services.NotRetryable as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{job.title}”已重新排队。")
    return redirect("jobs")
