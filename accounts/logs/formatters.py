"""How a log line is written: JSON for a log store, a plain line for a terminal. Both are scrubbed."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from accounts.logs.scrubbing import scrubbed

# Objects that logging or Django hang onto a record and that say nothing in a line.
UNWANTED = ["request", "server_time", "data", "color_message", "taskName"]


def local_time(record: logging.LogRecord) -> str:
    """2026-11-05T16:40:12.345+08:00: with the offset, so that lines of two machines compare."""
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC).astimezone()
    return moment.isoformat(timespec="milliseconds")


class ScrubbedJsonFormatter(JsonFormatter):
    """One JSON object a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            reserved_attrs=[*vars(logging.makeLogRecord({})), *UNWANTED, "message", "asctime"],
            json_ensure_ascii=False,
            **options,
        )

    def format(self, record: logging.LogRecord) -> str:
        return super().format(scrubbed(record))

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["time"] = local_time(record)
        super().add_fields(log_data, record, message_dict)


class ScrubbedLineFormatter(logging.Formatter):
    """For a terminal: one line, and a traceback set off from what could pass for lines."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(scrubbed(record)).split("\n")
        return "\n".join([first, *(f"  | {line}" for line in rest)])
