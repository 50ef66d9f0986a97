"""What a county sets about incidents: the time until the first report, and until parents know."""

from __future__ import annotations

from kindergartens.dated.services import Kind
from safety.models import IncidentLimit

LIMIT = Kind(
    "事故上报时限",
    IncidentLimit,
    ("step", "kind"),
    ("minutes", "document", "valid_from", "valid_to"),
)
