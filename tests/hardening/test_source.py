"""What the code itself must not contain: a way round escaping, scope or the query builder (T24)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "config", "fees", "indicators", "inspections", "kindergartens", "reports", "safety", "staffing")  # fmt: skip
CODE = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

FORBIDDEN = {
    "parameters as keyword arguments": r"\*\*\s*(?:self\.)?request\.(?:GET|POST|FILES)",
    "raw pieces of SQL": r"\.extra\(|RawSQL\(",
    "lookups named by a request": r"order_by\(\s*request\.|filter\(\*\*\{\s*request",
    "unsafe loading": r"\bpickle\.loads?\(|yaml\.load\(|marshal\.loads?\(",
    "switched-off verification": r"verify\s*=\s*False",
    "the address taken past the proxies": r"META(?:\.get\(|\[)\s*[\"'](?:REMOTE_ADDR|HTTP_X_FORWARDED_FOR|HTTP_X_REAL_IP)",
}
# Python that writes HTML past the templates: packaged drawings, and pieces already escaped.
MAY_MARK_SAFE = {"accounts/templatetags/ui.py", "reports/documents/charts.py"}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_code_has_none_of(what: str) -> None:
    found = [
        str(path.relative_to(ROOT)) for path in CODE if re.search(FORBIDDEN[what], path.read_text())
    ]
    assert found == []


def test_only_the_components_write_html_in_python() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in CODE
        if re.search(r"\bmark_safe\(|\bSafeString\(", path.read_text())
    }
    assert found <= MAY_MARK_SAFE


def test_no_template_switches_escaping_off() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r"\|\s*safe(?:seq)?\b|autoescape\s+off", text), path
        assert not re.search(r"<script(?![^>]*nonce=)", text), path
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style", text), path


def test_the_page_of_an_object_is_no_sink_in_a_script() -> None:
    """Scripts build elements; they do not parse text as markup."""
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        text = path.read_text()
        assert not re.search(r"\beval\(|new Function\(|document\.write\(|outerHTML\s*=", text), path
