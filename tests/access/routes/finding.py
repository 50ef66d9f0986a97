"""Finding kindergartens: the map, saved views, columns."""

from __future__ import annotations

from kindergartens.models import SavedView
from tests.access.routes.case import FILERS, RETURN_READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW

# Who acts for the bureau itself and reads the registry.
COLLEAGUES = frozenset({"bureau_officer", "bureau_leader", "inspector"})


def furnish(world: World) -> None:
    """A view that one officer shares with the bureau."""
    officer = world.people["bureau_officer"].memberships.get()
    world.view = SavedView.objects.create(
        owner=officer.user,
        organisation=officer.organisation,
        name="示例筛选",
        query="licence=expiring",
        columns=["town", "licence_until"],
        shared=True,
        saved_at=NOW,
    )


CASES = [
    Case("kindergarten-map", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case(
        "saved-view-save",
        RETURN_READERS,
        method="post",
        data=lambda w: {"name": "示例", "state": "suspended"},
        status=302,
        strangers=302,
    ),
    Case(
        "saved-view-delete",
        RETURN_READERS,
        lambda w: [w.view.pk],
        method="post",
        status=302,
        # Shared with the office of whoever saved it, and nobody else.
        except_for=dict.fromkeys(RETURN_READERS - COLLEAGUES, 404),
    ),
    Case(
        "kindergarten-columns",
        RETURN_READERS,
        method="post",
        data=lambda w: {"column": ["town", "director"]},
        status=302,
        strangers=302,
    ),
]
