"""An unlicensed place in a small county, and short words for what is done about it."""

import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from accounts.files import store
from accounts.files.intake import Accepted
from kindergartens.unlicensed import services
from kindergartens.unlicensed.services import Description, Found
from tests.conftest import acting
from tests.small_county import NOW, PDF, SmallCounty

SEPT, OCT, NOV = dt.date(2026, 9, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)
TODAY = NOW.date()


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("东镇")
        self.kindergarten = small.kindergarten(self.town, "东镇一园")
        self.officer = acting(small.officer())
        self.times = {"by": self.officer, "now": NOW, "today": TODAY}

    def found(self, name="小树苗", *, children=20, day=SEPT, by=None, town=None):
        return services.report(
            description=Description(name, "东路1号", town or self.town, "", ""),
            found=Found(day, True, children, 3, ""),
            **self.times | {"by": by or self.officer},
        )

    def check(self, place, day, *, running=True, children=None):
        return services.check(
            place_id=place.pk, found=Found(day, running, children, None, ""), **self.times
        )

    def decide(self, place, route="ban", *, day=SEPT, deadline=NOV, lead=None, reason="达不到条件"):
        return services.decide_route(
            place_id=place.pk, route=route, lead=lead or self.officer.acting.organisation,
            decided_on=day, deadline=deadline, reason=reason, **self.times,
        )  # fmt: skip

    def put(self, place, children, *, day=OCT, kindergarten=True, note=""):
        return services.place_children(
            place_id=place.pk, day=day, children=children, note=note,
            destination="kindergarten" if kindergarten else "home",
            kindergarten=self.kindergarten if kindergarten else None, **self.times,
        )  # fmt: skip

    def close(self, place, outcome="closed", *, day=NOV, years=5, licensed_as=None):
        with transaction.atomic():
            stored = store.keep(
                Accepted("决定书.pdf", PDF, "application/pdf"), post=self.officer.acting, now=NOW
            )
            return services.close(
                place_id=place.pk, outcome=outcome, closed_on=day, licensed_as=licensed_as,
                barred_years=years, bar_reason="较轻" if years else "", document=stored,
                document_name="决定书.pdf", **self.times,
            )  # fmt: skip

    def banned(self, name="小树苗", *, day=NOV):
        place = self.found(name)
        self.decide(place)
        self.put(place, 20)
        return self.close(place, day=day)


def paper() -> SimpleUploadedFile:
    """A page as a photograph, which the intake takes as it is."""
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "PNG")
    return SimpleUploadedFile("决定书.png", out.getvalue(), "image/png")
