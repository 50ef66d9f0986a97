"""Who may do what, read from the roles themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access.permissions import PERMISSION_LABELS
from accounts.access.places import where_held
from accounts.access.roles import ADMINISTRATORS, ROLES


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """For everybody who is signed in, whatever the post."""
    rows = [
        {
            "code": code,
            "label": code.label,
            "description": role.description,
            "where": where_held(code),
            "is_administrator": code in ADMINISTRATORS,
            "permissions": [
                label
                for permission, label in PERMISSION_LABELS.items()
                if permission in role.permissions
            ],
        }
        for code, role in ROLES.items()
    ]
    return render(request, "accounts/people/roles.html", {"roles": rows})
