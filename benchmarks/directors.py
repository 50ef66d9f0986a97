"""Directors at their browsers: real HTTP sessions that sign in, fill in a return and submit it."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode, urlsplit

AS_A_PAGE = "text/html"
AS_THE_SCRIPT = "application/json"
SECONDS_TO_WAIT = 120
COUNT = re.compile(r"class-\d+-(?!name|grade)\w+$|staff-\w+-(joined|left)$")
ANSWER = re.compile(r"safety-[a-z_]+$")
NONE_HAPPENED = "incidents-month-none"
# Of twenty children in a month of eighteen working days.
ATTENDED = "340"


class NotAsExpected(Exception):
    """The portal answered something else than it should."""


@dataclass
class Answer:
    status: int
    place: str
    text: str


@dataclass
class Browser:
    """One person's session. `times` collects (what, seconds) of every request."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    times: list[tuple[str, float]] = field(default_factory=list)

    def get(self, what: str, path: str) -> Answer:
        return self._ask(what, "GET", path, None, AS_A_PAGE)

    def post(
        self, what: str, path: str, form: Mapping[str, str], *, accept: str = AS_A_PAGE
    ) -> Answer:
        return self._ask(what, "POST", path, form, accept)

    def _ask(
        self, what: str, method: str, path: str, form: Mapping[str, str] | None, accept: str
    ) -> Answer:
        headers = {"Accept": accept, "Cookie": "; ".join(f"{k}={v}" for k, v in self._jar())}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self.cookies["csrftoken"]})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = perf_counter()
        connection = http.client.HTTPConnection(
            urlsplit(self.address).netloc, timeout=SECONDS_TO_WAIT
        )
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        self.times.append((what, perf_counter() - started))
        for header in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return Answer(answer.status, answer.headers.get("Location", ""), text)

    def _jar(self) -> list[tuple[str, str]]:
        return list(self.cookies.items())


def sign_in(address: str, name: str, password: str) -> Browser:
    browser = Browser(address)
    browser.get("login page", "/login/")
    answer = browser.post("login", "/login/", {"username": name, "password": password})
    if answer.status != 302:
        raise NotAsExpected(f"{name} was not let in: {answer.status}")
    browser.times.clear()
    return browser


@dataclass
class Filling:
    """A return open in a browser: where it is sent, and what its fields hold."""

    browser: Browser
    path: str
    form: dict[str, str]

    @property
    def typed(self) -> dict[str, str]:
        return {**self.form, "action": "submit"}


def file_return(browser: Browser, *, period: int, more: int, twice: bool = False) -> None:
    """From the list of months to the receipt, as a director goes: open, type, saved three times
    by the script as it is typed, submit. `twice`: the button is pressed twice in the same moment,
    before anything was saved. Raises NotAsExpected.
    """
    filling = begin(browser, period=period, more=more, saves=not twice)
    if twice:
        press_twice(filling)
    else:
        expect(browser.get("receipt", submit(filling)), 200)


def begin(browser: Browser, *, period: int, more: int, saves: bool = True) -> Filling:
    """Open the month and type: `more` girls in the first class, so that every kindergarten's
    figures are its own. What begins empty, such as attendance, is pasted in one go before."""
    expect(browser.get("months", "/returns/"), 200)
    opened = expect(browser.post("open", "/returns/open/", {"period": str(period)}), 302)
    filled = Form.of(expect(browser.get("form", opened.place), 200).text)
    form = filled.values
    prefix = next(name for name in form if name.endswith("-girls")).removesuffix("girls")
    for name in form:
        if COUNT.match(name) and not form[name]:
            form[name] = ATTENDED if name.endswith("-attended") else "0"
        elif ANSWER.match(name) and not form[name]:
            form[name] = "yes"
    form[NONE_HAPPENED] = "1"
    # One tick a section; those of what is not as last month do not hold.
    form |= dict.fromkeys(filled.boxes, "1")
    typed = {f"{prefix}{column}": more for column in ("girls", "age3", "entered")}
    typed = {name: str(int(form[name]) + number) for name, number in typed.items()}
    for name, value in typed.items():
        form[name] = value
        if saves:
            form["revision"] = saved(browser, opened.place, form)
    return Filling(browser, opened.place, form)


def submit(filling: Filling) -> str:
    """The address of the receipt."""
    return expect(filling.browser.post("submit", filling.path, filling.typed), 302).place


def press_twice(filling: Filling) -> None:
    """One of the two is taken; the other is told so, and submits nothing."""
    with ThreadPoolExecutor(2) as fingers:
        answers = list(
            fingers.map(
                lambda _: filling.browser.post("submit", filling.path, filling.typed), range(2)
            )
        )
    statuses = sorted(answer.status for answer in answers)
    if statuses not in ([302, 302], [302, 409]):
        raise NotAsExpected(f"pressed twice: {statuses}")


def saved(browser: Browser, path: str, values: Mapping[str, str]) -> str:
    answer = expect(browser.post("save", path, values, accept=AS_THE_SCRIPT), 200)
    match = re.search(r'"revision": ?(\d+)', answer.text)
    if match is None:
        raise NotAsExpected(f"no revision in {answer.text[:200]}")
    return match.group(1)


def expect(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
        raise NotAsExpected(f"{answer.status} instead of {status}: {said[:600]}")
    return answer


@dataclass
class Form(HTMLParser):
    """What a browser would post of the page's form: names and values as they stand."""

    values: dict[str, str] = field(default_factory=dict)
    # The boxes 与上月相同.
    boxes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = False
        self._text = ""
        self._select = ""

    @classmethod
    def of(cls, page: str) -> Form:
        form = cls()
        form.feed(page)
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._inside = "data-filing" in given
        if not self._inside:
            return
        if tag == "input" and name:
            kind = given.get("type", "text")
            if "data-same" in given:
                self.boxes.append(name)
            if kind not in {"checkbox", "radio", "file"} or "checked" in given:
                self.values[name] = given.get("value") or ""
        elif tag == "textarea":
            self._text = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            first = self._select not in self.values
            if first or "selected" in given:
                self.values[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text] += data
