"""Documents that were printed, kept as they were; what officers did with returns on the board."""

from reports.documents.models import PrintedDocument
from reports.filings.board.models import BulkAcceptance, FollowUp
from reports.reconciling.models import DifferenceNote, ListNote

__all__ = ["BulkAcceptance", "DifferenceNote", "FollowUp", "ListNote", "PrintedDocument"]
