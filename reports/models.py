"""Documents that were printed, kept as they were."""

from reports.documents.models import PrintedDocument

__all__ = ["PrintedDocument"]
