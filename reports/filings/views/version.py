"""A submitted version, read-only: what any printed figure leads back to."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.calendar.selectors import extension_in_force, extensions_of
from kindergartens.models import MonthlyFiling
from kindergartens.policies import NotAllowedNow, check_may_withdraw
from reports.filings import corrections, pre_reviews, selectors, submitted
from reports.filings.checks import COLUMN_LABELS, SECTIONS
from reports.filings.presenters import history
from reports.filings.presenters import version as version_presenter
from reports.filings.presenters.promotion import moved_up
from reports.filings.views.attachments import attachments_context

# Of each section its cells by the form's name: the words, and the field, whose choices stand beside.
SECTION_LABELS = {
    section.label: {
        "cells": {
            section.input_name(row, one.name): [section.label_at(row, one.name), one.name]
            for row, one in section.cells()
        },
        "choices": {one.name: dict(one.choices) for one in section.fields if one.choices},
    }
    for section in SECTIONS.values()
}


@require_GET
@requires(Permission.READ_RETURNS)
def filing_version(request: SignedInRequest, filing_id: int, version: int) -> HttpResponse:
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user).select_related(
            "period__county", "kindergarten__organisation", "town"
        ),
        pk=filing_id,
    )
    row = get_object_or_404(
        filing.versions.select_related("submitted_as__user", "submitted_as__organisation"),
        version=version,
    )
    now = submitted.read_version(row)
    last = submitted.last_submitted(filing.kindergarten, filing.month)
    facts = getattr(row, "facts", None)
    return render(
        request,
        "reports/filings/version.html",
        {
            "filing": filing,
            "version": row,
            "facts": facts,
            "waits_for_town": pre_reviews.waits(filing),
            **version_presenter.content(now, last, list(row.explanations.all())),
            "compare_url": f"{reverse('filing-compare', args=[filing.pk])}"
            f"?from={max(version - 1, 1)}&to={max(version, 2)}",
            "last": last,
            "moved_up": moved_up(last),
            "changes": selectors.changes(now, last),
            "events": history.timeline(filing),
            "counted": corrections.counted_versions(filing),
            "extensions": history.extension_lines(
                extensions_of(filing.kindergarten_id, filing.period_id), timezone.now()
            ),
            **attachments_context(filing, version=version),
            "may_read_history": request.user.can(Permission.READ_HISTORY),
            "may_ask_extension": request.user.can(Permission.FILE_RETURN)
            and version == filing.version
            and _is_shut(filing),
            "may_file": request.user.can(Permission.FILE_RETURN),
            # Under which the form keeps on a device what has not reached the server.
            "device": reverse("filing-edit", args=[filing.pk]),
            "labels": {"columns": COLUMN_LABELS, "sections": SECTION_LABELS},
            "may_withdraw": request.user.can(Permission.FILE_RETURN)
            and version == filing.version
            and _may_withdraw(filing),
        },
    )


@require_GET
@requires(Permission.READ_HISTORY)
def filing_history(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """Every change of a return's state and versions, as the database recorded it."""
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user).select_related("period", "kindergarten"),
        pk=filing_id,
    )
    name = f"{filing.kindergarten}{zhmonth(filing.month)}月报"
    back = None
    if filing.version and request.user.can(Permission.READ_RETURNS):
        back = (reverse("filing-version", args=[filing.pk, filing.version]), name)
    return history_response(
        request, [Subject(MonthlyFiling, [filing.pk], "月报")], title=name, back=back
    )


def _is_shut(filing: MonthlyFiling) -> bool:
    now = timezone.now()
    period = filing.period
    return (
        now >= period.locks_at
        and extension_in_force(filing.kindergarten_id, period.pk, now) is None
    )


def _may_withdraw(filing: MonthlyFiling) -> bool:
    try:
        check_may_withdraw(filing, timezone.now())
    except NotAllowedNow:
        return False
    return True
