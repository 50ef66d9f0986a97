"""The page of a kindergarten: its record, its dated status, its returns, its people."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Membership, Organisation
from kindergartens import selectors as registry
from kindergartens.changes.presenters import timeline_rows, withdrawal_lines
from kindergartens.changes.selectors import timeline, withdrawn_changes
from kindergartens.groups.selectors import groups_of
from kindergartens.models import (
    FormerName,
    Kindergarten,
    KindergartenStatus,
    RecordProposal,
)
from kindergartens.procedures import annual_checks, filed_directors
from kindergartens.procedures.policies import ASKERS, may_act
from kindergartens.procedures.presenters import procedures_of
from kindergartens.procedures.selectors import still_to_record
from kindergartens.record import policies, selectors
from kindergartens.record.presenters import (
    missing_by,
    section_title,
    shown_sections,
    whole_completeness,
)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_detail(request: SignedInRequest, code: str) -> HttpResponse:
    now = timezone.now()
    day = timezone.localdate(now)
    kindergarten = get_object_or_404(
        registry.kindergartens_on(request.user, day).select_related(
            "current__town__county", "organisation__region__county", "host", "inspector"
        ),
        code=code,
    )
    current = getattr(kindergarten, "current", None)
    former = selectors.former_names(kindergarten)
    made = selectors.proposals_of(kindergarten)
    waiting = {row.section: row for row in made if row.state == RecordProposal.State.WAITING}
    findings = selectors.record_findings(
        kindergarten,
        ownership=current.ownership if current else "",
        day=day,
        name_since=former[0].valid_to if former else kindergarten.opened_on,
    )
    contacts = registry.contacts(kindergarten, day=day)
    reads_procedures = request.user.can(Permission.READ_PROCEDURES)
    filed = filed_directors.last_of(kindergarten) if reads_procedures else None
    classes = registry.classes_last_accepted(request.user, kindergarten)
    context = {
        "kindergarten": kindergarten,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "may_manage": policies.manages(request.user, kindergarten),
        "is_own": policies.is_own(request.user, kindergarten),
        "sections": shown_sections(
            kindergarten, user=request.user, findings=findings, waiting=waiting, today=day
        ),
        "completeness": whole_completeness(kindergarten),
        "missing": missing_by(kindergarten),
        "name_findings": [finding for finding in findings if finding.field == "name"],
        "former_names": former,
        "sites": list(kindergarten.sites.order_by("code")),
        "proposals": [
            {"proposal": row, "title": section_title(row.section)}
            for row in made
            if row.state != RecordProposal.State.WAITING
        ][:3],
        "current": current,
        "groups": list(
            groups_of(
                request.user, kindergarten, town=current.town_id if current else None, day=day
            )
        ),
        "timeline": timeline_rows(timeline(kindergarten, day=day), user=request.user),
        "withdrawals": withdrawal_lines(withdrawn_changes(kindergarten)),
        "day": day,
        "annual_check": annual_checks.last_of(kindergarten),
        "to_record": still_to_record(kindergarten) if reads_procedures else [],
        "reads_procedures": reads_procedures,
        "procedures": procedures_of(request.user, kindergarten, day=day),
        "may_ask": may_act(request.user, kindergarten, *ASKERS),
        "contacts": contacts,
        "filed_director": filed,
        "account_wants": _account_wants(filed, contacts, kindergarten),
        "may_reveal": request.user.can(Permission.REVEAL_PERSONAL_DATA),
        "may_read_staff": request.user.can(Permission.READ_STAFF),
        "may_read_safety": request.user.can(Permission.READ_SAFETY),
        "months": registry.months_of(request.user, kindergarten, now=now),
        "classes": classes,
        "classes_version": classes[0].filing_version if classes else None,
        "total": {
            "boys": sum(row.boys for row in classes),
            "girls": sum(row.girls for row in classes),
            "children": sum(row.children for row in classes),
        },
    }
    return render(request, "kindergartens/detail.html", context)


def _account_wants(
    filed: filed_directors.FiledDirector | None,
    contacts: Sequence[Membership],
    kindergarten: Kindergarten,
) -> str:
    if filed is None:
        return ""
    directors = [
        post.user.full_name
        for post in contacts
        if post.role == RoleCode.DIRECTOR and post.deputises_for is None
    ]
    county = kindergarten.organisation.region.county or kindergarten.organisation.region
    return filed.wants_of_accounts(directors, f"{county.name}教育局")


@require_GET
@requires(Permission.READ_HISTORY)
def kindergarten_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Who changed what about a kindergarten, its record and its dated status, as sentences."""
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    subjects = [
        Subject(Kindergarten, [kindergarten.pk], "幼儿园"),
        Subject(
            KindergartenStatus,
            registry.status_keys_ever(kindergarten),
            "办园状态",
            told_by=("valid_from",),
        ),
        Subject(FormerName, list(kindergarten.past_names.values_list("pk", flat=True)), "曾用名"),
        Subject(Organisation, [kindergarten.organisation_id], "机构"),
    ]
    return history_response(
        request,
        subjects,
        title=kindergarten.name,
        back=(reverse("kindergarten-detail", args=[code]), kindergarten.name),
    )
