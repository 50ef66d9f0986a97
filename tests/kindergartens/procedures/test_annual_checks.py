"""Yearly checks of private kindergartens: their conclusion, where it is shown, who owes one."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kindergartens.models import Procedure
from kindergartens.procedures import annual_checks, owed, rules, services
from kindergartens.procedures.kinds import all_kinds
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.search.filters import RegistryFilter
from kindergartens.search.selectors import registry
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW

WANTS = {one.code: one.mend for one in all_kinds()["annual_check"].conclusions}


@pytest.mark.parametrize(
    ("chosen", "to_mend", "field"),
    [
        ("passed", "", None),
        ("basic", "消防通道", None),
        ("failed", "消防通道", None),
        ("basic", "  ", "to_mend"),
        ("failed", "", "to_mend"),
        ("passed", "消防通道", "to_mend"),
        ("", "", "conclusion"),
        ("good", "", "conclusion"),
    ],
)
def test_what_is_not_passed_says_what_to_mend(chosen: str, to_mend: str, field: str | None) -> None:
    problem = rules.conclusion_problem(WANTS, chosen, to_mend)
    assert (problem[0] if problem else None) == field


def asked(scene: Scene, year: int = 2025, **more: Any) -> Procedure:
    return scene.ask("annual_check", details={"year": year}, effective_on=None, **more)


def conclude(
    scene: Scene, conclusion: str, to_mend: str = "", year: int = 2025, **more: Any
) -> Procedure:
    procedure = asked(scene, year, **more)
    return services.check(
        procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW,
        conclusion=conclusion, to_mend=to_mend,
    )  # fmt: skip


def test_a_check_ends_with_its_conclusion(scene: Scene) -> None:
    procedure = asked(scene)
    for wrong in ({}, {"conclusion": "failed"}, {"conclusion": "passed", "to_mend": "消防"}):
        with pytest.raises(ProcedureRefused):
            services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW, **wrong)
    procedure.refresh_from_db()
    assert (procedure.state, procedure.conclusion) == ("asked", "")
    done = services.check(
        procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW,
        conclusion="failed", to_mend="消防设施",
    )  # fmt: skip
    assert (done.state, done.conclusion, done.to_mend) == ("approved", "failed", "消防设施")


def test_only_a_kind_with_conclusions_takes_one(scene: Scene) -> None:
    procedure = scene.ask("split", details={"plan": "分"}, effective_on=None)
    with pytest.raises(ProcedureRefused, match="没有年检结论"):
        services.check(
            procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW, conclusion="passed"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Procedure.objects.filter(pk=procedure.pk).update(conclusion="passed")


def test_a_year_is_checked_again_only_where_something_was_to_mend(scene: Scene) -> None:
    conclude(scene, "failed", "消防设施")
    conclude(scene, "passed")
    assert annual_checks.last_of(scene.kindergarten).conclusion == "合格"  # type: ignore[union-attr]
    with pytest.raises(ProcedureRefused, match="已经办结"):
        asked(scene)
    assert asked(scene, 2024).state == "asked"


def test_the_latest_year_is_the_one_shown_whenever_it_was_concluded(scene: Scene) -> None:
    conclude(scene, "basic", "班额", year=2025)
    conclude(scene, "passed", year=2024)
    last = annual_checks.last_of(scene.kindergarten)
    assert last is not None
    assert (last.year, last.conclusion) == (2025, "基本合格")


def names(scene: Scene, value: str) -> list[str]:
    filters = RegistryFilter.from_query({"annual_check": value})
    assert filters.chosen, value
    return [row.name for row in registry(scene.officer, filters, day=NOW.date(), month=None)]


def test_the_list_is_filtered_by_the_latest_conclusion_and_shows_it(scene: Scene) -> None:
    other = scene.small.kindergarten(scene.town, "民办二园", ownership="inclusive_private")
    assert names(scene, "none") == ["民办一园", "民办二园"], "public ones owe none"
    conclude(scene, "failed", "消防", year=2024)
    conclude(scene, "passed", year=2025)
    conclude(scene, "failed", "消防", kindergarten=other, by=scene.second)
    assert names(scene, "passed") == ["民办一园"]
    assert names(scene, "failed") == ["民办二园"]
    assert names(scene, "none") == []
    client = client_of(scene.officer)
    with time_machine.travel(NOW, tick=True):
        route = reverse("kindergarten-list")
        page = client.get(route, {"columns": "town,annual_check"}).content.decode()
        files = [
            client.get(reverse("kindergarten-export", args=["csv"]), asked)
            for asked in ({"columns": "town,annual_check"}, {"all": "1"})
        ]
    assert "最近年检结论" in page
    assert "2025年度" in page
    for file in files:  # the columns of the screen, and all there are
        text = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        head, *rows = csv.reader(text.splitlines())
        place, name = head.index("最近年检结论"), head.index("园名")
        found = {row[name]: row[place : place + 2] for row in rows if "民办" in row[name]}
        assert found == {"民办一园": ["合格", "2025"], "民办二园": ["不合格", "2025"]}


def test_the_list_costs_the_same_however_many_were_checked(scene: Scene) -> None:
    client = client_of(scene.officer)

    def queries() -> int:
        asked = {"columns": "town,annual_check", "annual_check": "passed"}
        with time_machine.travel(NOW, tick=True), CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("kindergarten-list"), asked).status_code == 200
        return len(captured)

    conclude(scene, "passed")
    queries()
    few = queries()
    for number in range(5):
        one = scene.small.kindergarten(scene.town, f"民办{number}", ownership="inclusive_private")
        conclude(scene, "passed", kindergarten=one, by=scene.second)
    assert queries() == few


def test_private_kindergartens_owe_a_check_a_year(scene: Scene) -> None:
    today = NOW.date()
    [one] = owed.yearly_owed("annual_check", scene.seen, today=today)
    assert (one.kindergarten, one.what, one.due_on, one.days_over) == (
        scene.kindergarten, "2025年度检查", dt.date(2026, 4, 30), 189,
    )  # fmt: skip
    asked(scene)
    assert owed.yearly_owed("annual_check", scene.seen, today=today) == []


def test_the_page_asks_for_the_conclusion_and_then_shows_it(scene: Scene) -> None:
    procedure = asked(scene)
    route = reverse("procedure", args=[procedure.number])
    with time_machine.travel(NOW, tick=True):
        client = shown_who_they_are(client_of(scene.officer))
        act = reverse("procedure-act", args=[procedure.number])
        typed = {"act": "check", "conclusion": "basic", "to_mend": "", "reason": "已核查"}
        typed["seen"] = services.stamp(procedure)
        answer = client.post(act, typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "请写明要整改的内容" in page
        assert "已核查" in page, "nothing typed is lost"
        services.check(
            procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW,
            conclusion="basic", to_mend="厨房排烟",
        )  # fmt: skip
        page = client.get(route).content.decode()
        own = client.get(
            reverse("kindergarten-detail", args=[scene.kindergarten.code])
        ).content.decode()
    for text in ("基本合格", "厨房排烟"):
        assert text in page
        assert text in own
    assert "2025年度基本合格" in own
