"""Frameworks of evaluations as packs of data: fixtures/frameworks."""

from __future__ import annotations

import tomllib
from pathlib import Path

from inspections.evaluations.rules import Grade


def grades_in(path: Path) -> list[Grade]:
    """The grades that a framework's document defines, in its order."""
    pack = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Grade(**one) for one in pack["grade"]]
