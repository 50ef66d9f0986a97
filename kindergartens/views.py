"""What the registry shows of no single kindergarten: the history of the reporting periods."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.models import ReportingPeriod


@require_GET
@requires(Permission.READ_HISTORY)
def period_history(request: SignedInRequest) -> HttpResponse:
    """Who set or moved the reporting periods of one's area."""
    periods = ReportingPeriod.objects.visible_to(request.user).values("pk")
    return history_response(
        request,
        [Subject(ReportingPeriod, periods, "报送期", told_by=("county", "month"))],
        title="报送期",
    )
