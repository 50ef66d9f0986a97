"""The director's side: the months, the form, saving and submitting."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from kindergartens import policies
from kindergartens.models import MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import own_months, pre_reviews, services
from reports.filings.checks import AGES, GRADE_LABELS, MORE, MOST_CLASSES, SEXES
from reports.filings.forms import draft_from_post
from reports.filings.presenters import form, history
from reports.filings.self_checks import left_to_do
from reports.filings.services import Conflicting, NotSubmittable, StaleRevision, TooMuchText
from reports.filings.views.attachments import take_file
from reports.filings.views.form_page import form_page, save_typed
from reports.filings.views.own import own_filing, own_kindergarten

# The button that takes away a class names it by its prefix.
REMOVED = re.compile(r"^class-(\d{1,4})$")


@require_GET
@requires(Permission.FILE_RETURN)
def my_filings(request: SignedInRequest) -> HttpResponse:
    """The months of the own kindergarten, the one to fill in on top."""
    kindergarten = own_kindergarten(request)
    now = timezone.now()
    lines = own_months.own_months(kindergarten, now=now)
    urges = own_months.urges_by_period(kindergarten)
    open_lines = [line for line in lines if line.may_be_filled_in(now)]
    return render(
        request,
        "reports/filings/mine.html",
        {
            "kindergarten": kindergarten,
            "lines": lines,
            "may_ask": {line.period.pk for line in lines if line.may_ask_for_longer(now)},
            "to_do": [
                {
                    "line": line,
                    "deadline": form.deadline_text(line.period, now, line.extension),
                    "urges": urges.get(line.period.pk, []),
                    "reason": history.latest_reasons(line.filing)[0] if line.filing else "",
                }
                for line in open_lines
            ],
            "now": now,
            "self_checks": left_to_do(request.user, kindergarten, timezone.localdate(now)),
        },
    )


@require_POST
@requires(Permission.FILE_RETURN)
def open_filing(request: SignedInRequest) -> HttpResponse:
    """Begin (or go on with) a month's return."""
    kindergarten = own_kindergarten(request)
    number = request.POST.get("period", "")
    if not number.isdecimal() or len(number) > 9:
        raise Http404("没有这个报送期")
    period = get_object_or_404(own_months.periods_of(kindergarten), pk=int(number))
    try:
        filing = services.open_filing(
            kindergarten=kindergarten, period=period, by=request.user, now=timezone.now()
        )
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
        return redirect("my-filings")
    return redirect("filing-edit", filing.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def edit_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """The form. A script saves as you type and asks for JSON; without it every button posts."""
    filing = own_filing(request, filing_id)
    now = timezone.now()
    if request.method == "POST":
        if request.accepts("text/html"):
            return _save_and_go_on(request, filing, now)
        return _autosave(request, filing, now)
    try:
        policies.check_may_edit(filing, now)
    except NotAllowedNow as refusal:
        if filing.state in {MonthlyFiling.State.SUBMITTED, MonthlyFiling.State.ACCEPTED}:
            messages.info(request, str(refusal))
            return redirect("filing-version", filing.pk, filing.version)
        return form_page(request, filing, filing.draft, now, locked=str(refusal))
    return form_page(request, filing, filing.draft, now)


def _autosave(request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime) -> HttpResponse:
    """{revision, saved_at, locked}, or 409 with a sentence when it cannot be saved.

    `locked` says why what was saved cannot be submitted (any more), and who can change that;
    `merged` what another window had changed meanwhile: the script then shows the form anew.
    """
    try:
        filing, came_in = save_typed(request, filing, draft_from_post(request.POST), now)
    except Conflicting as conflict:
        number = len(conflict.merged.conflicts)
        at = timezone.localtime(conflict.filing.updated_at)
        message = (
            f"没有保存：{at:%H:%M}在另一个窗口也改了这里改的{number}处。"
            "按“存草稿”，逐格选用哪个，这里填的不会丢"
        )
        return JsonResponse({"message": message}, status=409)
    except (NotAllowedNow, TooMuchText) as refusal:
        return JsonResponse({"message": f"没有保存：{refusal}"}, status=409)
    return JsonResponse(
        {
            "revision": filing.revision,
            "saved_at": now.isoformat(),
            "merged": came_in,
            "locked": _locked_reason(filing, now),
        }
    )


def _locked_reason(filing: MonthlyFiling, now: dt.datetime) -> str:
    try:
        policies.check_may_edit(filing, now)
    except NotAllowedNow as refusal:
        return str(refusal)
    return ""


def _save_and_go_on(
    request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime
) -> HttpResponse:
    """Save first, then submit if that was the button. What was typed comes back whatever fails."""
    draft, added = _with_rows_changed(draft_from_post(request.POST), request.POST)
    try:
        filing, came_in = save_typed(request, filing, draft, now)
        _change_attachments(request, filing, now)
        if came_in:
            # Nobody submits what they have not seen.
            unsent = "请看过再提交。" if request.POST.get("action") == "submit" else ""
            messages.warning(request, came_in + unsent)
        if came_in or request.POST.get("action") != "submit":
            return _back_to_form(request, filing, added)
        version = services.submit(
            filing_id=filing.pk, revision=filing.revision, by=request.user, now=now
        )
    except NotSubmittable as incomplete:
        return form_page(request, filing, draft, now, refused=incomplete.review, status=422)
    except Conflicting as conflict:
        return form_page(
            request, conflict.filing, conflict.merged.draft, now, conflict=conflict, status=409
        )
    except StaleRevision:
        # Saved elsewhere since the lines above: what both windows typed is in the draft already.
        messages.warning(request, "没有提交：另一个窗口刚才也改了，请看过再提交。")
        return _back_to_form(request, filing, added)
    except TooMuchText as refusal:
        return form_page(request, filing, draft, now, refusal=str(refusal), status=422)
    except FileRefused as refusal:
        return form_page(request, filing, draft, now, file_refusal=refusal.reason, status=422)
    except NotAllowedNow as refusal:
        return form_page(request, filing, draft, now, locked=str(refusal), status=409)
    late = "（迟报）" if version.submitted_at > filing.period.due_at else ""
    office = "乡镇街道初审" if pre_reviews.waits(filing) else "教育局审核"
    messages.success(
        request,
        f"{filing.month.month}月月报已提交{late}，等{office}。接收前可以撤回修改。",
    )
    return redirect("filing-version", filing.pk, version.version)


def _change_attachments(request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime) -> None:
    """The files chosen and the one taken away, for browsers without a script."""
    gone = request.POST.get("detach", "")
    if gone:
        with suppress(ValueError):
            services.detach(filing_id=filing.pk, attachment_id=UUID(gone), by=request.user, now=now)
    for upload in request.FILES.getlist("attachments"):
        try:
            take_file(request, filing, upload, now)
        except NotAllowedNow as refusal:
            raise FileRefused("not-now", str(refusal)) from None


def _back_to_form(
    request: SignedInRequest, filing: MonthlyFiling, added: int | None
) -> HttpResponse:
    """The saved form again, at the class that was added if one was."""
    if request.POST.get("action") == "save":
        messages.success(request, "已存草稿，可以关闭页面，下次接着填。")
    place = "" if added is None else f"#class-{added}-name"
    if request.POST.get("action") == "attach" or "detach" in request.POST:
        place = "#attachments"
    return redirect(f"{reverse('filing-edit', args=[filing.pk])}{place}")


def _with_rows_changed(
    draft: dict[str, Any], post: Mapping[str, Any]
) -> tuple[dict[str, Any], int | None]:
    """The buttons that add a class to a grade or take one away; with the added one's number."""
    classes = draft["classes"]
    removed = REMOVED.match(str(post.get("remove", "")))
    if removed and int(removed.group(1)) < len(classes):
        del classes[int(removed.group(1))]
    if post.get("add") not in GRADE_LABELS or len(classes) >= MOST_CLASSES:
        return draft, None
    blank = dict.fromkeys(("name", *SEXES, *AGES, *MORE), "")
    classes.append({**blank, "grade": str(post["add"]), "explanations": {}})
    return draft, len(classes) - 1


@require_POST
@requires(Permission.FILE_RETURN)
def withdraw_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = own_filing(request, filing_id)
    try:
        services.withdraw(filing_id=filing.pk, by=request.user, now=timezone.now())
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
        return redirect("filing-version", filing.pk, filing.version)
    messages.success(request, "已撤回，请修改后重新提交。锁定前没有重新提交的，按未报计。")
    return redirect("filing-edit", filing.pk)
