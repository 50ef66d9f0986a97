"""Giving a key out, taking it back, and letting whoever shows one in or not."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from accounts.history.context import because
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import ApiToken, Organisation, Region, User
from accounts.models.api_token import LONGEST_LIFE
from accounts.tokens.acting import Bearer

logger = logging.getLogger(__name__)

# So that a key that was pasted into a text by mistake is known for what it is.
MARK = "psp_"
SHOWN = len(MARK) + 6


class TokenNotIssued(Exception):
    """Why no key was given out, in Chinese; `field` says where."""

    def __init__(self, text: str, field: str) -> None:
        self.field = field
        super().__init__(text)


class TokenRefused(Exception):
    """Why a key does not open: a code for machines, what it is, and what to do next."""

    def __init__(
        self, code: str, detail: str, next_step: str, token: ApiToken | None = None
    ) -> None:
        self.code, self.detail, self.next_step, self.token = code, detail, next_step, token
        super().__init__(detail)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(
    *,
    organisation: Organisation,
    region: Region,
    name: str,
    last_day: dt.date,
    by: User,
    now: dt.datetime,
) -> tuple[ApiToken, str]:
    """A new key for an organisation's own system: the row, and the key that is shown this once.

    It opens until the end of `last_day`. Raises TokenNotIssued where the place is wider than the
    giver's or the organisation's own, or the time longer than a year.
    """
    post = by.acting
    if post is None or not post.organisation.region.contains(organisation.region):
        raise TokenNotIssued("这个机构不在您的区域里。请选本区域的机构。", "organisation")
    if organisation.kind == Organisation.Kind.KINDERGARTEN:
        raise TokenNotIssued("接口只给机关单位用。幼儿园请用表格导出。", "organisation")
    if not organisation.region.contains(region):
        raise TokenNotIssued(
            f"数据范围不能超出{organisation.name}所在的{organisation.region.name}。", "region"
        )
    end = dt.datetime.combine(
        last_day + dt.timedelta(days=1), dt.time.min, timezone.get_current_timezone()
    )
    if end <= now:
        raise TokenNotIssued("到期日已经过了。请写今天或以后的日期。", "last_day")
    if end - now > LONGEST_LIFE:
        raise TokenNotIssued("令牌最长一年。到期前再发新的。", "last_day")
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        organisation=organisation,
        region=region,
        name=name,
        digest=digest_of(secret),
        begins_with=secret[:SHOWN],
        issued_at=now,
        issued_as=post,
        expires_at=end,
    )
    return token, secret


@transaction.atomic
def revoke(*, token_id: int, reason: str, by: User, now: dt.datetime) -> ApiToken:
    """From now on the key opens nothing; its row and its uses stay. Once is enough."""
    token = ApiToken.objects.visible_to(by).select_for_update(of=("self",)).get(pk=token_id)
    if token.revoked_at is None:
        with because(reason):
            token.revoked_at, token.revoked_as, token.revoked_reason = now, by.acting, reason
            token.save(update_fields=["revoked_at", "revoked_as", "revoked_reason"])
    return token


def find(secret: str) -> ApiToken:
    """The key's row. Raises TokenRefused for a key that nobody was given."""
    token = (
        ApiToken.objects.unscoped("who shows a key is asked by the key alone")
        .select_related("organisation__region", "region")
        .filter(digest=digest_of(secret))
        .first()
    )
    if token is None:
        raise TokenRefused(
            "unknown-token",
            "没有这个令牌。",
            "请核对令牌是否复制完整；丢失的不能找回，请安全管理员发新的。",
        )
    return token


def bearer_of(token: ApiToken, *, now: dt.datetime) -> Bearer:
    """As whom the key reads. Raises TokenRefused where it has ended."""
    if token.revoked_at is not None:
        raise TokenRefused("revoked-token", "这个令牌已撤销。", "请安全管理员发新的令牌。", token)
    if token.expires_at <= now:
        raise TokenRefused("expired-token", "这个令牌已到期。", "请安全管理员发新的令牌。", token)
    if not token.organisation.region.contains(token.region):
        raise TokenRefused(
            "scope-ended",
            "令牌的数据范围已不在机构所在的区域里。",
            "请安全管理员撤销后按现在的区域重新发放。",
            token,
        )
    return Bearer(token)


def record_refused_token(refusal: TokenRefused, *, now: dt.datetime) -> None:
    """Each refusal in the record of access; never the key that was shown."""
    record_access(
        Action.API,
        by=None,
        at=now,
        outcome=Outcome.REFUSED,
        target=refusal.token,
        reason=refusal.detail,
    )


_COUNT = """
    INSERT INTO accounts_apitokenuse AS used (token_id, day, answered, refused, last_at)
    VALUES (%(token)s, %(day)s, %(answered)s, %(refused)s, %(now)s)
    ON CONFLICT (token_id, day) DO UPDATE
       SET answered = used.answered + excluded.answered,
           refused = used.refused + excluded.refused,
           last_at = greatest(used.last_at, excluded.last_at)
"""


def count_use(token: ApiToken, *, now: dt.datetime, refused: bool = False) -> None:
    """One more use on this day: one statement. A count that fails stops nobody."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _COUNT,
                {
                    "token": token.pk,
                    "day": timezone.localdate(now),
                    "answered": int(not refused),
                    "refused": int(refused),
                    "now": now,
                },
            )
    except (DatabaseError, InterfaceError):
        logger.warning("A use of token %s could not be counted", token.pk, exc_info=True)
