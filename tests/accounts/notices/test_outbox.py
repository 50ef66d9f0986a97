"""站外通知: each message leaves at most once by a channel, and whatever became of it is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import runpy
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from accounts.jobs.registry import JobRun
from accounts.jobs.runner import run_job
from accounts.jobs.services import claim, fail
from accounts.models import Job, Notice, NoticeDelivery, NoticeMailbox, User
from accounts.notices import channels, outbox, services
from accounts.notices.tasks import send_queued
from config.local.servers import ROOT
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "https://portal.example.com"


class Scene:
    """An office that writes to two kindergartens, one of which has a mailbox."""

    def __init__(self) -> None:
        self.small = SmallCounty()
        town = self.small.town("甲镇")
        self.with_mailbox = self.small.kindergarten(town, "甲园").organisation
        self.without = self.small.kindergarten(town, "乙园").organisation
        self.director = self.small.person("园长", self.with_mailbox, "director")
        services.set_mailbox(address="jia@example.com", by=acting(self.director))
        self.officer = acting(self.small.officer())

    @transaction.atomic
    def write(self) -> list[NoticeDelivery]:
        assert self.officer.acting
        notices = services.send(
            [
                services.Message(one, Notice.Kind.URGE, "催报：10月月报", "请提交。", "/returns/")
                for one in (self.with_mailbox, self.without)
            ],
            post=self.officer.acting,
            now=NOW,
        )
        return outbox.queue(notices, origin=ORIGIN, post=self.officer.acting, now=NOW)

    def again(self, row: NoticeDelivery, by: User | None = None) -> int:
        who = self.officer if by is None else acting(by)
        return outbox.queue_again(by=who, origin=ORIGIN, now=NOW, keys=[row.pk])


@pytest.fixture
def scene(settings: Any) -> Iterator[Scene]:
    settings.NOTICE_CHANNELS = ["email"]
    with travel(NOW, tick=False):
        yield Scene()


def work() -> list[str]:
    """Every job that is queued, done as a worker does it; what each says in the end."""
    said = []
    while job := Job.objects.filter(kind=outbox.JOB_KIND, state="queued").first():
        run_job(job.pk, clock=timezone.now)
        job.refresh_from_db()
        assert job.state == "done", job.error
        said.append(job.message)
    return said


def states() -> list[tuple[str, str]]:
    return list(NoticeDelivery.objects.order_by("pk").values_list("state", "reason"))


def test_without_a_channel_nothing_leaves(scene: Scene, settings: Any) -> None:
    settings.NOTICE_CHANNELS = []
    assert scene.write() == []
    assert not Job.objects.exists()


SERVER = "smtp+tls://portal@mail.example.com:587"
GATEWAY = {
    "NOTICE_GATEWAY_URL": "https://gateway.example.com/",
    "NOTICE_GATEWAY_SECRET": "0123456789abcdef",
}


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, ""),
        ({"NOTICE_CHANNELS": "email, gateway", "EMAIL_URL": SERVER, **GATEWAY}, ""),
        ({"NOTICE_CHANNELS": "pigeon"}, "email, gateway"),
        ({"NOTICE_CHANNELS": "gateway,gateway", **GATEWAY}, "twice"),
        ({"NOTICE_CHANNELS": "email"}, "EMAIL_URL"),
        ({"NOTICE_CHANNELS": "email", "EMAIL_URL": "consolemail://"}, "EMAIL_URL"),
        ({"NOTICE_CHANNELS": "email", "EMAIL_URL": "smtp://"}, "EMAIL_URL"),
        ({"NOTICE_CHANNELS": "gateway"}, "NOTICE_GATEWAY_URL"),
        (
            {"NOTICE_CHANNELS": "gateway", **GATEWAY, "NOTICE_GATEWAY_URL": "http://far.example"},
            "NOTICE_GATEWAY_URL",
        ),
    ],
)
def test_the_portal_does_not_start_with_a_channel_that_cannot_work(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], refused: str
) -> None:
    for name in ("NOTICE_CHANNELS", "EMAIL_URL", *GATEWAY):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    expected = pytest.raises(ImproperlyConfigured, match=refused) if refused else nullcontext()
    with expected:
        runpy.run_path(str(ROOT / "config" / "settings.py"))


def test_a_letter_goes_to_the_mailbox_once(scene: Scene) -> None:
    assert len(scene.write()) == 1
    assert Job.objects.get().arguments["origin"] == ORIGIN
    assert work() == ["已发出1条"]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["jia@example.com"], "催报：10月月报")
    assert letter.body == "甲园：\n\n请提交。\n\nhttps://portal.example.com/returns/\n"
    assert states() == [("sent", "")]
    # Delivered a second time, the job has nothing to do.
    with transaction.atomic():
        send_queued(JobRun(Job.objects.get(), now=NOW, report=lambda *_: None))
    assert len(mail.outbox) == 1


def test_what_was_cut_off_is_not_sent_again(scene: Scene) -> None:
    """Between the mark and the answer of the server nobody knows: better none than two."""
    (row,) = scene.write()
    NoticeDelivery.objects.filter(pk=row.pk).update(state="sending")
    assert work() == ["已发出0条"]
    assert mail.outbox == []
    assert scene.again(row) == 0


def test_what_a_job_left_behind_waits_for_the_office_and_goes_out_once(scene: Scene) -> None:
    (row,) = scene.write()
    # Its job still holds it.
    assert (outbox.left_behind([row.pk]), scene.again(row)) == (set(), 0)
    job = claim(job_id=Job.objects.get().pk, lease=dt.timedelta(seconds=15), now=NOW)
    assert job is not None
    assert outbox.left_behind([row.pk]) == set()
    fail(job=job, reason="程序出错", now=NOW)
    assert outbox.left_behind([row.pk]) == {row.pk}
    assert scene.again(row, by=scene.director) == 0
    assert (scene.again(row), scene.again(row)) == (1, 0)
    assert work() == ["已发出1条"]
    assert len(mail.outbox) == 1


def test_what_failed_says_why_and_is_sent_when_asked_again(scene: Scene, settings: Any) -> None:
    (row,) = scene.write()
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert work() == ["已发出0条，没有发出1条"]
    assert states() == [("failed", "邮件服务器没有接收（ConnectionRefusedError）")]
    settings.EMAIL_BACKEND = works
    # Not by itself, not for another office, and once.
    assert work() == mail.outbox == []
    assert scene.again(row, by=scene.small.officer(scene.small.other_county)) == 0
    assert scene.again(row, by=scene.director) == 0
    assert (scene.again(row), scene.again(row)) == (1, 0)
    assert work() == ["已发出1条"]
    assert len(mail.outbox) == 1
    assert states() == [("sent", "")]


class MailServer(socketserver.StreamRequestHandler):
    """Takes a letter as `answers` says: what it answers to the address, and to the whole letter."""

    answers: ClassVar[tuple[str, str]]

    def handle(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        in_letter = False
        for line in self.rfile:
            if in_letter:
                in_letter, answer = line != b".\r\n", self.answers[1]
                if in_letter:
                    continue
            else:
                word = line[:4].upper()
                answer = {b"RCPT": self.answers[0], b"DATA": "354 go on"}.get(word, "250 ok")
                in_letter = word == b"DATA"
            if not answer:
                return  # hangs up
            self.wfile.write(f"{answer}\r\n".encode())


@pytest.mark.parametrize(
    ("answers", "state", "reason", "goes_again"),
    [
        (("250 ok", "250 taken"), "sent", "", 0),
        (("550 nobody", ""), "failed", "邮件服务器没有接收（SMTPRecipientsRefused）", 1),
        (("250 ok", "554 no"), "failed", "邮件服务器没有接收（SMTPDataError）", 1),
        (("250 ok", ""), "sending", "邮件服务器没有答复", 0),
    ],
)
def test_a_letter_whose_answer_is_lost_is_left_in_doubt(
    scene: Scene,
    settings: Any,
    answers: tuple[str, str],
    state: str,
    reason: str,
    goes_again: int,
) -> None:
    handler = type("Answering", (MailServer,), {"answers": answers})
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        (row,) = scene.write()
        work()
        server.shutdown()
    assert states() == [(state, reason)]
    assert scene.again(row) == goes_again


def test_who_removed_the_mailbox_gets_no_letter(scene: Scene) -> None:
    services.set_mailbox(address="", by=acting(scene.director))
    assert scene.write() == []


@dataclass
class Gateway:
    """`answer` is a status, or what stands in the place of an answer; `spends` what it takes."""

    answer: int | bytes | None = 200
    spends: Callable[[], object] = lambda: None
    heard: list[tuple[dict[str, Any], str, bytes]] = field(default_factory=list)
    followed: int = 0


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """A bureau's gateway on this machine."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((json.loads(body), self.headers["X-Portal-Signature"], body))
            found.spends()
            if isinstance(found.answer, int):
                self.send_response(found.answer)
                self.send_header("Location", "/sign-in")
                self.end_headers()
            elif found.answer is not None:
                self.wfile.write(found.answer)

        def do_GET(self) -> None:
            found.followed += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.NOTICE_CHANNELS = ["gateway"]
        settings.NOTICE_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/"
        settings.NOTICE_GATEWAY_SECRET = "示例密钥-不少于十六个字符-0123"
        yield found
        server.shutdown()


def test_the_gateway_is_told_with_a_signature(gateway: Gateway, settings: Any) -> None:
    scene = Scene()
    # Whom to tell there the gateway knows: no mailbox is needed.
    assert len(scene.write()) == 2
    work()
    assert states() == [("sent", "")] * 2
    message, signature, body = gateway.heard[0]
    assert message["name"] == "甲园"
    assert message["organisation"] == scene.with_mailbox.pk
    assert message["link"] == f"{ORIGIN}/returns/"
    secret = settings.NOTICE_GATEWAY_SECRET.encode()
    assert signature == hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert len({heard[0]["message"] for heard in gateway.heard}) == 2


def test_only_an_answer_of_the_gateway_settles_what_became_of_a_message(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused is refused; without an answer nobody knows, and it is not sent a second time."""
    monkeypatch.setattr(channels.Gateway, "SECONDS", 0.3)
    scene = Scene()
    found = {}
    for name, answer in {
        "taken": 202,
        "refused": 503,
        "moved": 302,
        "proxy": 502,
        "proxy waited": 504,
        "hung up": None,
        "no http": b"what?\r\n\r\n",
    }.items():
        gateway.answer = answer
        row = scene.write()[0]
        work()
        row.refresh_from_db()
        found[name] = (row.state, row.reason, scene.again(row))
        NoticeDelivery.objects.filter(state="queued").update(state="sending")
    gateway.answer, gateway.spends = 200, lambda: time.sleep(0.6)
    row = scene.write()[0]
    work()
    row.refresh_from_db()
    found["too late"] = (row.state, row.reason, scene.again(row))
    assert found == {
        "taken": ("sent", "", 0),
        "refused": ("failed", "短信网关没有接收（503）", 1),
        "moved": ("failed", "短信网关没有接收（302）", 1),
        "proxy": ("sending", "短信网关没有答复（502）", 0),
        "proxy waited": ("sending", "短信网关没有答复（504）", 0),
        "hung up": ("sending", "短信网关没有答复（RemoteDisconnected）", 0),
        "no http": ("sending", "短信网关没有答复（BadStatusLine）", 0),
        "too late": ("sending", "短信网关没有答复（TimeoutError）", 0),
    }
    assert gateway.followed == 0
    told = [message["message"] for message, _, _ in gateway.heard]
    assert len(told) == len(set(told))


def test_a_slow_gateway_leaves_the_rest_to_further_jobs(gateway: Gateway) -> None:
    with travel(NOW, tick=False) as time_goes:
        gateway.spends = lambda: time_goes.shift(40)
        scene = Scene()
        rows = [row for _ in range(6) for row in scene.write()]
        Job.objects.filter(kind=outbox.JOB_KIND).delete()
        with transaction.atomic():
            outbox._ask([row.pk for row in rows], origin=ORIGIN, post=scene.officer.acting, now=NOW)
        assert sorted(len(job.arguments["deliveries"]) for job in Job.objects.all()) == [2, 10]
        said = work()
    # Begun at 0, 40 and 80 seconds, and none at 120.
    assert "已发出3条，其余7条另排队发送" in said
    assert sum(int(re.findall(r"已发出(\d+)条", one)[0]) for one in said) == 12
    assert states() == [("sent", "")] * 12
    assert len({message["message"] for message, _, _ in gateway.heard}) == len(gateway.heard) == 12
    # Whoever asked for the first job asked for the others.
    assert {job.requested_as for job in Job.objects.all()} == {scene.officer.acting}


def test_a_mailbox_is_kept_by_its_own_organisation(scene: Scene) -> None:
    client = client_of(scene.director)
    url = reverse("notice-mailbox")
    assert client.post(url, {"address": "new@example.com"}).status_code == 302
    assert NoticeMailbox.objects.get().address == "new@example.com"
    wrong = client.post(url, {"address": "没有邮箱"})
    assert wrong.status_code == 422
    assert "邮箱地址不完整" in wrong.content.decode()
    assert "没有邮箱" in wrong.content.decode()
    page = client.get(reverse("notices")).content.decode()
    assert "new@example.com" in page
    other = scene.small.person("园长", scene.without, "director")
    assert "new@example.com" not in client_of(other).get(reverse("notices")).content.decode()


def test_where_no_email_is_sent_no_mailbox_is_asked_for(scene: Scene, settings: Any) -> None:
    settings.NOTICE_CHANNELS = ["gateway"]
    page = client_of(scene.director).get(reverse("notices")).content.decode()
    assert "单位邮箱" not in page
