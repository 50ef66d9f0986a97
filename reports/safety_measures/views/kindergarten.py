"""One kindergarten: each measure, what shows it, who confirmed it, what the return says."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.statuses import Status
from kindergartens.models import Kindergarten, KindergartenStatus
from reports.safety_measures import selectors, words
from safety.measures.selectors import all_evidence, answers_with_host
from safety.models import MeasureEvidence, SafetyMeasure

EVIDENCE_STATES = {
    "submitted": Status("待核对", "send", "blue"),
    "confirmed": Status("已核对", "circle-check", "line"),
    "returned": Status("已退回", "arrow-back-up", "red"),
    "withdrawn": Status("已撤回", "circle-minus", "grey"),
}


@dataclass(frozen=True)
class Row:
    """`evidence` in force, which the line stands on; None where it is computed or there is none."""

    line: selectors.Line
    standing: Status
    why: str
    said: str
    evidence: MeasureEvidence | None
    by_evidence: bool


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    visible = Kindergarten.objects.visible_to(request.user)
    kindergarten = get_object_or_404(
        visible.select_related("organisation__region", "host"), code=code
    )  # fmt: skip
    day, user = timezone.localdate(), request.user
    statuses = kindergarten.statuses.on(day).select_related("town__county", "town__city")
    status = statuses.first()
    evidence = list(all_evidence(user, kindergarten))
    shown, with_host = None, answers_with_host(kindergarten)
    if status is not None and not with_host:
        kindergarten.current = status  # type: ignore[attr-defined]
        [shown] = selectors.of_kindergartens(user, [kindergarten], day)
    context = {
        "kindergarten": kindergarten,
        "status": status,
        "runs": status is not None
        and status.operating_state == KindergartenStatus.OperatingState.OPERATING,
        "day": day,
        "shown": shown,
        "with_host": with_host,
        "host_is_seen": with_host and visible.filter(sites=kindergarten).exists(),
        "rows": _rows(shown, evidence) if shown else [],
        "guards_why": words.guards_unknown(shown) if shown else "",
        "evidence": [(one, EVIDENCE_STATES[one.state]) for one in evidence],
        "waiting_codes": {one.measure.code for one in evidence if one.state == "submitted"},
        "can_keep": user.can(Permission.KEEP_SAFETY),
        "own_organisation": user.acting and user.acting.organisation_id,
        "can_decide": user.can(Permission.DECIDE_SAFETY),
        "may_read_history": user.can(Permission.READ_HISTORY),
        "reads_area": user.can(Permission.READ_PROGRESS),
    }
    return render(request, "reports/safety_measures/kindergarten.html", context)


def _rows(shown: selectors.OfOne, evidence: list[MeasureEvidence]) -> list[Row]:
    return [
        Row(
            line,
            words.STANDINGS[line.found.standing],
            words.why(line, shown),
            words.beside(line, shown),
            _in_force(line, evidence),
            line.measure.judged_by == SafetyMeasure.JudgedBy.EVIDENCE,
        )
        for line in shown.lines
    ]


def _in_force(line: selectors.Line, evidence: list[MeasureEvidence]) -> MeasureEvidence | None:
    """What the verdict stands on: of the measure, confirmed, and good until the day that was found."""
    if line.found.until is None:
        return None
    good = (
        one for one in evidence
        if one.measure.code == line.measure.code
        and one.state == MeasureEvidence.State.CONFIRMED
        and line.found.until <= one.valid_until
    )  # fmt: skip
    return next(good, None)
