"""What a patrol may see, as a dated code list (fixtures/safety/patrols.toml). Plain Python."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "safety" / "patrols.toml"
# From the lightest to the gravest.
SEVERITIES = {"minor": "一般", "serious": "较重", "grave": "严重"}
OTHER = "other"


@dataclass(frozen=True)
class FindingKind:
    code: str
    label: str
    severity: str

    @property
    def severity_words(self) -> str:
        return SEVERITIES[self.severity]


@dataclass(frozen=True)
class FindingList:
    """The list with the document that orders the patrol; `note` says what is the project's own."""

    document: str
    clause: str
    since: dt.date
    note: str
    kinds: Mapping[str, FindingKind]


@cache
def finding_list() -> FindingList:
    """Kinds by their code, in the order of the file."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    kinds = {row["code"]: FindingKind(**row) for row in read["finding"]}
    return FindingList(read["document"], read["clause"], read["from"], read["note"], kinds)
