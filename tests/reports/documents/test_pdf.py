"""The typesetter fetches nothing, and refuses rather than print a blank."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from reports.documents.charts import rate_trend
from reports.documents.pdf import PrintFailed, packaged_path, to_pdf, typeset

pytestmark = pytest.mark.pdf

PAGE = (
    '<!DOCTYPE html><html lang="zh-CN"><head><title>试印</title>'
    '<link rel="stylesheet" href="packaged:paper.css">{head}</head><body>{body}</body></html>'
)


def test_a_plain_page_is_set() -> None:
    pdf = to_pdf(PAGE.format(head="", body="<p>试印一行，喆堃镕䶮𠮷。</p>"))
    assert pdf.pages == 1
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "/etc/hostname",
        "http://127.0.0.1:9/x.css",
        "https://portal.example/x.css",
        "data:text/css,p{color:red}",
        "packaged:../css/base.css",
        "packaged:missing.css",
        "packaged:paper.css?x=file:///etc/hostname",
        "PACKAGED:paper.css",
    ],
)
@pytest.mark.parametrize(
    "markup",
    ['<link rel="stylesheet" href="{}">', '<link rel="attachment" href="{}">'],
)
def test_no_other_file_is_fetched(address: str, markup: str) -> None:
    with pytest.raises(ValueError, match="文件"):
        packaged_path(address)
    with pytest.raises(PrintFailed):
        to_pdf(PAGE.format(head=markup.format(address), body="<p>试印</p>"))


def test_pictures_of_the_machine_are_not_fetched() -> None:
    with pytest.raises(PrintFailed):
        to_pdf(PAGE.format(head="", body='<img alt="图" src="file:///etc/hostname">'))


_watch: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch is not None and event in {"open", "socket.connect", "urllib.Request"}:
        _watch.append(f"{event} {arguments[0]}")


sys.addaudithook(_hook)


def test_a_refused_address_is_not_even_opened() -> None:
    """Audit events of the interpreter itself, not the fetcher's own word."""
    global _watch
    _watch = []
    try:
        with pytest.raises(PrintFailed):
            # Here and not in the child, whose events nobody hears.
            typeset(
                PAGE.format(
                    head='<link rel="attachment" href="file:///etc/hostname">',
                    body='<img alt="图" src="http://127.0.0.1:9/x.png">',
                )
            )
        events = list(_watch)
    finally:
        _watch = None
    assert any("paper.css" in event for event in events)
    assert not [e for e in events if "hostname" in e or e.startswith(("socket", "urllib"))]


@pytest.mark.parametrize(("character", "code"), [("🙂", "U+1F642"), ("\ue123", "U+E123")])
def test_a_missing_character_is_named(character: str, code: str) -> None:
    with pytest.raises(PrintFailed, match="没有这些字") as refusal:
        to_pdf(PAGE.format(head="", body=f"<p>小太阳{character}幼儿园</p>"))
    assert code.lower() in str(refusal.value).lower()


def test_a_typeface_that_steps_in_is_refused() -> None:
    # Of the same package, so that it is there wherever the planned ones are.
    body = '<p style="font-family: Noto Sans CJK JP">幼儿园</p>'
    with pytest.raises(PrintFailed, match="没有这些字"):
        to_pdf(PAGE.format(head="", body=body))


def test_the_chart_is_the_pages_own_drawing() -> None:
    points = [
        {
            "label": f"2026年{m}月",
            "value": None if m == 8 else f"{80 + m}.00",
            "provisional": m == 10,
            "holiday": False,
        }
        for m in range(1, 11)
    ]
    svg = rate_trend({"points": points, "target": "85"}, width=270, height=215, title="a<b&c")
    assert "目标85" in svg
    assert "<title>a&lt;b&amp;c</title>" in svg
    assert "<style" not in svg
    assert svg.count("<svg") == 1
    with_two = rate_trend({"points": points, "target": None}, width=270, height=215, title="x")
    assert "目标" not in with_two
