"""What everybody may read without signing in (信息公示): a kindergarten's posts and qualifications."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from reports.disclosure.rules import FEWEST, Shares
from reports.disclosure.selectors import published
from staffing.models import Education, Title

# A cache between may answer for so long; a page changes when the roster does, some times a month.
KEPT_SECONDS = 600


@login_not_required
@require_GET
@cache_control(public=True, max_age=KEPT_SECONDS)
def public_staff(request: HttpRequest, code: str) -> HttpResponse:
    """The same page for everybody, signed in or not: rendered without the request, so that nothing
    of a person, no token and no script stands in what a cache keeps.
    """
    today = timezone.localdate()
    found = published(code, today)
    if found is None:
        raise Http404
    context = {
        "portal_name": settings.PORTAL_NAME,
        "published": found,
        "today": today,
        "fewest": FEWEST,
        "shares": [
            ("学历", _named(found.education, dict(Education.choices))),
            ("职称", _named(found.titles, dict(Title.choices))),
        ],
    }
    return HttpResponse(render_to_string("reports/disclosure/staff.html", context))


def _named(shares: Shares | None, labels: dict[str, str]) -> list[tuple[str, int]] | None:
    if shares is None:
        return None
    rest = [("其余", shares.rest)] if shares.rest else []
    return [*((labels[level], people) for level, people in shares.named), *rest]
