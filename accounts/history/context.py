"""Who acts, in which post, in which request, job or command, and why: what history rows carry.

Set once by whatever begins the work; database triggers write it beside every change made
meanwhile. Only ids and codes: names are looked up when history is read.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pghistory

from accounts.history.request import this_request

if TYPE_CHECKING:
    from accounts.models import Job


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
    with pghistory.context(request=this_request().number, route=route, **actor(user)):
        yield


@contextmanager
def job_history(job: Job) -> Iterator[None]:
    """Changes made by a background job: in the name of who asked for it."""
    post = job.requested_as
    asked: dict[str, Any] = {}
    if post is not None:
        asked = {"user": post.user_id, "post": post.pk, "role": post.role}
    with pghistory.context(job=str(job.pk), kind=job.kind, **asked):
        yield


@contextmanager
def command_history(name: str) -> Iterator[None]:
    """Changes made by a command of manage.py: under the operating system's user."""
    with pghistory.context(command=name, system_user=_system_user()):
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
    with pghistory.context(reason=reason[:300]) as under_way:
        try:
            yield
        finally:
            under_way.metadata.pop("reason", None)
