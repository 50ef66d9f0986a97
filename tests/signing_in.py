"""One way for tests to be somebody at a browser, so that a change of the front door is one change."""

from __future__ import annotations

from django.test import Client

from accounts.models import User


def client_of(user: User, **options: bool) -> Client:
    """A client in which the person is signed in, past every factor that the role asks for."""
    client = Client(**options)
    client.force_login(user)
    return client
