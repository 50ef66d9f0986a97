"""What a kindergarten may be called: the rules by which names were cleared by June 2022.

Plain Python.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from kindergartens.record.rules import Finding, Severity

FILE = Path(__file__).with_name("naming.toml")


@dataclass(frozen=True)
class NamingRule:
    kind: str
    words: tuple[str, ...]
    says: str
    at_start: bool
    discretion: bool


@dataclass(frozen=True)
class NamingRules:
    in_force: dt.date
    source: str
    rules: tuple[NamingRule, ...]

    @cached_property
    def words(self) -> re.Pattern[str]:
        """Any word of any rule: almost no name has one, and ten thousand are looked through."""
        words = sorted({word for rule in self.rules for word in rule.words})
        return re.compile("|".join(map(re.escape, words)) or r"(?!)")


@cache
def naming_rules() -> NamingRules:
    """The rules for names cleared by June 2022, with their source, from naming.toml."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    rules = tuple(
        NamingRule(
            row["kind"],
            tuple(row["words"]),
            row["says"],
            row["place"] == "start",
            row["discretion"],
        )
        for row in data["rule"]
    )
    return NamingRules(data["in_force"], data["source"], rules)


FOREIGN_LETTERS = re.compile(r"[A-Za-zＡ-Ｚａ-ｚÀ-ɏЀ-ӿぁ-ヿ가-힯]+")
# What every name shares and nobody tells names apart by.
COMMON_ENDINGS = re.compile(r"(幼儿园|幼稚园|中心园|园)$")
BLANKS = re.compile(r"[\s·•、，,（）()\-—_]+")


# The names of a whole table: each is compared three times, twice over.
@lru_cache(32_768)
def plain_name(name: str) -> str:
    """A name as it is compared: one width, no blanks and brackets."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True)
class SchoolNames:
    """Names of schools, and what they are known by, ready to be looked for in many other names.

    `by_text` maps such a text to the place of the school in the list and its name.
    """

    by_text: Mapping[str, tuple[int, str]]
    lengths: tuple[int, ...]


def school_names(names: Iterable[str]) -> SchoolNames:
    found: dict[str, tuple[int, str]] = {}
    for number, name in enumerate(names):
        known = plain_name(name)
        # Two or three letters are a place or a number: everybody has those.
        for text in (known, COMMON_ENDINGS.sub("", known)):
            if len(text) >= LEAST_KNOWN:
                found.setdefault(text, (number, name))
    return SchoolNames(found, tuple(sorted({len(text) for text in found})))


LEAST_KNOWN = 4
NO_SCHOOLS = SchoolNames({}, ())


def check_name(
    name: str,
    *,
    private: bool,
    used_from: dt.date,
    public_schools: SchoolNames = NO_SCHOOLS,
    rules: NamingRules | None = None,
) -> list[Finding]:
    """What the rules of 2022 say about a name (教基〔2021〕8号, 幼儿园名称规范清理行动).

    `public_schools` are names of public kindergartens and schools that a private one may not
    borrow. A name in use since before the rules is never refused: it is on the books, and the
    finding says that it has to be changed or kept for a reason.
    """
    rules = rules or naming_rules()
    findings = []
    firm = used_from >= rules.in_force
    seen: set[str] = set()
    for rule in rules.rules if rules.words.search(name) else ():
        for word in rule.words:
            stands = name.startswith(word) if rule.at_start else word in name
            if not stands or word in seen:
                continue
            seen.add(word)
            stop = firm and not rule.discretion
            findings.append(_named(rule.says.format(word=word), stop, rules))
    letters = FOREIGN_LETTERS.search(name)
    if letters:
        text = f"名称里有外语词“{letters[0]}”。请改用规范汉字。"
        findings.append(_named(text, firm, rules))
    if private:
        borrowed = _borrowed(name, public_schools)
        if borrowed:
            text = f"民办园名称里有公办学校的名称“{borrowed}”。已有依据的，请写明理由。"
            findings.append(_named(text, False, rules))
    return findings


def _named(text: str, stop: bool, rules: NamingRules) -> Finding:
    return Finding("name", Severity.STOP if stop else Severity.REASON, text, rules.source)


def _borrowed(name: str, schools: SchoolNames) -> str:
    """The first public school whose name, or what it is known by, stands in the private one's."""
    own = plain_name(name)
    found = [
        school
        for length in schools.lengths
        for start in range(len(own) - length + 1)
        if (school := schools.by_text.get(own[start : start + length])) is not None
    ]
    return min(found)[1] if found else ""
