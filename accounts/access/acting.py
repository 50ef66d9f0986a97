"""Which of a person's posts counts for this request or job."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

if TYPE_CHECKING:
    from accounts.models import Membership, User


def memberships_in_force(user: User, *, today: dt.date) -> list[Membership]:
    """The person's own posts, then those acted in as a deputy; each kind the oldest first."""
    # Every request asks this: only the places that pages show, and whom one deputises for where one
    # does. With the places above joined too, a county's pages ask no more than a city's.
    posts = list(
        user.memberships.in_force(today)
        .select_related("organisation__region__county", "organisation__region__city")
        .order_by()
    )
    prefetch_related_objects(
        [post for post in posts if post.deputises_for_id is not None], "deputises_for__user"
    )
    return sorted(
        posts, key=lambda post: (post.deputises_for_id is not None, post.valid_from, post.pk)
    )


def post_that_ended(user: User, chosen: int | None) -> Membership | None:
    """The post chosen for the session that is not held any more; None while it is.

    Asks the database only where it is over. `choose_membership` has been called.
    """
    if chosen is None or any(post.pk == chosen for post in user.posts):
        return None
    posts = user.memberships.select_related("organisation", "deputises_for__user")
    return posts.filter(pk=chosen).first()


def choose_membership(user: User, chosen: int | None, *, today: dt.date) -> None:
    """Set `user.acting` to the chosen post, or the first in force, or none."""
    posts = memberships_in_force(user, today=today)
    user.posts = posts
    user.acting = next((p for p in posts if p.pk == chosen), posts[0] if posts else None)
