"""The gallery shows every component, and no page part breaks the content security policy."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from time_machine import travel

from tests.small_county import NOW

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "_components"


class PolicyReader(HTMLParser):
    """Collects what the policy (style-src 'self', script-src 'self') would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.found += [
            f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")
        ]
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(f"<{tag}>")
        if (names.get("href") or names.get("src") or "").startswith(
            ("http:", "https:", "//", "javascript:")
        ):
            self.found.append(f"<{tag}> leads outside")
        if "id" in names:
            self.ids.append(names["id"])
        if tag == "label" and "for" in names:
            self.labels.add(names["for"])


def read(html: str) -> PolicyReader:
    reader = PolicyReader()
    reader.feed(html)
    return reader


@pytest.fixture
def response(small, sign_in):
    with travel(NOW, tick=False):
        yield sign_in(small.officer(role="system_administrator")).get("/gallery/")


@pytest.fixture
def page(response):
    return response.content.decode()


def test_gallery_shows_every_component(response):
    shown = {template.name for template in response.templates}
    assert {f"_components/{path.name}" for path in COMPONENTS.glob("*.html")} <= shown


def test_gallery_is_for_those_who_maintain_the_portal(small, sign_in):
    with travel(NOW, tick=False):
        assert sign_in(small.officer()).get("/gallery/").status_code == 403


def test_gallery_breaks_no_policy(page):
    assert read(page).found == []


def test_ids_are_unique_and_labels_have_their_field(page):
    reader = read(page)
    doubled = {name for name in reader.ids if reader.ids.count(name) > 1}
    # Two example forms show the same fields, right and wrong.
    assert {name for name in doubled if not name.startswith("id_")} == set()
    assert reader.labels <= set(reader.ids)


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "413", "500", "503"])
def test_error_pages_need_no_context_and_say_what_next(code):
    html = render_to_string(f"{code}.html")
    assert read(html).found == []
    assert "已填的内容" in html
    assert "下一步" in html
    assert "编号" not in html
    assert "E-17" in render_to_string(f"{code}.html", {"request_id": "E-17"})
