"""Ways out of the portal for messages: one class each, with one method.

`settings.NOTICE_CHANNELS` names those that are in use; without any, messages are read in the portal
alone. SMS, 政务微信 and 钉钉 are reached through the bureau's own gateway: a signed request names the
organisation and the words, and the gateway knows whom to tell there. No phone number leaves.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from smtplib import SMTPException, SMTPServerDisconnected
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection


class NotDelivered(Exception):
    """The message did not go out; the text, in Chinese, says why."""


class Unconfirmed(Exception):
    """The message was handed over and no answer came: it may have gone out, or not.

    The text, in Chinese, says what was missing.
    """


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves. `key` is the same whenever this very message is sent."""

    key: str
    organisation: str
    organisation_key: int
    address: str
    title: str
    text: str
    link: str


class Channel(Protocol):
    code: str
    label: str
    needs_address: bool

    def send(self, message: Outgoing) -> None:
        """Hand the message on, once. Raises NotDelivered and Unconfirmed."""


class Email:
    """To the organisation's mailbox, through Django's e-mail settings (EMAIL_URL)."""

    code, label, needs_address = "email", "邮件", True

    def send(self, message: Outgoing) -> None:
        server = get_connection()
        letter = EmailMessage(
            subject=message.title,
            body=f"{message.organisation}：\n\n{message.text}\n\n{message.link}\n",
            to=[message.address],
            headers={"Message-ID": f"<notice-{message.key}@{settings.NOTICE_MAIL_DOMAIN}>"},
        )
        try:
            server.open()
        except (SMTPException, OSError) as failure:
            raise NotDelivered(f"邮件服务器没有接收（{type(failure).__name__}）") from failure
        try:
            server.send_messages([letter])
        except SMTPServerDisconnected as silence:
            # So smtplib says, too, that an answer did not come in time.
            raise Unconfirmed("邮件服务器没有答复") from silence
        except SMTPException as refusal:
            raise NotDelivered(f"邮件服务器没有接收（{type(refusal).__name__}）") from refusal
        except OSError as silence:
            raise Unconfirmed(f"邮件服务器没有答复（{type(silence).__name__}）") from silence
        finally:
            # The letter's fate is settled by now, whatever becomes of the goodbye.
            with suppress(SMTPException, OSError):
                server.close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would be repeated as a GET, and a sign-in page answers that with 200."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
# What stands between us and the gateway says that it got no answer from it.
NO_ANSWER = frozenset({502, 504})


class Gateway:
    """To the bureau's gateway: POST of JSON, signed with the shared secret (HMAC-SHA256).

    X-Portal-Signature is the hex digest over the body; X-Portal-Message names the message, so that
    the gateway can tell a repeated request. It has taken the message when it answers 2xx; every
    other answer of its own says that it has not.
    """

    code, label, needs_address = "gateway", settings.NOTICE_GATEWAY_LABEL, False
    SECONDS = 10

    def send(self, message: Outgoing) -> None:
        body = json.dumps(
            {
                "message": message.key,
                "organisation": message.organisation_key,
                "name": message.organisation,
                "title": message.title,
                "text": message.text,
                "link": message.link,
            },
            ensure_ascii=False,
        ).encode()
        secret = settings.NOTICE_GATEWAY_SECRET.encode()
        request = urllib.request.Request(  # noqa: S310 - https, or this machine: checked in settings
            settings.NOTICE_GATEWAY_URL,
            data=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "X-Portal-Message": message.key,
                "X-Portal-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
            },
        )
        try:
            with _OPENER.open(request, timeout=self.SECONDS):
                pass
        except urllib.error.HTTPError as refusal:
            refusal.close()
            if refusal.code in NO_ANSWER:
                raise Unconfirmed(f"{self.label}网关没有答复（{refusal.code}）") from refusal
            raise NotDelivered(f"{self.label}网关没有接收（{refusal.code}）") from refusal
        except urllib.error.URLError as failure:
            # Raised until the whole request is out; what comes after it is raised as it is.
            why = type(failure.reason).__name__
            raise NotDelivered(f"连不上{self.label}网关（{why}）") from failure
        except (OSError, HTTPException) as silence:
            why = type(silence).__name__
            raise Unconfirmed(f"{self.label}网关没有答复（{why}）") from silence


KNOWN: dict[str, type[Email] | type[Gateway]] = {"email": Email, "gateway": Gateway}


def channels_in_use() -> list[Channel]:
    """Those the settings name, in their order. Raises ImproperlyConfigured for an unknown one."""
    unknown = set(settings.NOTICE_CHANNELS) - KNOWN.keys()
    if unknown:
        raise ImproperlyConfigured(f"NOTICE_CHANNELS names no channel of ours: {sorted(unknown)}")
    return [KNOWN[code]() for code in settings.NOTICE_CHANNELS]
