"""What every answer of the portal carries, and what no page of it holds.

The matrix (tests/access/test_matrix.py) looks at each answer that anybody meets on any route.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.http import HttpResponse
from django.urls import reverse

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ADDRESSES = {"src", "href", "action", "formaction", "poster", "data", "srcset"} | {
    f"hx-{method}" for method in ("get", "post", "put", "patch", "delete")
}
ALWAYS_NONE = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")


class Page(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def policy_of(response: HttpResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def check_headers(response: HttpResponse, where: str, *, kept: bool = False) -> None:
    """`kept`: a cache may keep the answer, which is the same for everybody."""
    for name, value in EVERYWHERE.items():
        assert response.get(name) == value, f"{where}: {name}"
    assert "Access-Control-Allow-Origin" not in response, where
    assert "geolocation=()" in response.get("Permissions-Policy", ""), where
    policy = policy_of(response)
    if "sandbox" in policy:
        assert policy["default-src"] == "'none'", where
    else:
        for promise in ALWAYS_NONE:
            name, _, value = promise.partition(" ")
            assert policy.get(name) == value, f"{where}: {name}"
        assert policy["form-action"] == "'self'", where
        assert policy["report-uri"] == reverse("csp-report"), where
    for directive, sources in policy.items():
        for loose in ("unsafe-inline", "unsafe-eval", "*", "http:", "https:"):
            assert loose not in sources, f"{where}: {directive} {sources}"
    assert response.get("X-Request-ID"), where
    if not response.streaming:
        assert ("public" if kept else "no-store") in response.get("Cache-Control", ""), where


def check_page(response: HttpResponse, where: str) -> None:
    """No script without the nonce, nothing inline, no other host."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return
    html = response.content.decode()
    policy = policy_of(response)
    for tag, attributes in Page(html).tags:
        assert tag not in {"style", "base", "iframe", "object", "embed"}, f"{where}: <{tag}>"
        if tag == "script":
            assert attributes.get("src"), f"{where}: inline script"
            assert f"'nonce-{attributes.get('nonce')}'" in policy["script-src"], where
        for name, value in attributes.items():
            assert name != "style", f"{where}: style on <{tag}>"
            assert not name.startswith(("on", "hx-on")), f"{where}: {name}"
            if name in ADDRESSES:
                plain = (value or "").strip().lower()
                assert not plain.startswith(("//", "javascript:", "data:text")), f"{where}: {value}"
                assert not re.match(r"[a-z]+://", plain), f"{where}: {value}"
    # Namespaces of drawings are names, not addresses.
    outside = re.sub(r'xmlns(:\w+)?="http://www\.w3\.org/[^"]*"', "", html)
    outside = outside.replace("http://testserver", "")
    assert not re.search(r"(?<![:\w])//[a-z0-9-]+\.[a-z]", outside), where
    assert not re.search(r"https?://[a-z0-9]", outside), where
