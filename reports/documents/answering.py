"""A PDF as the answer to a request."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A file to keep, under its Chinese name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    # Should a browser show it after all, it runs nothing and loads nothing.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
