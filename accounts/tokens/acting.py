"""As whom a key reads: no person, the post of an organisation that may look at figures only.

It stands where a person stands in `visible_to(user)`, so that the wall holds for it like for anybody
(docs/adr/0056-figures-for-other-systems.md): its place is the key's region, its kind no kindergarten, and it
has one permission.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access.permissions import Permission
from accounts.models import ApiToken, Region

GRANTED = frozenset({Permission.READ_FIGURES})


@dataclass(frozen=True)
class Place:
    """What a scope asks of an organisation."""

    region: Region
    region_id: int
    kind: str = "api_token"


@dataclass(frozen=True)
class TokenPost:
    """What a scope asks of a post."""

    organisation: Place
    role: str = "api_token"
    organisation_id: None = None
    pk: None = None
    is_of_kindergarten: bool = False


class Bearer:
    """Whoever shows a key."""

    pk = None
    is_authenticated = True
    is_active = True

    def __init__(self, token: ApiToken) -> None:
        self.token = token
        self.acting = TokenPost(Place(token.region, token.region_id))

    def can(self, permission: Permission) -> bool:
        return permission in GRANTED
