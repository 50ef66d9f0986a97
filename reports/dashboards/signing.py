"""Who filed each return of an explanation, and who accepted it: for those who may open it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from accounts import formatting
from accounts.access.scope import REGION_CHECKED
from indicators.selectors import Contribution
from kindergartens.models import FilingEvent, FilingVersion


def signed(rows: Iterable[Contribution], readable: Collection[int]) -> dict[tuple[int, int], str]:
    """By return and version, e.g. 王五10月9日报送，李四10月10日接收. Two queries."""
    asked = {(row.filing_id, row.version): row for row in rows if row.filing_id in readable}
    if not asked:
        return {}
    filings = {filing for filing, _ in asked}
    versions = FilingVersion.objects.unscoped(REGION_CHECKED).filter(filing__in=filings)
    filed = {
        (version.filing_id, version.version): (
            f"{version.submitted_as.user.full_name}"
            f"{formatting.zhdate(version.submitted_at, short=True)}报送"
        )
        for version in versions.select_related("submitted_as__user")
    }
    events = FilingEvent.objects.unscoped(REGION_CHECKED).filter(
        filing__in=filings, action=FilingEvent.Action.ACCEPTED
    )
    accepted = {
        (event.filing_id, event.version): event.done_as.user.full_name
        for event in events.select_related("done_as__user")
    }
    return {
        key: f"{filed[key]}，{accepted.get(key, '')}"
        f"{formatting.zhdate(row.accepted_at, short=True)}接收"
        for key, row in asked.items()
    }
