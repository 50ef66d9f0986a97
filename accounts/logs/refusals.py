"""A refused page is one line in the log: where in the code it was refused says nothing."""

from __future__ import annotations

import logging


class NoTracebackOfRefusals(logging.Filter):
    """For Django's own logger of requests, which adds a traceback to each 403."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 403:
            record.exc_info = None
        return True
