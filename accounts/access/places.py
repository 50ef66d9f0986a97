"""Where a role may be held: in which kind of organisation, at which level of region.

What a person sees follows from the organisation's region and kind, what they may do from the role.
An officer's role in a province's organisation, or a director's in a bureau, would join the two
into a right nobody meant to give.
"""

from __future__ import annotations

from accounts.access.roles import RoleCode
from accounts.models import Organisation, Region

Kind = Organisation.Kind
Level = Region.Level

LEVEL_OF_KIND: dict[Organisation.Kind, Region.Level] = {
    Kind.BUREAU: Level.COUNTY,
    Kind.CITY_BUREAU: Level.CITY,
    Kind.TOWN_OFFICE: Level.TOWN,
    Kind.DEPARTMENT: Level.COUNTY,
    Kind.KINDERGARTEN: Level.TOWN,
}

# The usual kind first.
KINDS_OF_ROLE: dict[RoleCode, tuple[Organisation.Kind, ...]] = {
    # Sees no business data, so whoever runs the portal may employ them.
    RoleCode.SYSTEM_ADMINISTRATOR: (Kind.BUREAU, Kind.CITY_BUREAU, Kind.DEPARTMENT),
    RoleCode.SECURITY_ADMINISTRATOR: (Kind.BUREAU, Kind.CITY_BUREAU),
    RoleCode.AUDIT_ADMINISTRATOR: (Kind.BUREAU, Kind.CITY_BUREAU),
    RoleCode.BUREAU_OFFICER: (Kind.BUREAU,),
    RoleCode.BUREAU_LEADER: (Kind.BUREAU,),
    RoleCode.INSPECTOR: (Kind.BUREAU,),
    RoleCode.TOWN_OFFICER: (Kind.TOWN_OFFICE,),
    RoleCode.CITY_OFFICER: (Kind.CITY_BUREAU,),
    RoleCode.DEPARTMENT_OFFICER: (Kind.DEPARTMENT,),
    RoleCode.DIRECTOR: (Kind.KINDERGARTEN,),
    RoleCode.KINDERGARTEN_CLERK: (Kind.KINDERGARTEN,),
}


def may_be_held(role: RoleCode, kind: str, level: int) -> bool:
    """Whether a role may be held in an organisation of this kind at this `Region.office_level`."""
    return kind in KINDS_OF_ROLE[role] and LEVEL_OF_KIND[Kind(kind)] == level


def kind_for(role: RoleCode, level: int) -> Organisation.Kind | None:
    """The kind of organisation in which the role is held at this level; None if it is not."""
    fitting = (kind for kind in KINDS_OF_ROLE[role] if LEVEL_OF_KIND[kind] == level)
    return next(fitting, None)


def where_held(role: RoleCode) -> str:
    """In words: 区县教育局、县区的配合单位. A kind that says its level says it once."""
    return "或".join(map(_place_in_words, KINDS_OF_ROLE[role]))


def _place_in_words(kind: Organisation.Kind) -> str:
    says_its_level = kind in (Kind.BUREAU, Kind.CITY_BUREAU, Kind.TOWN_OFFICE)
    return kind.label if says_its_level else f"{LEVEL_OF_KIND[kind].label}的{kind.label}"
