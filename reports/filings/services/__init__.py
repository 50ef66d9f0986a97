"""What people do with a monthly return: open, save, submit, withdraw, pass on, accept, send back.

Each is one transaction that checks the state, writes the change and its record together, and
asks for the recomputation where figures move. Every function locks the return's row first, so
that two tabs or two people act one after the other.
"""

from reports.filings.services.attaching import attach, detach
from reports.filings.services.deciding import (
    accept,
    accept_without_figures,
    pass_on,
    send_back,
    send_back_from_town,
)
from reports.filings.services.drafting import (
    Conflicting,
    TooMuchText,
    merge_draft,
    open_filing,
    save_draft,
)
from reports.filings.services.steps import StaleRevision
from reports.filings.services.submitting import NotSubmittable, submit, withdraw
from reports.filings.services.taking_in import TakenIn, take_in

__all__ = [
    "Conflicting",
    "NotSubmittable",
    "StaleRevision",
    "TakenIn",
    "TooMuchText",
    "accept",
    "accept_without_figures",
    "attach",
    "detach",
    "merge_draft",
    "open_filing",
    "pass_on",
    "save_draft",
    "send_back",
    "send_back_from_town",
    "submit",
    "take_in",
    "withdraw",
]
