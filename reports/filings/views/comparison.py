"""Any two versions of a return beside each other, at an address that can be passed on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from kindergartens.models import FilingVersion, MonthlyFiling
from reports.filings.presenters import comparison as comparing


@require_GET
@requires(Permission.READ_RETURNS)
def compare_versions(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """`?from=1&to=3`; without them the newest against the one before. The older stands first."""
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user).select_related("kindergarten", "town"),
        pk=filing_id,
    )
    versions = list(filing.versions.select_related("submitted_as__user").order_by("version"))
    older, newer = _chosen(request, versions)
    comparison = None
    if older is not None and newer is not None and older != newer:
        comparison = comparing.compare(filing, older, newer)
    own = request.user.can(Permission.FILE_RETURN)
    reviews = request.user.can(Permission.REVIEW_RETURNS)
    month = zhmonth(filing.month)
    back = reverse("filing-review", args=[filing.pk])
    if not reviews and filing.version:
        back = reverse("filing-version", args=[filing.pk, filing.version])
    return render(
        request,
        "reports/filings/compare.html",
        {
            "filing": filing,
            "versions": versions,
            "older": older,
            "newer": newer,
            "comparison": comparison,
            "crumbs": [
                {"label": "本园月报", "url": reverse("my-filings")} if own
                else {"label": f"{filing.kindergarten.name}{month}月报", "url": back},
                {"label": "两版比较", "url": ""},
            ],
            "back": back,
        },
    )  # fmt: skip


def _chosen(
    request: SignedInRequest, versions: list[FilingVersion]
) -> tuple[FilingVersion | None, FilingVersion | None]:
    """The two that the address names, put in order; the two newest where it names none."""
    by_number = {str(version.version): version for version in versions}
    newest = versions[-1] if versions else None
    before = versions[-2] if len(versions) > 1 else newest
    pair = [
        by_number.get(request.GET.get("from", "")) or before,
        by_number.get(request.GET.get("to", "")) or newest,
    ]
    if pair[0] is not None and pair[1] is not None and pair[0].version > pair[1].version:
        pair.reverse()
    return pair[0], pair[1]
