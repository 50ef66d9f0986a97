"""A county with everybody who has a part in a procedure."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from accounts.files.intake import Accepted
from accounts.models import User
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import services
from kindergartens.procedures.kinds import kind_in
from kindergartens.procedures.services import Asked
from tests.conftest import acting
from tests.small_county import NOW, PDF, SmallCounty

DECEMBER_1 = dt.date(2026, 12, 1)
LATER = NOW + dt.timedelta(days=1)


class Scene:
    """A private kindergarten that is not inclusive, a neighbour, a director, officers, a leader."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(
            self.town, "民办一园", ownership="non_inclusive_private"
        )
        self.kindergarten.statuses.update(for_profit=False)
        self.neighbour = small.kindergarten(self.town, "邻园")
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        self.officer = acting(small.officer())
        self.second = acting(small.officer())
        self.leader = acting(small.officer(small.county, "bureau_leader"))

    @property
    def seen(self) -> QuerySet[Kindergarten]:
        """The kindergartens the officer sees."""
        return Kindergarten.objects.visible_to(self.officer)

    def files(self, code: str) -> dict[str, Accepted]:
        return {
            title: Accepted(f"{title}.pdf", PDF + title.encode(), "application/pdf")
            for title in kind_in(code, self.small.county.code).documents
        }

    def ask(self, code: str = "recognition", by: User | None = None, **changes: Any) -> Procedure:
        kindergarten = changes.pop("kindergarten", self.kindergarten)
        asked: dict[str, Any] = {
            "reason": "示例事由",
            "effective_on": DECEMBER_1,
            "files": self.files(code),
        }
        if code == "recognition":
            asked["details"] = {"until": "2029-11-30"}
        return services.ask(
            kind_code=code, kindergarten=kindergarten, asked=Asked(**(asked | changes)),
            by=by or self.director, now=NOW,
        )  # fmt: skip

    def checked(self, code: str = "recognition", **changes: Any) -> Procedure:
        procedure = self.ask(code, **changes)
        return services.check(procedure_id=procedure.pk, reason="已核对", by=self.officer, now=NOW)

    def approve(self, procedure: Procedure, by: User | None = None, **more: Any) -> Procedure:
        return services.approve(
            procedure_id=procedure.pk, reason="同意", decision_number="甲教审〔2026〕1号",
            by=by or self.leader, now=LATER, **more,
        )  # fmt: skip


def licence(scene: Scene) -> Procedure:
    return scene.checked("split", details={"plan": "分为两园"}, effective_on=None)
