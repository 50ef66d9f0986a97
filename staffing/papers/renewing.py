"""What a form starts with where a paper is renewed: what most likely stays as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from kindergartens.models import Kindergarten
from staffing.models import Certificate, StaffMember
from staffing.papers.kinds import KINDS
from staffing.papers.rules import next_period

# What of the paper before is offered again, and which of its days would be today.
KEPT = {
    "health": ("hospital",), "background": ("authority", "asked_by"), "contract": ("kind",),
    "insurance": (), "training": (), "ethics": (),
}  # fmt: skip
TODAY = {
    "health": "checked_on", "background": "queried_on", "contract": "signed_on",
    "insurance": "valid_from", "training": "ended_on", "ethics": "decided_on",
}  # fmt: skip


def initial_for(
    kind: str, by: User, today: dt.date, *, of: StaffMember | Kindergarten
) -> dict[str, Any]:
    """By the newest paper of the person; of a kindergarten, by the newest of anybody there."""
    papers: QuerySet[Any] = KINDS[kind].model.objects.visible_to(by).standing()
    path = KINDS[kind].path
    if isinstance(of, StaffMember):
        papers = papers.filter(**{path: of})
    else:
        papers = papers.filter(**{f"{path}__appointments__kindergarten": of})
    last = papers.order_by(f"-{'valid_from' if kind == 'contract' else 'pk'}").first()
    initial: dict[str, Any] = {TODAY[kind]: today}
    if last is None:
        return initial
    initial |= {name: getattr(last, name) for name in KEPT[kind]}
    if kind == "contract" and isinstance(of, StaffMember):
        initial |= dict(
            zip(
                ("valid_from", "valid_until"),
                next_period(last.valid_from, last.valid_until, today),
                strict=True,
            )
        )
    return initial


def initial_certificate(person: StaffMember, kind: str, stage: str) -> dict[str, Any]:
    """A certificate that ends is issued again: the same kind, stage and most often number."""
    papers = person.certificates.filter(kind=kind, stage=stage, withdrawn_at__isnull=True)
    last: Certificate | None = papers.order_by("-issued_on").first()
    if last is None:
        return {}
    return {"paper_kind": last.kind, "paper_stage": last.stage, "paper_number": last.number}
