"""Preparing what is published, and publishing it: never the same person, never the same thing twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.access.scope import home_region
from accounts.formatting import zhdatetime
from accounts.history.context import because
from accounts.models import Membership, Region, User
from accounts.serials import next_number
from indicators.models import Publication, PublicationDraft, PublicationKind
from indicators.publications import rules
from indicators.publications.content import FiguresBehind, collect
from indicators.publications.selectors import newest_of
from indicators.services.recompute import figures_at_rest
from kindergartens.policies import NotAllowedNow

# A city has nobody yet who publishes what its officers prepare (ADR 53).
PUBLISHING_LEVEL = Region.Level.COUNTY
NUMBERED = "numbers are counted over all of a region"
RECOMPUTING = (
    "汇总和月报现在对不上，可能有新接收的月报正在重算，请过一分钟再试；"
    "一直这样的，请在“数据核验”里核验这个月。"
)


class PublicationRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def check_region(by: User, region: Region) -> None:
    """A county's bureau publishes the figures of its own county."""
    home = home_region(by)
    if home is None or home != region or region.level != PUBLISHING_LEVEL:
        raise PermissionDenied("区县教育局公布本区县的数据。")


def at_rest(region: Region, month: dt.date) -> dict[str, Any]:
    """The figures as one computation left them. Raises PublicationRefused while one is under way."""
    try:
        with figures_at_rest(region=region, month=month):
            return collect(region, month)
    except FiguresBehind as behind:
        raise PublicationRefused(RECOMPUTING) from behind


@transaction.atomic
def prepare(
    *, region: Region, kind: str, month: dt.date, agreed: bool, incomplete_reason: str,
    reason: str, by: User, now: dt.datetime,
) -> PublicationDraft:  # fmt: skip
    """Freeze the figures as they are for another person to publish; the newest draft replaces one
    that waits. Where the month (of an annual one: the school year) was published before, it is a
    correction, with a reason. Raises PublicationRefused.
    """
    post = acting_with(by, Permission.PREPARE_PUBLICATIONS)
    check_region(by, region)
    _one_at_a_time(region)
    body = at_rest(region, month)
    coverage = body["coverage"]
    if not coverage["accepted"]:
        raise PublicationRefused("这个月还没有计入的月报，没有可以公布的数。", "month")
    problem = rules.problem_of_missing(
        kind, coverage["expected"] - coverage["accepted"], agreed=agreed,
        incomplete_reason=incomplete_reason,
    )  # fmt: skip
    if problem:
        raise PublicationRefused(problem[1], problem[0])
    corrects = newest_of(region, kind, month)
    _check_correction(corrects, kind, month, body, reason)
    body["incomplete_reason"] = incomplete_reason if body["provisional"] else ""
    content = rules.canonical(body)
    digest = rules.digest_of(content)
    earlier = PublicationDraft.objects.visible_to(by).waiting().filter(kind=kind, month=month)
    for draft in earlier.filter(region=region):
        if (draft.digest, draft.reason) == (digest, reason if corrects else ""):
            raise PublicationRefused(
                f"一样的拟稿{zhdatetime(draft.prepared_at)}已经拟好，在等领导公布，不用重拟。"
            )
        _close(draft, PublicationDraft.State.WITHDRAWN, "重新拟稿")
    with because("拟稿"):
        return PublicationDraft.objects.create(
            region=region, kind=kind, month=month, corrects=corrects,
            reason=reason if corrects else "", content=content, digest=digest,
            prepared_as=post, prepared_at=now,
        )  # fmt: skip


def _check_correction(
    corrects: Publication | None, kind: str, month: dt.date, body: dict[str, Any], reason: str
) -> None:
    if corrects is None:
        return
    if corrects.month != month:
        raise PublicationRefused(
            f"这个学年已按{corrects.month:%Y年%-m月}公布{corrects}，更正的请选同一个月。", "month"
        )
    if not reason:
        raise PublicationRefused(f"已公布{corrects}。要更正的，请写明更正原因。", "reason")
    if not rules.differences(corrects.body, body):
        raise PublicationRefused(f"现在的数和{corrects}公布的一样，没有要更正的。")


@transaction.atomic
def withdraw(*, draft_id: int, reason: str, by: User) -> PublicationDraft:
    """Take a draft back, or send it back: it is not published. Raises PublicationRefused."""
    acting_with(by, Permission.PREPARE_PUBLICATIONS, Permission.PUBLISH_FIGURES)
    draft = _waiting(draft_id, by)
    _close(draft, PublicationDraft.State.WITHDRAWN, reason)
    return draft


@transaction.atomic
def publish(*, draft_id: int, digest: str, by: User, now: dt.datetime) -> Publication:
    """Publish what another person prepared and was shown (`digest`): the draft's own figures.

    Raises PublicationRefused when anything of them has changed since, or somebody published first.
    """
    post = acting_with(by, Permission.PUBLISH_FIGURES)
    draft = _waiting(draft_id, by)
    if digest != draft.digest:
        raise PublicationRefused("拟稿已经换了，请看一遍现在的拟稿再公布。")
    if not separate(draft.prepared_as.actor, post.actor):
        raise PublicationRefused("这是您自己拟的稿，要由另一位领导公布。")
    changed = rules.changed_sections(draft.body, at_rest(draft.region, draft.month))
    if changed:
        raise PublicationRefused(
            f"拟稿以后{'、'.join(changed)}有变化，没有公布。请退回经办人重新拟稿。"
        )
    corrects = newest_of(draft.region, draft.kind, draft.month)
    if corrects != draft.corrects:
        raise PublicationRefused(f"已有人公布{corrects}。请退回经办人，确实要更正的重新拟稿。")
    publication = _publication(draft, corrects, post, now)
    _close(draft, PublicationDraft.State.PUBLISHED, f"公布{publication}")
    return publication


def _publication(
    draft: PublicationDraft, corrects: Publication | None, post: Membership, now: dt.datetime
) -> Publication:  # fmt: skip
    body = draft.body
    used = Publication.objects.unscoped(NUMBERED)
    head = f"{rules.PREFIXES[draft.kind]}-{draft.region.code}-{timezone.localdate(now).year}-"
    number = next_number(used, head)
    revision = corrects.revision + 1 if corrects else 0
    content = rules.canonical(
        body
        | {
            "number": number,
            "kind": draft.kind,
            "kind_name": PublicationKind(draft.kind).label,
            "revision": revision,
            "corrects": corrects and corrects.number,
            "reason": draft.reason,
            "frozen_at": now,
            "prepared_by": draft.prepared_as.organisation.name,
            "published_by": post.organisation.name,
            "changes": [
                one.as_dict()
                for one in (rules.differences(corrects.body, body) if corrects else ())
            ],
        }
    )
    return Publication.objects.create(
        number=number, region=draft.region, kind=draft.kind, month=draft.month,
        school_year=body["school_year"], revision=revision, corrects=corrects,
        reason=draft.reason, provisional=body["provisional"], content=content,
        digest=rules.digest_of(content), draft=draft, prepared_as=draft.prepared_as,
        published_as=post, published_at=now,
    )  # fmt: skip


def _one_at_a_time(region: Region) -> None:
    """Two who prepare or publish for a region at once come one after the other."""
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)


def _waiting(draft_id: int, by: User) -> PublicationDraft:
    """One that still waits, locked until the transaction ends."""
    rows = PublicationDraft.objects.visible_to(by)
    found = rows.select_related("region").get(pk=draft_id)
    check_region(by, found.region)
    _one_at_a_time(found.region)
    draft = (
        rows.select_related("region", "corrects", "prepared_as__organisation")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=draft_id)
    )
    if draft.state != PublicationDraft.State.WAITING:
        raise PublicationRefused(f"这份拟稿{draft.get_state_display()}，不用再办。请返回列表。")
    return draft


def _close(draft: PublicationDraft, state: str, reason: str) -> None:
    draft.state = state
    with because(reason):
        draft.save(update_fields=["state"])
