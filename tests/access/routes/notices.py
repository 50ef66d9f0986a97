"""Messages to an organisation, and urging, which sends them."""

from __future__ import annotations

from accounts.models import Notice, NoticeDelivery, NoticeMailbox, NoticeReading
from kindergartens.models import FilingUrge
from tests.access.routes.case import ADMINISTRATORS, EVERYONE, FILERS, RETURN_READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW

BUSINESS = EVERYONE - ADMINISTRATORS
# The one there is was sent to the kindergarten.
NOT_OURS = dict.fromkeys(BUSINESS - FILERS, 404)


def furnish(world: World) -> None:
    """The kindergarten was urged, and its clerk has read it."""
    officer = world.people["bureau_officer"].memberships.get()
    world.notice = Notice.objects.create(
        organisation=world.kindergarten.organisation,
        kind="urge",
        title="催报",
        text="请尽快提交",
        link="/returns/",
        sent_as=officer,
        sent_at=NOW,
    )
    clerk = world.people["kindergarten_clerk"]
    NoticeReading.objects.create(
        notice=world.notice, user=clerk, read_as=clerk.memberships.get(), read_at=NOW
    )
    world.delivery = NoticeDelivery.objects.create(
        notice=world.notice,
        channel="email",
        address="office@example.com",
        state="failed",
        reason="示例原因",
        attempts=1,
        queued_at=NOW,
        ended_at=NOW,
    )
    NoticeMailbox.objects.create(
        organisation=world.kindergarten.organisation,
        address="office@example.com",
        set_as=clerk.memberships.get(),
    )
    FilingUrge.objects.create(
        kindergarten=world.kindergarten,
        period=world.period,
        town=world.town,
        day=NOW.date(),
        notice=world.notice,
        urged_as=officer,
        urged_at=NOW,
    )


CASES = [
    Case("notices", BUSINESS, strangers=200),
    Case("notices-read", BUSINESS, method="post", status=302, strangers=302),
    Case(
        "notice-open",
        BUSINESS,
        lambda w: [w.notice.pk],
        method="post",
        status=302,
        except_for=NOT_OURS,
    ),
    # There is no e-mail to send here.
    Case("notice-mailbox", BUSINESS, method="post", status=404, strangers=404),
    Case("filing-urges", RETURN_READERS - FILERS, strangers=200),
    Case(
        "filing-urges-again",
        frozenset({"bureau_officer", "town_officer"}),
        method="post",
        data=lambda w: {"delivery": w.delivery.pk},
        status=302,
        strangers=302,
    ),
    # Of a list that lies in one's own area; what lies elsewhere is not found in it.
    Case(
        "filing-urge",
        frozenset({"bureau_officer", "town_officer"}),
        method="post",
        data=lambda w: {"one": w.kindergarten.code},
        status=302,
        strangers=302,
    ),
]
