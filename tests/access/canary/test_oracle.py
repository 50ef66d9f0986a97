"""The oracle reads a mark however it is written: each way has a case here, and a mark it finds."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

import openpyxl
import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from openpyxl.comments import Comment

from tests.access.canary.oracle import Viewer, everything_in, not_theirs
from tests.access.canary.planting import Marks, Owner

STRANGER = Viewer(user=1)
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def percent(word: str) -> str:
    return "".join(f"%{ord(letter):02X}" for letter in word)


def entities(word: str) -> str:
    return "".join(
        f"&#x{ord(letter):x};" if place % 2 else f"&#{ord(letter)};"
        for place, letter in enumerate(word)
    )


def escapes(word: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in word)


def page(text: str) -> HttpResponse:
    return HttpResponse(f"<p>{text}</p>")


def with_header(word: str) -> HttpResponse:
    response = HttpResponse(b"")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{percent(word)}.pdf"
    return response


def with_cookie(word: str) -> HttpResponse:
    response = HttpResponse(b"")
    response.set_cookie("next", quote(percent(word)))
    return response


def workbook(fill: Callable[[openpyxl.Workbook], object]) -> HttpResponse:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return HttpResponse(out.getvalue(), content_type=SHEETS)


def cell(book: openpyxl.Workbook, word: str) -> None:
    book.active["C3"] = f"{word}园"


def comment(book: openpyxl.Workbook, word: str) -> None:
    book.active["A1"].comment = Comment(word, "somebody")


def hidden(book: openpyxl.Workbook, word: str) -> None:
    book.create_sheet(word).sheet_state = "veryHidden"


def link(book: openpyxl.Workbook, word: str) -> None:
    book.active["A1"].hyperlink = f"https://portal.example/{percent(word)}"


def footer(book: openpyxl.Workbook, word: str) -> None:
    book.active.oddFooter.center.text = word


def paper(html: str) -> HttpResponse:
    from weasyprint import HTML

    return HttpResponse(HTML(string=html).write_pdf(), content_type="application/pdf")


WAYS: dict[str, Callable[[str], HttpResponse]] = {
    "plain": page,
    "upper case": lambda word: page(word.upper()),
    "percent": lambda word: page(percent(word)),
    "percent twice": lambda word: page(quote(percent(word))),
    "entities": lambda word: page(entities(word)),
    "entities twice": lambda word: page(entities(word).replace("&", "&amp;")),
    "json in an attribute": lambda word: page(f'<i data-chart="{{&quot;{escapes(word)}&quot;}}">'),
    "percent in json in an attribute": lambda word: page(f"<i data-x='{escapes(percent(word))}'>"),
    "script escapes": lambda word: page("".join(f"\\x{ord(letter):02x}" for letter in word)),
    "json": lambda word: JsonResponse({"name": [word]}),
    "json escapes": lambda word: HttpResponse(
        f'{{"name": "{escapes(word)}"}}', content_type="application/json"
    ),
    "json of html": lambda word: JsonResponse({"html": entities(word)}),
    "stream": lambda word: StreamingHttpResponse([word[:4].encode(), word[4:].encode()]),
    "header": with_header,
    "cookie": with_cookie,
    "redirect": lambda word: HttpResponse(status=302, headers={"Location": f"/x/{percent(word)}/"}),
    "xlsx cell": lambda word: workbook(lambda book: cell(book, word)),
    "xlsx comment": lambda word: workbook(lambda book: comment(book, word)),
    "xlsx hidden sheet": lambda word: workbook(lambda book: hidden(book, word)),
    "xlsx link": lambda word: workbook(lambda book: link(book, word)),
    "xlsx footer": lambda word: workbook(lambda book: footer(book, word)),
    "pdf text": lambda word: paper(f"<p>{word}</p>"),
    "pdf title": lambda word: paper(f"<title>{word}</title><p>x</p>"),
    "pdf link": lambda word: paper(f"<a href='https://portal.example/{percent(word)}'>x</a>"),
}


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=[pytest.mark.pdf] * way.startswith("pdf")) for way in WAYS],
)
def test_a_mark_is_found_however_it_is_written(way: str) -> None:
    marks = Marks()
    others = marks.next(Owner("kindergartens.Kindergarten", place=7))
    unseen = marks.next(Owner("kindergartens.Kindergarten", place=7))
    found = not_theirs(STRANGER, marks, everything_in(WAYS[way](others)))
    assert others in {word.lower() for word in found}
    assert unseen not in found


def test_a_page_without_a_mark_holds_none() -> None:
    marks = Marks()
    word = marks.next(Owner("kindergartens.Kindergarten", place=7))
    for response in (page("一园"), JsonResponse({"a": json.dumps(["b"])}), paper("<p>x</p>")):
        assert not_theirs(STRANGER, marks, everything_in(response)) == {}
    # Half a mark, and one in another order, are none.
    assert marks.in_text(everything_in(page(word[:-1]))) == {}
    assert marks.in_text(everything_in(page(word[::-1]))) == {}
