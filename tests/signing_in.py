"""One way for tests to be somebody at a browser, so that a change of the front door is one change."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.sign_in.sessions import AUTHENTICATED_AT


def client_of(user: User, **options: bool) -> Client:
    """A client in which the person is signed in, past every factor that the role asks for."""
    client = Client(**options)
    client.force_login(user)
    return client


def shown_who_they_are(client: Client) -> Client:
    """The person has just given the password or a code again, as sensitive acts demand."""
    session = client.session
    session[AUTHENTICATED_AT] = timezone.now().isoformat()
    session.save()
    return client
