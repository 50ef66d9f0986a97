"""The demo's approved posts and pay, for public kindergartens whose roster is invented as well.

No document says what anybody is paid there: the amounts are invented, near enough to one another
that some kindergartens pay three quarters and some do not.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership
from config.demo.roster import EVERYBODY
from kindergartens.models import Kindergarten, KindergartenStatus
from staffing.models import Appointment, PayRecord, PostQuota

Title = PayRecord.Title
Kind = PayRecord.Kind
# Yuan a person and year, on the establishment.
AVERAGES = {
    Title.SENIOR: 132_000,
    Title.FIRST: 108_000,
    Title.SECOND: 92_000,
    Title.THIRD: 80_000,
    Title.NONE: 72_000,
}
# The titles of the roster, as the form of pay has them.
TITLES = {"full_senior": Title.SENIOR} | {str(title): title for title in Title}
# Of the pay on the establishment, what a kindergarten gives to those off it.
SHARES = (0.66, 0.92)
DOCUMENT = "示例：机构编制委员会办公室关于公办幼儿园编制的批复"
YEARS = 2
# Every so many kindergartens one has no pay recorded yet.
SILENT = 9


def write_establishment(rng: random.Random, county: str, day: dt.date) -> str:
    """Approved posts since three years before `day`, pay of the two years before it."""
    officer = (
        Membership.objects.filter(organisation__region__code=county, role=RoleCode.BUREAU_OFFICER)
        .order_by("pk")
        .first()
    )
    staff = _staff(county, day)
    if officer is None or not staff:
        return "0所"
    entered_at = timezone.make_aware(dt.datetime.combine(dt.date(day.year, 1, 20), dt.time(10)))
    quotas, pay = [], []
    for at, (kindergarten, titles) in enumerate(sorted(staff.items())):
        established = sum(titles[Kind.ESTABLISHED].values())
        quotas.append(
            PostQuota(
                kindergarten_id=kindergarten,
                posts=established + rng.choice((0, 0, 0, 0, 0, 1, 2)),
                valid_from=dt.date(day.year - 3, 1, 1),
                document=DOCUMENT,
                entered_as=officer,
                entered_at=entered_at,
            )
        )
        if at % SILENT == SILENT - 1:
            continue
        share = rng.uniform(*SHARES)
        for back in range(1, YEARS + 1):
            for kind in Kind:
                for title in Title:
                    heads = titles[kind][title]
                    each = AVERAGES[title] * (1 if kind == Kind.ESTABLISHED else share)
                    each *= (1 - 0.03 * (back - 1)) * rng.uniform(0.97, 1.03)
                    pay.append(
                        PayRecord(
                            kindergarten_id=kindergarten,
                            year=day.year - back,
                            kind=kind,
                            title=title,
                            heads=heads,
                            yuan=round(heads * each),
                            entered_as=officer,
                            entered_at=entered_at,
                        )
                    )
    PostQuota.objects.bulk_create(quotas, batch_size=2000)
    PayRecord.objects.bulk_create(pay, batch_size=2000)
    return f"编制{len(quotas)}所，工资{len(pay) // (YEARS * len(Kind) * len(Title))}所"


def _staff(county: str, day: dt.date) -> dict[int, dict[str, Counter[str]]]:
    """By public kindergarten of the demo: people of each kind of contract by title."""
    public = KindergartenStatus.objects.unscoped(EVERYBODY).on(day).filter(counts_public=True)
    places = Kindergarten.objects.unscoped(EVERYBODY).filter(
        organisation__region__county__code=county,
        is_example=True,
        pk__in=public.values("kindergarten"),
    )
    found: dict[int, dict[str, Counter[str]]] = defaultdict(
        lambda: {kind: Counter() for kind in Kind}
    )
    held = Appointment.objects.unscoped(EVERYBODY).held_on(day).filter(kindergarten__in=places)
    for kindergarten, establishment, title in held.order_by("pk").values_list(
        "kindergarten", "establishment", "person__title"
    ):
        # Services that are bought are paid to a company.
        if establishment != "purchased":
            found[kindergarten][establishment][TITLES.get(title, Title.NONE)] += 1
    return dict(found)
