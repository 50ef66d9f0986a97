"""The return's form as a page, and saving what a page had in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access.guards import SignedInRequest
from fees.catalogue.rules import banned_name
from kindergartens.calendar.selectors import extensions_of
from kindergartens.models import MonthlyFiling
from reports.filings import selectors, services, submitted, unchanged
from reports.filings.checks import About, Review
from reports.filings.fee_schedules import (
    listed_for_filing,
    moved_charges,
    schedule_of_filing,
    with_offered,
)
from reports.filings.forms import picks_from_post, revision_from_post, upload_from_post
from reports.filings.peer_figures import peers_of_filing
from reports.filings.presenters import explanations, form, history, merged, same, taken_in
from reports.filings.presenters.asked import asked, put_at_fields
from reports.filings.presenters.charges import charges_view
from reports.filings.presenters.definitions import definitions_of
from reports.filings.presenters.promotion import moved_up, names_now, to_type_anew
from reports.filings.presenters.script_rules import day_rules, script_rules
from reports.filings.presenters.sections import section_views
from reports.filings.reviewing import review_beside, to_confirm
from reports.filings.services import Conflicting, StaleRevision, TakenIn
from reports.filings.stated_figures import stated_for_filing
from reports.filings.views.attachments import attachments_context


def save_typed(
    request: SignedInRequest, filing: MonthlyFiling, draft: dict[str, Any], now: dt.datetime
) -> tuple[MonthlyFiling, str]:
    """Save, merged with what another window saved since; the second says what that was.

    Raises Conflicting with the cells that both changed and nobody has picked from.
    """
    revision = revision_from_post(request.POST)
    by = request.user
    try:
        return services.save_draft(
            filing_id=filing.pk, draft=draft, revision=revision, by=by, now=now
        ), ""
    except StaleRevision:
        picks = picks_from_post(request.POST)
        together = services.merge_draft(
            filing_id=filing.pk,
            draft=draft,
            revision=revision,
            picks=picks,
            by=by,
            now=now,
            upload_id=upload_from_post(request.POST),
        )
    if unchanged.without_ticks(together.filing.draft) == unchanged.without_ticks(draft):
        return together.filing, ""
    return together.filing, merged.taken_over(
        together.merged.taken, together.savers, together.filing.draft
    )


def form_page(
    request: SignedInRequest,
    filing: MonthlyFiling,
    draft: Mapping[str, Any],
    now: dt.datetime,
    *,
    refused: Review | None = None,
    refusal: str = "",
    file_refusal: str = "",
    conflict: Conflicting | None = None,
    locked: str = "",
    taken: TakenIn | None = None,
    book_refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, with what was typed kept whatever happened.

    `taken`: what an uploaded workbook brought; `book_refusal`: why it brought nothing.
    """
    last = submitted.last_submitted(filing.kindergarten, filing.month)
    peers, stated = peers_of_filing(filing), stated_for_filing(filing)
    schedule = schedule_of_filing(filing)
    listed = listed_for_filing(filing)
    draft = with_offered(draft, schedule)
    review = refused or review_beside(
        last,
        filing.month,
        draft,
        peers=peers,
        stated=stated,
        schedule=schedule,
        listed=listed,
        reference_date=filing.period.reference_date,
        now=now,
    )
    earlier = selectors.earlier_explanations(filing.kindergarten, filing.month)
    grades = form.grades(review, last, earlier, filing.month)
    sections = section_views(review, last, refused=refused is not None)
    reason, reasons = asked(filing, draft)
    put_at_fields(reasons, grades, sections.values())
    open_errors, open_notes = form.open_counts(review, refused=refused is not None)
    extensions = extensions_of(filing.kindergarten_id, filing.period_id)
    in_force = max(
        (one for one in extensions if one.is_in_force(now)), key=lambda one: one.until, default=None
    )
    url = reverse("filing-edit", args=[filing.pk])
    return render(
        request,
        "reports/filings/edit.html",
        {
            "filing": filing,
            "period": filing.period,
            "since": "上月" if last is None else last.called_in(filing.month),
            "moved_up": moved_up(last),
            "names_now": names_now(last.promotion) if last and last.promotion else "",
            "to_type_anew": to_type_anew(last.promotion) if last and last.promotion else "",
            "grades": grades,
            "whole_explanations": explanations.whole_explanations(
                review, last, earlier, filing.month
            ),
            "whole_found": any(one.check.about == About.WHOLE for one in review.warnings),
            "same": same.boxes(draft, last),
            "to_confirm": to_confirm(last, draft),
            "days_open": {
                "value": review.days_open.raw,
                "errors": [review.days_open.error] if refused and review.days_open.error else [],
            },
            "working_days": submitted.working_days(filing.month),
            "definitions": definitions_of(filing.period),
            # Attendance begins empty: that is no error before somebody wants to submit.
            "not_refused": not refused,
            "sections": sections,
            "charges": (
                charges_view(
                    sections["charges"],
                    schedule,
                    review,
                    earlier,
                    filing.month,
                    moved_charges(filing, draft, schedule),
                    partial(banned_name, on=filing.period.reference_date, listed=listed),
                )
                if "charges" in sections
                else None
            ),
            "now": now,
            "totals": form.totals(review, last),
            "errors": form.errors(review) if refused else [{"text": refusal}] * bool(refusal),
            "may_be_submitted": review.may_be_submitted,
            "open_errors": open_errors,
            "open_notes": open_notes,
            "choices": (
                merged.choices(conflict.merged.conflicts, conflict.savers, draft)
                if conflict
                else []
            ),
            # Still the one this side began with: what both changed is picked against it.
            "revision": conflict.revision if conflict else filing.revision,
            "upload_id": conflict.upload_id if conflict else 0,
            "from_book": taken is not None or (conflict is not None and bool(conflict.upload_id)),
            "taken": None if taken is None else taken_in.shown(taken, draft),
            "book_refusal": book_refusal,
            "book_url": reverse("filing-workbook", args=[filing.pk]),
            "is_locked_reason": locked,
            "may_ask_extension": now >= filing.period.locks_at,
            "return_reason": reason,
            "asked": reasons,
            "remarks": review.remarks,
            **attachments_context(filing, error=file_refusal),
            "deadline_text": "" if locked else form.deadline_text(filing.period, now, in_force),
            "extensions": history.extension_lines(extensions, now),
            "rules": script_rules(
                filing.month,
                last,
                peers,
                stated,
                days=day_rules(filing.period, now),
                has_schedule=bool(schedule),
            ),
            "save_url": url,
            "submit_url": url,
        },
        status=status,
    )
