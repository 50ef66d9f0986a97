"""Which regions, and which one kindergarten, a person sees in the post they act in.

Every scoped QuerySet has `visible_to(user)` and builds it from here, so that lists, counts,
exports and jobs agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accounts.access.roles import ADMINISTRATORS

if TYPE_CHECKING:
    from accounts.models import Organisation, Region, User

NOTHING = Q(pk__in=[])
# Why accounts are read without visible_to: that is the accounts one looks after, this one's own area.
AREA_IS_THE_RULE = "whom one works with: the rule is that of the area"
# Why figures are read without the person: whoever asks for a region's has looked the region up
# from `home_region`, for a page, or in print_document, for a paper.
REGION_CHECKED = "the region was found within the person's own"


def reads_business_data(user: User) -> bool:
    """Whether the post acted in looks at kindergartens and figures at all."""
    return user.acting is not None and user.acting.role not in ADMINISTRATORS


def region_scope(user: User, path: str) -> Q:
    """A filter for rows whose town is at `path`, e.g. ``"town"`` or ``"kindergarten__town"``.

    The region of the organisation the person acts for bounds what they see; without a post,
    and for the three administrators, that is nothing.
    """
    from accounts.models import Region

    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    region = acting.organisation.region
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    if field is None:
        return Q(**{path: region.pk})
    return Q(**{f"{path}__{field}": region.pk})


def organisation_scope(user: User, kindergarten_path: str, town_path: str) -> Q:
    """Like region_scope, but a director or clerk sees only the own kindergarten's rows."""
    acting = user.acting
    if acting is not None and acting.organisation.kind == "kindergarten":
        return Q(**{kindergarten_path: acting.organisation_id})
    return region_scope(user, town_path)


def home_region(user: User) -> Region | None:
    """The region the person's figures start from."""
    if user.acting is None or not reads_business_data(user):
        return None
    return user.acting.organisation.region


def posts_in_area(user: User) -> Q:
    """Which memberships lie in one's own kindergarten, or in one's own region and below it.

    Ended ones too: whoever left is still somebody's former director. For the three administrators
    and without a post: none.
    """
    from accounts.models import Organisation, Region

    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
        return Q(organisation=acting.organisation_id)
    return Q(
        organisation__region__in=Region.objects.within(acting.organisation.region).values("pk")
    )


def people_in_area(user: User) -> QuerySet[User]:
    """People who hold or held a post in one's area, for those who work with them.

    Not the accounts one looks after: those are `User.objects.visible_to(user)`.
    """
    from accounts.models import Membership
    from accounts.models import User as Person

    return Person.objects.unscoped(AREA_IS_THE_RULE).filter(
        pk__in=Membership.objects.filter(posts_in_area(user)).values("user")
    )


def place_in_area(user: User, person: User) -> Organisation | None:
    """The place in one's area where the person works, or worked last."""
    posts = person.memberships.filter(posts_in_area(user)).select_related("organisation")
    newest = posts.order_by("-valid_from", "-pk").first()
    return newest.organisation if newest is not None else None
