"""docs/security.md names code and tests that exist, every state, and every title of the list."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
STATES = {"done", "part", "operator"}
NAMED = re.findall(r"`([\w./-]+\.(?:py|yml|md|lock)|Dockerfile)(?:::(\w+))?`", DOCUMENT)
CONTROLS = [
    "身份鉴别", "访问控制", "安全审计", "入侵防范", "恶意代码防范", "数据完整性、保密性",
    "备份恢复", "剩余信息保护", "个人信息保护",
]  # fmt: skip


@cache
def functions(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize(("path", "test"), sorted(set(NAMED)), ids=lambda part: part or "-")
def test_what_is_named_exists(path: str, test: str) -> None:
    assert (ROOT / path).is_file()
    if test:
        assert test.startswith("test_")
        assert test in functions(ROOT / path)


def test_many_tests_are_named() -> None:
    assert len({test for _, test in NAMED if test}) >= 30


def rows(heading: str) -> list[list[str]]:
    section = DOCUMENT.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"\n##", section, maxsplit=1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|") and not set(line) <= set("|- ")
    ][1:]


@pytest.mark.parametrize("control", CONTROLS)
def test_every_clause_has_a_state_and_what_is_done_has_a_test(control: str) -> None:
    clauses = rows(f"### {control}")
    assert clauses
    for clause, _, state, code, test in clauses:
        kind = re.split(r"[:; ]", state)[0]
        assert kind in STATES, clause
        if kind == "done":
            assert "`" in code, clause
            assert "::" in test, clause


def test_all_twenty_three_titles_have_a_state() -> None:
    titles = rows("## 高风险判例（应用相关23项）")
    assert len(titles) == len({title for title, _, _ in titles}) == 23
    for title, state, where in titles:
        assert re.split(r"[:;, ]", state)[0] in STATES, title
        assert where in CONTROLS or "::" in where, title
