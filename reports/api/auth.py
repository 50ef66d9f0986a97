"""Who may ask: whoever shows a key that holds, and no more often than agreed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts.hardening import limits
from accounts.hardening.address import client_address
from accounts.tokens.acting import Bearer
from accounts.tokens.services import (
    TokenRefused,
    bearer_of,
    count_use,
    find,
    record_refused_token,
)
from reports.api.errors import CHALLENGE, NotAnswered


class TokenAuth(HttpBearer):
    """`Authorization: Bearer …`. A session cookie that comes along is never looked at."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer:
        now = timezone.now()
        try:
            found = find(token)
        except TokenRefused as refusal:
            # Who tries keys is stopped before every trial is a row.
            _count(request, limits.API_STRANGER, None)
            record_refused_token(refusal, now=now)
            raise _refused(refusal) from refusal
        _count(request, limits.API, found.pk)
        try:
            bearer = bearer_of(found, now=now)
        except TokenRefused as refusal:
            count_use(found, now=now, refused=True)
            record_refused_token(refusal, now=now)
            raise _refused(refusal) from refusal
        count_use(found, now=now)
        return bearer


def _refused(refusal: TokenRefused) -> NotAnswered:
    return NotAnswered(401, refusal.code, refusal.detail, refusal.next_step, CHALLENGE)


def _count(request: HttpRequest, limit: limits.Limit, token: int | None) -> None:
    if not settings.RATE_LIMITS:
        return
    refusal = limits.count_request(
        limit, person=token, address=client_address(request), now=timezone.now()
    )
    if refusal is not None:
        raise NotAnswered(
            429,
            "too-many-requests",
            f"请求太多，{refusal.seconds}秒以后再来。",
            "请等Retry-After头里写的秒数；没有变化的数据请带If-None-Match再请求。",
            {"Retry-After": str(refusal.seconds)},
        )
