"""Every hostile file is refused with a reason that says what to do, and nobody dies of it."""

from __future__ import annotations

import os
import re

import pytest

from accounts.files import FileRefused, intake
from tests.accounts.files import hostile

# What a refusal ends with: something to do.
SAYS_WHAT_TO_DO = re.compile(r"请|另存")


RULES = {
    "empty", "image-mode", "image-moves", "image-too-many-pixels", "image-unreadable",
    "name-invisible", "name-no-ending", "name-path", "name-reserved", "name-too-long",
    "pdf-broken", "pdf-embedded", "pdf-encrypted", "pdf-form", "pdf-script", "pdf-too-many-pages",
    "pdf-too-much", "too-large", "type-differs", "type-not-accepted", "xlsx-cell-in-another-row",
    "xlsx-cell-reference", "xlsx-column-outside", "xlsx-embedded", "xlsx-endless-formula",
    "xlsx-endless-text", "xlsx-external", "xlsx-macro", "xlsx-not-a-workbook",
    "xlsx-old-or-encrypted", "xlsx-relation-outside", "xlsx-row", "xlsx-row-outside",
    "xlsx-sheet-elsewhere",
    "xlsx-strings-claimed", "xlsx-too-many-cells", "xlsx-too-many-elements",
    "xlsx-too-many-merges", "xlsx-too-many-sheets", "xlsx-unknown-part", "xml-broken",
    "xml-doctype", "xml-endless-tag", "xml-too-deep", "zip-checksum", "zip-directory",
    "zip-encrypted", "zip-end", "zip-inflate", "zip-inflates-too-much", "zip-method", "zip-name",
    "zip-name-twice", "zip-offset", "zip-overlap", "zip-path", "zip-ratio", "zip-size-lies",
    "zip-too-many-parts", "zip-truncated", "zip-two-stories", "zip-64",
}  # fmt: skip


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


def refused(name: str, content: bytes) -> FileRefused | None:
    try:
        intake.accept(name, content)
    except FileRefused as refusal:
        return refusal
    return None


def test_two_hundred_hostile_files_are_refused_with_a_reason(files_root):
    worker = os.getpid()
    cases = hostile.corpus()
    assert len({name for name, _, _ in cases}) == len(cases) >= 200
    let_in, wordless, rules = [], [], set()
    for case, name, content in cases:
        refusal = refused(name, content)
        if refusal is None:
            let_in.append(case)
            continue
        rules.add(refusal.code)
        if not SAYS_WHAT_TO_DO.search(refusal.reason) or not refusal.reason.endswith("。"):
            wordless.append((case, refusal.reason))
    assert let_in == []
    assert wordless == []
    assert os.getpid() == worker
    # Not all for one reason: every rule was met.
    assert rules >= RULES, RULES - rules
    # The readers' folders are gone with what was in them.
    assert list((files_root / "reading").iterdir()) == []
