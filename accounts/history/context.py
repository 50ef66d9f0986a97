"""Who acts, in which post, in which request, job or command, and why: what history rows carry.

Set once by whatever begins the work; database triggers write it beside every change made
meanwhile. Only ids and codes: names are looked up when history is read.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import connection

from accounts.history.request import this_request

if TYPE_CHECKING:
    from accounts.models import Job

P = ParamSpec("P")
R = TypeVar("R")

# What the triggers of django-pghistory read. They are the library's; it is set here, because the
# library's own way adds parameters to statements that have none and then reads their % signs.
SETTING = "pghistory.context_metadata"
READS_ONLY = ("select", "savepoint", "release", "rollback", "set", "show", "explain", "declare")
OUTSIDE_TRANSACTIONS = ("vacuum", "analyze", "create", "alter", "drop", "reindex", "copy")

_known: ContextVar[dict[str, Any] | None] = ContextVar("history", default=None)


@contextmanager
def _carrying(**known: Any) -> Iterator[None]:
    """Add to what changes carry from here on, and take it back at the end."""
    outer = _known.get()
    token = _known.set({**(outer or {}), **known})
    try:
        if outer is None:
            with connection.execute_wrapper(_carry):
                yield
        else:
            yield
    finally:
        _known.reset(token)


def _carry(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Set the context in the same round trip as the statement that may change something."""
    cursor = context["cursor"]
    text = sql if isinstance(sql, str) else _as_text(sql, cursor)
    start = text.lstrip(" \n\t(").lower()
    if start.startswith(READS_ONLY + OUTSIDE_TRANSACTIONS) or getattr(cursor, "name", None):
        return execute(sql, params, many, context)
    # For this transaction only: a pooled connection must not keep it.
    known = json.dumps(_known.get(), ensure_ascii=False)
    before = cursor.mogrify("SELECT set_config(%s, %s, true); ", [SETTING, known]).decode()
    if params is not None:
        before = before.replace("%", "%%")
    return execute(before + text, params, many, context)


def _as_text(sql: Any, cursor: Any) -> str:
    return sql.decode() if isinstance(sql, bytes) else sql.as_string(cursor.cursor)


def actor(user: Any) -> dict[str, Any]:
    """The person and the post they act in."""
    if user is None or not user.is_authenticated:
        return {}
    known: dict[str, Any] = {"user": user.pk}
    if user.acting is not None:
        known |= {"post": user.acting.pk, "role": user.acting.role}
    return known


@contextmanager
def request_history(user: Any, route: str) -> Iterator[None]:
    """Changes made while a request is answered."""
    with _carrying(request=this_request().number, route=route, **actor(user)):
        yield


@contextmanager
def job_history(job: Job) -> Iterator[None]:
    """Changes made by a background job: in the name of who asked for it."""
    post = job.requested_as
    asked: dict[str, Any] = {}
    if post is not None:
        asked = {"user": post.user_id, "post": post.pk, "role": post.role}
    with _carrying(job=str(job.pk), kind=job.kind, **asked):
        yield


@contextmanager
def command_history(name: str) -> Iterator[None]:
    """Changes made by a command of manage.py: under the operating system's user."""
    with _carrying(command=name, system_user=_system_user()):
        yield


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "?"


@contextmanager
def because(reason: str) -> Iterator[None]:
    """The reason for the changes made within, as the person gave it. Services use it."""
    with _carrying(reason=reason[:300]):
        yield


@contextmanager
def changing_secret(field: str) -> Iterator[None]:
    """Which secret field is changed within: history shows that one was, and never its value."""
    with _carrying(secret=field):
        yield


def giving_reason(service: Callable[P, R]) -> Callable[P, R]:
    """Let every change a service makes carry the `reason` it was given as a keyword."""

    @wraps(service)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with because(str(kwargs["reason"])):
            return service(*args, **kwargs)

    return within
