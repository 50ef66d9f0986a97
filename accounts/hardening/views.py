"""Where browsers report what the content policy stopped."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger(__name__)

LONGEST_REPORT = 8_192
KEPT = ("effective-directive", "violated-directive", "blocked-uri", "document-uri", "line-number")
SPELLED = {
    "effectiveDirective": "effective-directive",
    "blockedURL": "blocked-uri",
    "documentURL": "document-uri",
    "lineNumber": "line-number",
}


# A browser sends these by itself, without a form: there is no token, and nothing to forge.
@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log a report without the addresses' query strings. 204 for anything that is one, else 400."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LONGEST_REPORT:
        return HttpResponse(status=413)
    try:
        sent = json.loads(request.read(LONGEST_REPORT + 1))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in _reports(sent):
        logger.warning("Content policy violation", extra={"report": report})
    return HttpResponse(status=204)


def _reports(sent: Any) -> list[dict[str, str]]:
    """Both ways of writing reports: the older single one, and the newer list."""
    bodies = (
        [entry.get("body") for entry in sent[:10] if isinstance(entry, dict)]
        if isinstance(sent, list)
        else [sent.get("csp-report") if isinstance(sent, dict) else None]
    )
    kept = []
    for body in bodies:
        if isinstance(body, dict):
            named = {SPELLED.get(name, name): value for name, value in body.items()}
            kept.append(
                {name: str(named[name]).partition("?")[0][:200] for name in KEPT if name in named}
            )
    return kept
