"""What the world of the routes has no need of: a group's second member, a return's explanation.

The member is a kindergarten that was in the group once, beside the town of the table.
"""

from __future__ import annotations

import datetime as dt

from fees.models import Charge
from kindergartens.models import FilingExplanation, FilingVersion, GroupMember
from tests.access.routes import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    GroupMember.objects.create(
        group=world.group,
        kind=world.group.kind,
        kindergarten=world.kindergarten,
        valid_from=SINCE,
        valid_to=dt.date(2021, 9, 1),
    )
    for version in FilingVersion.objects.filter(filing__kindergarten=world.kindergarten):
        Charge.objects.create(
            filing_version=version, position=1, item="collected_on_behalf_fee", name="伙食费",
            scope="all", hours="any", unit="day", amount=15, payers=20,
        )  # fmt: skip
        FilingExplanation.objects.create(
            version=version, code="class_size", place="小一班", says="多1人。", text="插班"
        )
