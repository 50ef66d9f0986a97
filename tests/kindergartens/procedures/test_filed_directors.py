"""A concluded filing of a director is what the registry shows, finds and exports."""

from __future__ import annotations

import datetime as dt

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import endings, filed_directors, selectors, services
from kindergartens.search.filters import RegistryFilter
from kindergartens.search.selectors import registry, towns_with_kindergartens
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW

DAY = NOW.date()


def file(scene: Scene, person: str, *, day: int = 1, of: Kindergarten | None = None) -> Procedure:
    return scene.ask(
        "director_change", by=scene.second, kindergarten=of or scene.neighbour,
        occurred_on=dt.date(2026, 11, day), effective_on=None,
        details={"former": "示例旧园长", "person": person},
    )  # fmt: skip


def conclude(scene: Scene, procedure: Procedure) -> None:
    services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)


def directors(scene: Scene, **asked: str) -> dict[str, str | None]:
    filters = RegistryFilter.from_query(asked, towns_with_kindergartens(scene.officer))
    rows = registry(scene.officer, filters, day=DAY, month=None, columns={"director"})
    return {row.name: row.director for row in rows}


def test_the_filed_director_is_found_and_shown_until_there_is_an_account(scene: Scene) -> None:
    filing = file(scene, "柳岚青")
    assert directors(scene, q="柳岚青") == {}, "not before the filing is concluded"
    conclude(scene, filing)
    assert directors(scene, q="柳岚青") == {"邻园": "柳岚青"}
    assert directors(scene, q="岚") == {"邻园": "柳岚青"}
    scene.small.person("账号园长", scene.neighbour.organisation, "director")
    assert directors(scene)["邻园"] == "账号园长"
    assert directors(scene, q="柳岚青") == {"邻园": "账号园长"}


def test_the_last_appointment_counts_whenever_it_was_filed(scene: Scene) -> None:
    conclude(scene, file(scene, "柳岚青", day=3))
    conclude(scene, file(scene, "迟报园长", day=1))
    assert directors(scene)["邻园"] == "柳岚青"
    assert directors(scene, q="迟报") == {}
    found = filed_directors.last_of(scene.neighbour)
    assert found is not None
    assert (found.name, found.appointed_on) == ("柳岚青", dt.date(2026, 11, 3))


def test_the_page_says_the_filed_director_and_what_the_account_needs(scene: Scene) -> None:
    def page(of: Kindergarten) -> str:
        with time_machine.travel(NOW, tick=True):
            route = reverse("kindergarten-detail", args=[of.code])
            return client_of(scene.officer).get(route).content.decode()

    assert "备案园长" not in page(scene.neighbour)
    filing = file(scene, "柳岚青")
    conclude(scene, filing)
    shown = page(scene.neighbour)
    assert "备案园长：<b>柳岚青</b>，2026年11月1日任命或聘任" in shown
    assert "新园长还没有账号。账号由系统管理员申请" in shown
    conclude(scene, file(scene, "柳岚青", of=scene.kindergarten))
    assert "园长账号现在是园长的。新园长的账号由现任园长在“账号申请”里申请" in page(
        scene.kindergarten
    )
    post = Membership.objects.get(user=scene.director)
    post.user.full_name = "柳岚青"
    post.user.save(update_fields=["full_name"])
    assert "新园长的账号" not in page(scene.kindergarten)


def test_the_list_and_the_search_cost_the_same_however_many_were_filed(scene: Scene) -> None:
    client = client_of(scene.officer)

    def queries() -> int:
        asked = {"columns": "town,director", "q": "柳"}
        with time_machine.travel(NOW, tick=True), CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("kindergarten-list"), asked)
        assert page.status_code == 200
        assert "柳岚青" in page.content.decode()
        return len(captured)

    conclude(scene, file(scene, "柳岚青"))
    queries()
    few = queries()
    for number in range(4):
        one = scene.small.kindergarten(scene.town, f"园{number}")
        conclude(scene, file(scene, f"柳{number}", of=one))
    assert queries() == few


def test_before_it_is_concluded_the_page_says_what_it_changes(scene: Scene) -> None:
    found = selectors.detailed(Procedure.objects.filter(pk=file(scene, "柳岚青").pk)).get()
    ending = endings.ending(found, "check", services.kind_of(found), {}, today=DAY)
    assert ("备案园长", "", "柳岚青") in ending.changes
