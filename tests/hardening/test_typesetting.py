"""Hostile text on its way to paper: nothing is opened, nothing runs on, nothing hides (T18, T19)."""

from __future__ import annotations

import io
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import models

from accounts.access.roles import ROLES, RoleCode
from accounts.jobs.runner import run_job
from accounts.models import Job, Organisation, Region
from indicators.models import Policy, Target
from kindergartens.models import Kindergarten
from reports.documents.models import PrintedDocument
from reports.documents.pdf import PrintFailed, to_pdf, typeset
from reports.documents.services import request_document
from reports.documents.typesetting import Limits, Refused, TypesettingFailed, in_child
from tests.conftest import acting
from tests.reports.documents.conftest import county, paper, request_and_print  # noqa: F401
from tests.reports.documents.reading import pages, whole_text
from tests.small_county import NOW, SmallCounty

pytestmark = [pytest.mark.pdf]

PAGE = (
    '<!DOCTYPE html><html lang="zh-CN"><head><title>试印</title>'
    '<link rel="stylesheet" href="packaged:paper.css">{head}</head><body>{body}</body></html>'
)
# What may not stand in any paper.
ACTIVE = ("/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/OpenAction", "/AA",
          "/SubmitForm", "/ImportData", "/RichMedia", "/XFA")  # fmt: skip

PAYLOADS = [
    '<link rel="attachment" href="file:///etc/passwd">',
    '<link rel=stylesheet href="http://127.0.0.1:9/x.css">',
    '<style>@import url("file:///etc/passwd");</style>',
    "<style>@import 'http://127.0.0.1:9/y';</style>",
    '<style>@font-face{font-family:x;src:url(file:///etc/passwd)}p{font-family:x}</style>',
    '<style>body{background:url(http://127.0.0.1:9/z)}</style>',
    '<img src="file:///dev/urandom">',
    '<img src="http://169.254.169.254/latest/meta-data/">',
    '<img src="gopher://127.0.0.1:6379/_FLUSHALL">',
    '<img src="//127.0.0.1:9/protocol-relative">',
    '<img src="data:image/svg+xml,<svg xmlns=\'http://www.w3.org/2000/svg\'><image href=\'file:///etc/passwd\'/></svg>">',
    '<img src="data:image/png;base64,' + "A" * 500 + '">',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="http://127.0.0.1:9/e">',
    '<iframe src="file:///etc/passwd"></iframe>',
    '<svg><use href="file:///etc/passwd#x"/></svg>',
    '<svg><image xlink:href="http://127.0.0.1:9/s" width="9" height="9"/></svg>',
    '<svg><style>@import url(file:///etc/passwd)</style></svg>',
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<base href="file:///etc/">',
    '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">',
    '<script>app.alert(1)</script>',
    '<p style="background:url(file:///etc/passwd)">x',
    '<input type="text" value="x" style="appearance:auto">',
    '<table><td colspan=100000>x',
    '</td></tr></table><h1>同意</h1>',
    '"><img src=x onerror=alert(1)>',
    '&lt;link rel=attachment href=file:///etc/passwd&gt;',
    '{{ settings.SECRET_KEY }}{% include "/etc/passwd" %}',
    '<!--', ']]>', '<![CDATA[', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
]  # fmt: skip

_events: list[tuple[str, str]] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is not None and event.startswith(
        ("open", "socket.", "urllib.", "subprocess.", "os.exec", "os.system", "ftplib.", "http.")
    ):
        _events.append((event, str(arguments[0]) if arguments else ""))


sys.addaudithook(_hook)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Typesetting in this process, every file and connection it asks for written down."""
    import weasyprint  # noqa: F401

    typeset(PAGE.format(head="", body="<p>试印</p>"))  # Everything loaded lazily is loaded now.
    seen: list[tuple[str, str]] = []

    def watched(html: str) -> Any:
        global _events
        _events = seen
        try:
            return typeset(html)
        finally:
            _events = None

    monkeypatch.setattr("reports.documents.services.to_pdf", watched)
    return seen


def text_fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
        and not field.choices
        and not field.primary_key
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["overview_table", "monthly_rates"])
def test_markup_in_every_name_is_only_text(
    county: SmallCounty,  # noqa: F811
    here: list[tuple[str, str]],
    kind: str,
) -> None:
    """One kindergarten, town and policy for each payload, printed together."""
    town = Region.objects.get(name="乙镇")
    for number, payload in enumerate(PAYLOADS):
        text = f"{number}园{payload}"
        name = text[: Kindergarten._meta.get_field("name").max_length]
        county.kindergarten(town, name)
        county.town(text[: Region._meta.get_field("name").max_length])
    hostile = PAYLOADS[0] + "".join(PAYLOADS)
    for organisation in Organisation.objects.filter(kind="bureau"):
        organisation.name = hostile[: Organisation._meta.get_field("name").max_length]
        organisation.save()
    for policy in Policy.objects.all():
        policy.title = hostile[: Policy._meta.get_field("title").max_length]
        policy.document_number = hostile[: Policy._meta.get_field("document_number").max_length]
        policy.save()
    Target.objects.update(clause=hostile[: Target._meta.get_field("clause").max_length])
    county.settle()
    officer = acting(county.officer())
    document = request_and_print(paper(kind, county.county), officer)
    text = "".join(whole_text(page) for page in pages(document)).replace("\n", "")
    assert "rel=" in text  # The markup stands there as typed.
    assert not [event for event, _ in here if not event.startswith("open")]
    strange = [
        path for _, path in here
        if not path.endswith((".css", ".py", ".pyc", ".ttf", ".otf", ".ttc", ".so", ".icc", ".html"))
        and "/static/print/" not in path
    ]  # fmt: skip
    assert strange == []
    assert not [path for _, path in here if path.startswith(("/etc/p", "/dev/", "/proc/"))]
    assert_harmless(document.content)


def assert_harmless(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = set()
        for thing in pdf.objects:
            if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                names |= set(thing.keys())
                for key in ("/S", "/Type", "/Subtype"):
                    if key in thing:
                        names.add(str(thing[key]))
        links = [
            str(thing["/A"].get("/URI", "https://portal.example/"))
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Subtype") == "/Link"
        ]
    assert not names & set(ACTIVE)
    assert all(link.startswith("https://portal.example/") for link in links)


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u202d", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\x1b", "\x07"]
)
def test_what_a_reader_cannot_see_is_not_printed(hidden: str) -> None:
    pdf = to_pdf(PAGE.format(head="", body=f"<p>示例{hidden}一园</p>"))
    document = PrintedDocument(content=pdf.content)
    text = "".join(whole_text(page) for page in pages(document))
    assert "示例一园" in text
    assert hidden not in text


BOMBS = {
    "350,000 characters without a break": "<p>" + "幼" * 350_000 + "</p>",
    "a cell over 100,000 columns": '<table><tr><td colspan="100000">一</td></tr></table>' * 3,
    "nested 5,000 deep": "<div>" * 5000 + "一" + "</div>" * 5000,
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_ends_with_a_reason(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A shorter limit than a real paper's: what is shown is that the limit holds.
    monkeypatch.setattr(
        Limits, "for_rows", lambda rows: Limits(cpu_seconds=2, wall_seconds=60, memory=1 << 29)
    )
    with pytest.raises(PrintFailed, match="改过后再打印"):
        to_pdf(PAGE.format(head="", body=body))
    assert children() == []


def children() -> list[str]:
    """Processes of ours that still are there, the dead included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] == "Z":
            found.append(stat.parent.name)
    return found


def test_limits_grow_with_the_rows() -> None:
    few, many = Limits.for_rows(10), Limits.for_rows(400)
    assert few.cpu_seconds <= 11
    assert many.cpu_seconds >= 40
    assert many.memory > few.memory
    assert Limits.for_rows(10**6).wall_seconds < 96  # The soft limit of the job that prints.


SMALL = Limits(cpu_seconds=1, wall_seconds=20, memory=256 << 20)


def test_a_child_that_only_waits_is_ended_by_the_clock() -> None:
    limits = Limits(cpu_seconds=5, wall_seconds=0.3, memory=256 << 20)
    with pytest.raises(TypesettingFailed, match="已停止"):
        in_child(lambda: time.sleep(600) or b"", limits=limits, refusals=PrintFailed)
    assert children() == []


def test_a_child_that_eats_memory_or_time_is_ended() -> None:
    with pytest.raises(TypesettingFailed, match="内存"):
        in_child(lambda: b"x" * (1 << 30), limits=SMALL, refusals=PrintFailed)

    def busy() -> bytes:
        while True:
            pass

    with pytest.raises(TypesettingFailed, match="已停止"):
        in_child(busy, limits=SMALL, refusals=PrintFailed)


def test_a_refusal_comes_back_with_its_words() -> None:
    def refuse() -> bytes:
        raise PrintFailed("没有这些字")

    with pytest.raises(Refused, match="没有这些字"):
        in_child(refuse, limits=SMALL, refusals=PrintFailed)


def test_the_child_reads_no_secret_and_reaches_nobody(tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    target = tmp_path / "written"

    def read(path: str) -> str:
        return Path(path).read_text(errors="replace")

    attempts = {
        "file": lambda: read("/etc/passwd"),
        "environment": lambda: read("/proc/self/environ"),
        "parent": lambda: read(f"/proc/{os.getppid()}/environ"),
        "link": lambda: read("/proc/self/root/etc/passwd"),
        "write": lambda: target.write_text("x"),
        "socket": lambda: socket.create_connection(("127.0.0.1", port), 1),
        "shell": lambda: os.system("true"),  # noqa: S605
        "fork": os.fork,
        "library": lambda: __import__("ctypes").CDLL("libc.so.6"),
        "name": lambda: socket.getaddrinfo("example.com", 80),
    }
    for name, attempt in attempts.items():

        def tried(attempt: Any = attempt) -> bytes:
            try:
                attempt()
            except PermissionError as refused:
                return str(refused).encode()
            return b"it worked"

        said = in_child(tried, limits=SMALL, refusals=PrintFailed).decode()
        assert said.startswith("not in the typesetter"), name
    assert not target.exists()
    listening.close()


@pytest.mark.django_db
def test_a_hostile_document_is_a_failed_job_with_a_reason(
    county: SmallCounty,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    transactional_db: None,
) -> None:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    monkeypatch.setattr(
        Limits, "for_rows", lambda rows: Limits(cpu_seconds=2, wall_seconds=60, memory=1 << 29)
    )
    from reports.documents import services

    monkeypatch.setitem(
        services.HTML,
        PrintedDocument.Kind.MONTHLY_RATES,
        lambda snapshot: PAGE.format(head="", body=next(iter(BOMBS.values()))),
    )
    officer = acting(county.officer())
    job = request_document(paper=paper("monthly_rates", county.county), by=officer, now=NOW)
    run_job(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "改过后再打印" in job.error
    assert not PrintedDocument.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rights_are_those_of_the_moment_of_printing(
    county: SmallCounty,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FI-12: asked for with the right, printed after it was taken away: refused."""
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    officer = acting(county.officer())
    job = request_document(paper=paper("monthly_rates", county.county), by=officer, now=NOW)
    monkeypatch.setitem(ROLES, RoleCode.BUREAU_OFFICER, ROLES[RoleCode.DEPARTMENT_OFFICER])
    run_job(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "不能打印" in job.error
    assert not PrintedDocument.objects.exists()
