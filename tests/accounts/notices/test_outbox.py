"""站外通知: each message leaves at most once by a channel, and whatever became of it is kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from accounts.models import Job, Notice, NoticeDelivery, NoticeMailbox
from accounts.notices import outbox, services
from accounts.notices.channels import channels_in_use
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


@pytest.fixture
def scene(settings: Any) -> Iterator[Scene]:
    settings.NOTICE_CHANNELS = ["email"]
    with travel(NOW, tick=False):
        yield Scene()


def send() -> list[str]:
    """What the worker does with everything that is there; what it says of its progress."""
    said: list[str] = []
    outbox.send_each(
        keys=list(NoticeDelivery.objects.order_by("pk").values_list("pk", flat=True)),
        origin=ORIGIN,
        clock=timezone.now,
        progress=lambda done, total, text: said.append(text),
    )
    return said


def states() -> list[tuple[str, str]]:
    return list(NoticeDelivery.objects.order_by("pk").values_list("state", "reason"))


def test_without_a_channel_nothing_leaves(scene: Scene, settings: Any) -> None:
    settings.NOTICE_CHANNELS = []
    assert scene.write() == []
    assert not Job.objects.exists()


def test_a_channel_nobody_knows_is_a_mistake_of_the_settings(settings: Any) -> None:
    settings.NOTICE_CHANNELS = ["pigeon"]
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        channels_in_use()


def test_a_letter_goes_to_the_mailbox_once(scene: Scene) -> None:
    assert len(scene.write()) == 1
    assert Job.objects.get().arguments["origin"] == ORIGIN
    assert send()[-1] == "已发出1条"
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["jia@example.com"], "催报：10月月报")
    assert letter.body == "甲园：\n\n请提交。\n\nhttps://portal.example.com/returns/\n"
    assert states() == [("sent", "")]
    # Delivered a second time, the job has nothing to do.
    assert send()[-1] == "已发出0条"
    assert len(mail.outbox) == 1


def test_what_was_cut_off_is_not_sent_again(scene: Scene) -> None:
    """Between the mark and the answer of the server nobody knows: better none than two."""
    (row,) = scene.write()
    NoticeDelivery.objects.filter(pk=row.pk).update(state="sending")
    send()
    assert mail.outbox == []
    assert outbox.queue_again(by=scene.officer, origin=ORIGIN, now=NOW, keys=[row.pk]) == 0


def test_what_failed_says_why_and_is_sent_when_asked_again(scene: Scene, settings: Any) -> None:
    (row,) = scene.write()
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send()[-1] == "已发出0条，没有发出1条"
    assert states() == [("failed", "邮件服务器没有接收（ConnectionRefusedError）")]
    settings.EMAIL_BACKEND = works
    send()
    assert mail.outbox == []
    # Not for another office, and once.
    stranger = acting(scene.small.officer(scene.small.other_county))
    assert outbox.queue_again(by=stranger, origin=ORIGIN, now=NOW, keys=[row.pk]) == 0
    assert outbox.queue_again(by=acting(scene.director), origin=ORIGIN, now=NOW, keys=[row.pk]) == 0
    assert outbox.queue_again(by=scene.officer, origin=ORIGIN, now=NOW, keys=[row.pk]) == 1
    assert outbox.queue_again(by=scene.officer, origin=ORIGIN, now=NOW, keys=[row.pk]) == 0
    send()
    assert len(mail.outbox) == 1
    assert states() == [("sent", "")]


def test_who_removed_the_mailbox_gets_no_letter(scene: Scene) -> None:
    services.set_mailbox(address="", by=acting(scene.director))
    assert scene.write() == []


@dataclass
class Gateway:
    status: int = 200
    heard: list[tuple[dict[str, Any], str, bytes]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """A bureau's gateway on this machine."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((json.loads(body), self.headers["X-Portal-Signature"], body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.port = server.server_port
    settings.NOTICE_CHANNELS = ["gateway"]
    settings.NOTICE_GATEWAY_URL = f"http://127.0.0.1:{found.port}/"
    settings.NOTICE_GATEWAY_SECRET = "示例密钥-不少于十六个字符-0123"
    yield found
    server.shutdown()
    server.server_close()


def test_the_gateway_is_told_with_a_signature(gateway: Gateway, settings: Any) -> None:
    scene = Scene()
    # Whom to tell there the gateway knows: no mailbox is needed.
    assert len(scene.write()) == 2
    send()
    assert states() == [("sent", "")] * 2
    message, signature, body = gateway.heard[0]
    assert message["name"] == "甲园"
    assert message["organisation"] == scene.with_mailbox.pk
    assert message["link"] == f"{ORIGIN}/returns/"
    secret = settings.NOTICE_GATEWAY_SECRET.encode()
    assert signature == hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert len({heard[0]["message"] for heard in gateway.heard}) == 2


def test_a_gateway_that_refuses_is_quoted(gateway: Gateway) -> None:
    scene = Scene()
    scene.write()
    gateway.status = 503
    send()
    assert states() == [("failed", "短信网关没有接收（503）")] * 2


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
