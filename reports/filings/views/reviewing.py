"""The page on which a submitted return is read: the bureau's, and the town's before it."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.access.permissions import Permission
from kindergartens.calendar.selectors import extensions_of
from kindergartens.models import FilingExplanation, MonthlyFiling
from reports.filings import corrections, pre_reviews, selectors, submitted
from reports.filings.checks.catalogue import Finding
from reports.filings.checks.statistics import FIGURES as OF_STATISTICS
from reports.filings.peer_figures import peers_of_filing
from reports.filings.presenters import comparison as comparing
from reports.filings.presenters import history
from reports.filings.presenters import version as version_presenter
from reports.filings.presenters.promotion import moved_up
from reports.filings.reviewing import review_beside
from reports.filings.self_checks import beside_answers
from reports.filings.stated_figures import stated_for_filing
from reports.filings.views.attachments import attachments_context


def review_page(
    request: SignedInRequest,
    filing_id: int,
    *,
    reasons: dict[str, str] | None = None,
    reason: str = "",
    not_waiting: str = "",
    for_town: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """One return with what changed and a place for a reason at every field.

    `for_town`: as the town sees it, which passes on or sends back what waits for it. `reasons`,
    `reason` and `not_waiting` are what was typed, where it could not be done.
    """
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user).select_related(
            "period__county", "kindergarten__organisation__region", "town"
        ),
        pk=filing_id,
    )
    version = get_object_or_404(
        filing.versions.select_related("submitted_as__user", "submitted_as__organisation"),
        version=filing.version,
    )
    now = timezone.now()
    waits_for_town = pre_reviews.waits(filing)
    content = submitted.read_version(version)
    last = submitted.last_submitted(filing.kindergarten, filing.month)
    reasons = reasons or {}
    changes = [
        replace(change, reason=reasons.get(change.key, ""))
        for change in selectors.changes(content, last)
    ]
    explanations = list(version.explanations.all())
    is_waiting = waits_for_town if for_town else filing.state == MonthlyFiling.State.SUBMITTED
    is_accepted = not for_town and filing.state == MonthlyFiling.State.ACCEPTED
    checked = beside_answers(filing.kindergarten, filing.month, timezone.localdate(now))
    rows = version_presenter.content(content, last, explanations, checked)
    # After a resubmission: what changed since the version that was sent back, and no more.
    returned = comparing.returned_before(filing, version)
    comparison = None
    if returned is not None and request.GET.get("against") != "month":
        comparison = comparing.with_reasons(comparing.compare(filing, returned, version), reasons)
    shown = {line.key for line in (changes if comparison is None else comparison.lines)}
    unchanged = version_presenter.reason_fields(rows, shown, reasons)
    # What was submitted, not what the director may be typing now.
    review = review_beside(
        last,
        filing.month,
        submitted.to_check(content),
        peers=peers_of_filing(filing),
        stated=stated_for_filing(filing),
    )
    return render(
        request,
        "reports/filings/review.html",
        {
            "filing": filing,
            "version": version,
            **rows,
            "last": last,
            "moved_up": moved_up(last),
            "changes": changes,
            "comparison": comparison,
            "returned": returned,
            "unchanged": unchanged,
            "other_reasons": any(item.reason for item in unchanged),
            # What has its reason says it with the reason, as it was read when it was typed.
            "warnings": [
                one.sentence
                for found in (review.warnings, *(row.warnings for row in review.classes))
                for one in found
                if not any(_is_about(each, one) for each in explanations)
            ],
            "notes": [row for row in content.classes.values() if row.note],
            "events": history.timeline(filing),
            "counted": corrections.counted_versions(filing),
            "extensions": history.extension_lines(
                extensions_of(filing.kindergarten_id, filing.period_id), now
            ),
            "for_town": for_town,
            "waits_for_town": waits_for_town,
            "passed_on": pre_reviews.pre_reviewed([filing.pk]).get(filing.pk),
            "not_waiting": not_waiting,
            "may_extend": now >= filing.period.locks_at
            and request.user.can(Permission.MANAGE_PERIODS),
            **attachments_context(filing, version=version.version),
            "reason": reason,
            "error": error,
            "is_waiting": is_waiting,
            "is_accepted": is_accepted,
            # Somebody was quicker, and there is nothing left to send: to be copied, not lost.
            "unsent": []
            if is_waiting or is_accepted
            else _typed(reasons, reason, not_waiting, content, for_town=for_town),
        },
        status=status,
    )


def _is_about(explanation: FilingExplanation, finding: Finding) -> bool:
    """Whether the reason was written for this finding.

    The annual statistics may have been imported or mended since: then it was for other figures, and
    says so in its own sentence.
    """
    if explanation.key != finding.key:
        return False
    return finding.code not in OF_STATISTICS or explanation.figures == finding.figures


def _typed(
    reasons: dict[str, str],
    reason: str,
    not_waiting: str,
    content: submitted.Submitted,
    *,
    for_town: bool,
) -> list[tuple[str, str]]:
    """What somebody wrote on the page, each with the name of its place."""
    written = [
        ("初审意见" if for_town else "总的退回原因", reason),
        ("不等乡镇初审的理由", not_waiting),
        *((history.field_label(key, content.parts), text) for key, text in reasons.items()),
    ]
    return [(label, text) for label, text in written if text]
