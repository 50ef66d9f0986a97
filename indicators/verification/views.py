"""数据核验 and 重算记录: are the stored figures right, what differs, and what was computed when."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhmonth
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.sign_in.duties import in_background
from indicators.models import FigureDrift
from indicators.services import runs, verify
from indicators.verification import presenters
from indicators.verification.forms import RepairForm
from indicators.verification.selectors import (
    drifts_seen,
    last_verification,
    province_of,
    runs_seen,
)

ROWS_PER_PAGE = 50
TABS = (("", "待处理"), ("settled", "已处理"))


@require_GET
@requires(Permission.VERIFY_FIGURES)
def checks(request: SignedInRequest) -> HttpResponse:
    """The last verification, and every row that was found to differ."""
    visible = drifts_seen(request.user)
    standing = visible.standing()
    settled = visible.filter(settled_at__isnull=False).order_by("-settled_at", "pk")
    chosen = "settled" if request.GET.get("state") == "settled" else ""
    page = Paginator(settled if chosen else standing, ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    last = last_verification(request.user)
    counts = {"": standing.count(), "settled": settled.count()}
    context = {
        "last": presenters.run_shown(last, polls=True) if last else None,
        "region": home_region(request.user),
        "page_obj": page,
        "rows": [presenters.drift_shown(drift) for drift in page],
        "state": chosen,
        "tabs": [
            {
                "label": label, "url": f"?state={code}" if code else request.path,
                "count": counts[code], "active": code == chosen,
            }
            for code, label in TABS
        ],
    }  # fmt: skip
    return render(request, "indicators/verification/checks.html", context)


@require_GET
@requires(Permission.VERIFY_FIGURES)
def run_list(request: SignedInRequest) -> HttpResponse:
    """What was computed when, for what reason, and how it ended."""
    page = Paginator(runs_seen(request.user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [presenters.run_row(run) for run in page]}
    return render(request, "indicators/verification/runs.html", context)


@in_background
@require_GET
@requires(Permission.VERIFY_FIGURES)
def progress(request: SignedInRequest, run_id: int) -> HttpResponse:
    """The fragment that replaces itself while a verification goes on."""
    run = get_object_or_404(runs_seen(request.user), pk=run_id)
    shown = presenters.run_shown(run, polls=True)
    return render(request, "_components/job.html", {"job": shown})


@require_POST
@requires(Permission.VERIFY_FIGURES)
def start(request: SignedInRequest) -> HttpResponse:
    """Verify every month now, of one's own province; goes on where a stopped one was."""
    runs.start_verification(
        now=timezone.now(),
        province=province_of(home_region(request.user)),
        asked_as=request.user.acting,
    )
    messages.success(request, "已开始核验，完成后这一页会写明结果，不用守在这里。")
    return redirect("figure-checks")


@require_http_methods(["GET", "POST"])
@requires(Permission.VERIFY_FIGURES)
def repair_drift(request: SignedInRequest, drift_id: int) -> HttpResponse:
    """Compute a listed row anew, with a reason that history keeps."""
    drift = get_object_or_404(drifts_seen(request.user).standing(), pk=drift_id)
    form = RepairForm(request.POST if request.method == "POST" else None)
    post = request.user.acting
    if request.method == "POST" and form.is_valid() and post is not None:
        agree = verify.repair(
            drift=drift, reason=form.cleaned_data["reason"], asked_as=post, now=timezone.now()
        )
        if agree:
            messages.success(
                request, f"已重算{drift.region}{zhmonth(drift.month)}，{agree}处差异已一致。"
            )
        else:
            messages.error(
                request,
                f"重算了{drift.region}{zhmonth(drift.month)}，还是不一致。请先处理它下级地区的差异，再试一次。",
            )
        return redirect("figure-checks")
    shown = presenters.drift_shown(drift)
    context = {
        "form": form,
        "title": "重算有差异的数",
        "crumbs": [{"label": "数据核验", "url": reverse("figure-checks")}, {"label": "重算"}],
        "back": reverse("figure-checks"),
        "sub": f"{shown.place}{zhmonth(drift.month)}。{shown.told}。重算后，已经印发的材料不会跟着变。",
        "submit": "重算",
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.VERIFY_FIGURES)
def history(request: SignedInRequest, drift_id: int) -> HttpResponse:
    drift = get_object_or_404(drifts_seen(request.user), pk=drift_id)
    subject = Subject(
        FigureDrift,
        FigureDrift.objects.visible_to(request.user).filter(pk=drift.pk).order_by().values("pk"),
        "数据差异",
    )
    return history_response(
        request, [subject], title="数据差异改动", back=(reverse("figure-checks"), "数据核验")
    )
