"""A list sent as a file, and the record of who took how many rows of it.

The file is written inside the view and inside one transaction, not while it is being sent: the
rows come from a single query, read through a server-side cursor, and so are those of one moment;
the record counts what was written and is kept together with it or not at all. A response that read
the database while it was sent would do so after its transaction, as nobody in particular, and an
error half-way would leave half a file on somebody's disk. The isolation stays READ COMMITTED: under
a snapshot for the whole transaction the lock before the day's quota (accounts/releases) would no
longer see what the export before it had taken.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import Model
from django.http import FileResponse

from accounts.exports import Table, Written, write
from accounts.history.recording import Action, record_access
from accounts.models import User


def download(
    table: Table, ending: str, *, by: User, at: dt.datetime, target: Model | None
) -> FileResponse:
    """The table as an attachment, recorded. `ending` is "xlsx" or "csv"; KeyError for any other.

    Raises NotExported, for which there is a page (accounts/hardening/middleware.py).
    """

    def recorded(rows: int) -> str:
        record_access(Action.EXPORT, by=by, at=at, target=target, rows=rows)
        return ""

    with transaction.atomic():
        allow_time()
        written = write(table, ending, recorded)
    return send_file(written)


# Less than a worker of the web server may take for a request.
LONGEST_PAUSE_SECONDS = 55


def allow_time() -> None:
    """For the rest of the transaction: the database waits while a file is put together.

    Otherwise it lets go of a transaction that has asked nothing for ten seconds, and the end of a
    large xlsx file, with its compression, takes longer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_PAUSE_SECONDS}s'"
        )


def send_file(written: Written) -> FileResponse:
    """The file as an attachment; it is deleted when it is sent, or when nobody waits for it."""
    response = FileResponse(written.file, content_type=written.content_type)
    response["Content-Disposition"] = written.disposition
    return response
