"""Putting kept fields back into a page: text in, text out."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.sign_in.refill import Refilled, refill

PAGE = """<!doctype html><html><body><svg viewBox="0 0 1 1"><path d="M0 0"/></svg>
<div id="messages"></div><script nonce="n">if (a < b) { "<form action='/act/'>" }</script>
<form action="/other/" method="post"><input name="title" value="not mine"></form>
<details><summary>More</summary>
<form method="post" action="/act/?x=1"><input type="hidden" name="csrfmiddlewaretoken" value="new">
<input type="hidden" name="version" value="3">
<label for="t">题目</label><input id="t" name="title" value="old &amp; older">
<textarea name="text" rows="2">
old</textarea>
<select name="kind"><option value="">-</option><option value="a" selected>A</option>
<option>b</option></select>
<select name="many" multiple><option value="1" selected>1</option><option value="2">2</option></select>
<fieldset id="r"><legend>哪一种</legend>
<input type="radio" name="r" value="x" checked> <input type="radio" name="r" value="y"></fieldset>
<input type="checkbox" name="c" checked> <input type="checkbox" name="d" value="1">
<label>口令 <input id="p" type="password" name="secret" value=""></label>
<label for="f">附件</label><input type="file" id="f" name="file">
<input name="off" value="stays" disabled>
<button name="act" value="approve"><svg><path d="M1"/></svg>批准</button>
<button name="act" value="refuse" formaction="/refuse/">拒绝</button></form></details>
</body></html>"""


def filled(*fields: tuple[str, str], path: str = "/act/", **more: object) -> Refilled:
    return refill(PAGE, page="/page/", path=path, fields=fields, **more)  # type: ignore[arg-type]


def tags(html: str, name: str) -> list[str]:
    return re.findall(rf'<\w+[^>]*\bname="{name}"[^>]*>', html)


def test_every_kind_of_control_gets_what_was_typed() -> None:
    result = filled(
        ("version", "2"), ("title", 'a"<b>'), ("text", "\n一\n</textarea><b>"), ("kind", "b"),
        ("many", "2"), ("r", "y"), ("d", "1"), ("act", "approve"),
    )  # fmt: skip
    html = result.html
    assert result.found
    assert result.unplaced == ()
    assert result.pressed == "批准"
    assert 'value="not mine"' in html
    assert 'id="t" name="title" value="a&quot;&lt;b&gt;"' in html
    assert 'name="version" value="2"' in html
    assert 'rows="2">\n\n一\n&lt;/textarea&gt;&lt;b&gt;</textarea>' in html
    assert "<option selected>b" in html
    assert '<option value="a">A' in html
    assert '<option value="1">1' in html
    assert '<option value="2" selected>2' in html
    assert [" checked" in tag for tag in tags(html, "r")] == [False, True]
    assert " checked" not in tags(html, "c")[0]
    assert " checked" in tags(html, "d")[0]
    assert 'value="new"' in html
    assert 'value="stays" disabled' in html
    assert "<details open>" in html
    assert "\"<form action='/act/'>\"" in html


def test_passwords_files_and_tokens_are_never_filled_and_are_named() -> None:
    result = filled(
        ("secret", "hunter2"), ("file", "C:/x"), ("csrfmiddlewaretoken", "old"), ("off", "moved"),
        secrets=["secret"], files=[("file", "表.xlsx")],
    )  # fmt: skip
    assert "hunter2" not in result.html
    assert 'value="new"' in tags(result.html, "csrfmiddlewaretoken")[0]
    assert "moved" not in result.html
    assert result.secrets == ("口令",)
    assert result.files == (("附件", "表.xlsx"),)


def test_a_button_with_an_address_of_its_own_belongs_to_its_form() -> None:
    result = filled(("title", "new"), ("act", "refuse"), path="/refuse/")
    assert result.found
    assert result.pressed == "拒绝"
    assert 'name="title" value="new"' in result.html


def test_of_forms_to_one_address_the_likest_is_filled() -> None:
    page = "".join(
        f'<form action="/end/"><input type="hidden" name="of" value="{n}"><input name="why"></form>'
        for n in range(3)
    )
    html = refill(page, page="/", path="/end/", fields=[("of", "1"), ("why", "x")]).html
    assert html == page.replace(
        'value="1"><input name="why">', 'value="1"><input name="why" value="x">'
    )


def test_what_has_no_place_is_told_and_not_sent() -> None:
    result = filled(("kind", "gone"), ("owner", "me"), ("title", "1"), ("title", "2"))
    assert result.unplaced == (("kind", "gone"), ("owner", "me"), ("题目", "2"))
    assert "owner" not in result.html
    assert " selected" in re.findall(r'<option value="a"[^>]*>', result.html)[0]


def test_rows_of_a_formset_that_the_page_does_not_draw_travel_on() -> None:
    page = (
        '<form hx-post="/rows/"><input type="hidden" name="row-TOTAL_FORMS" value="1">'
        '<input name="row-0-name"></form>'
    )
    typed = [("row-TOTAL_FORMS", "2"), ("row-0-name", "甲"), ("row-1-name", "乙"), ("x-1-y", "z")]
    result = refill(page, page="/", path="/rows/", fields=typed)
    assert 'name="row-TOTAL_FORMS" value="2"' in result.html
    assert 'name="row-0-name" value="甲"' in result.html
    assert '<input type="hidden" name="row-1-name" value="乙">' in result.html
    assert "x-1-y" not in result.html
    assert result.unplaced == (("row-1-name", "乙"), ("x-1-y", "z"))


def test_a_dialog_opens_and_its_form_without_an_address_is_the_pages() -> None:
    page = '<dialog class="d"><form method="post"><input name="reason"></form></dialog>'
    result = refill(page, page="/p/", path="/p/", fields=[("reason", "x")])
    assert '<dialog class="d" data-opens-now>' in result.html


@pytest.mark.parametrize("path", ["/nowhere/", "/page/"])
def test_a_page_without_the_form_stays_as_it_is(path: str) -> None:
    result = filled(("title", "x"), path=path)
    assert (result.html, result.found) == (PAGE, False)
    assert result.unplaced == (("title", "x"),)


@given(st.text(), st.text(alphabet="<>&\"'\n 一/=abc"))
def test_whatever_is_typed_stays_text(title: str, text: str) -> None:
    title, text = title.replace("\r", ""), text.replace("\r", "")
    result = filled(("title", title), ("text", text))
    assert unescape(escape(title)) == unescape(
        re.search(r'id="t" name="title" value="([^"]*)"', result.html)[1]  # type: ignore[index]
    )
    assert f'rows="2">\n{escape(text)}</textarea>' in result.html
    assert result.html.count("<") == PAGE.count("<")
