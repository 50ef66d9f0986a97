"""What every response tells the browser not to do: files, redirects and error pages alike."""

from __future__ import annotations

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponse]

# The portal uses none of what a browser can lend to a page.
REFUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in REFUSED_FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# Not "cookies": that would sign people out of every other system under the same domain.
FORGET_AT_SIGN_OUT = '"cache", "storage"'
SIGN_OUT_ROUTE = "logout"


class PortalHeadersMiddleware:
    """Outermost but for the request's number: nothing leaves without these headers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        match = request.resolver_match
        if match is not None:
            # WhiteNoise's files resolve to no route and may be kept; pages say so themselves.
            response.headers.setdefault("Cache-Control", "no-store, private")
            if match.url_name == SIGN_OUT_ROUTE and request.method == "POST":
                response["Clear-Site-Data"] = FORGET_AT_SIGN_OUT
        elif response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class PortalCSPMiddleware(CSPMiddleware):
    """Lets scripts run in pages only, and there only those that carry this response's nonce."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.nonce is None and not report_only:
            # A page without a script tag, a file, a redirect: no script at all.
            parts.replace = {**(parts.replace or {}), "script-src": ["'none'"]}
        return parts
