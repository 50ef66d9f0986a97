"""Beside an annual check (年检) that is being decided: what vetoes it, as the bureau found.

Said is the clause and the document of the finding, never what happened.
"""

from __future__ import annotations

import datetime as dt

from accounts.formatting import zhdate
from kindergartens.models import Procedure
from kindergartens.procedures import beside
from kindergartens.procedures.annual_checks import KIND
from safety.incidents.rules import VETO
from safety.incidents.selectors import effects, standing_findings
from safety.models import IncidentFinding

OF_ONE_CHECK = "findings about the kindergarten whose check is in hand; no account is shown"


def vetoed(procedure: Procedure, today: dt.date) -> str:
    """Why the check of its year cannot end well; "" where nothing was found. One query."""
    year = procedure.details.get("year")
    if not isinstance(year, int):
        return ""
    rows = IncidentFinding.objects.unscoped(OF_ONE_CHECK).filter(
        case__kindergarten=procedure.kindergarten
    )
    found = [
        one
        for one in effects(standing_findings(rows))
        if one.brought.consequence.effect == VETO and one.brought.since.year == year
    ]
    return "".join(
        f"{one.finding.document}（{zhdate(one.finding.decided_on)}）认定本园{year}年发生"
        f"“{one.finding.get_nature_display()}”，按{one.brought.consequence.document}"
        f"{one.brought.consequence.clause}，{year}年年检一票否决，不能定为合格。"
        for one in found
    )


beside.register(KIND, vetoed)
