"""Every field of every model is in the register, and the register names nothing else."""

from __future__ import annotations

import re
from collections import Counter

from django.conf import settings
from django.db import models

from accounts.privacy import register
from accounts.privacy.fields import BlindIndexField, EncryptedTextField

HOW_TO = """
Say it in accounts/privacy/register.toml, in the table of the model:
  - a field that only runs the portal (id, counters, hashes): add its name to `technical`;
  - a field of the same class, grade and readers as the model: add its name to `fields`;
  - anything else (a person's name, number, address): give it a table ["app.model".field] with what
    differs: class, grade, mask, seen_by, purpose, retention.
A new model needs a table ["app.model"] with purpose, basis, retention, class, grade, seen_by,
technical and fields. Then: manage.py write_data_register
"""


def test_every_field_is_in_the_register_once() -> None:
    named = Counter((entry.model, entry.field) for entry in register.entries())
    there = register.our_fields().keys()
    missing = sorted(".".join(key) for key in there - named.keys())
    gone = sorted(".".join(key) for key in named.keys() - there)
    twice = sorted(".".join(key) for key, times in named.items() if times > 1)
    assert not missing, f"not in the register: {', '.join(missing)}\n{HOW_TO}"
    assert not gone, f"in the register, but no such field: {', '.join(gone)}\n{HOW_TO}"
    assert not twice, f"named twice in the register: {', '.join(twice)}\n{HOW_TO}"


def test_every_entry_says_everything_in_known_words() -> None:
    for entry in register.entries():
        assert entry.kind in register.classes(), entry
        assert entry.grade in register.grades(), entry
        for text in (entry.purpose, entry.basis, entry.retention, entry.seen_by):
            assert len(text) >= 2, entry


def test_tables_hold_no_word_of_their_own() -> None:
    known = {*register.ABOUT_A_MODEL, *register.LISTS, "mask"}
    for model, table in register.written_models().items():
        for key, value in table.items():
            if isinstance(value, dict):
                assert value.keys() <= {*register.ABOUT_A_MODEL, "mask"}, (model, key)
            else:
                assert key in known, (model, key)


def test_identifiers_are_encrypted_masked_and_nothing_else_is() -> None:
    fields = register.our_fields()
    for entry in register.entries():
        sealed = isinstance(fields[entry.model, entry.field], (EncryptedTextField, BlindIndexField))
        # A secret that has to be read again is encrypted as identifiers are; hashes are not.
        assert sealed <= (entry.kind in {"identifier", "secret"}), entry
        assert sealed or entry.kind != "identifier", entry
        if entry.kind in {"identifier", "secret"}:
            assert entry.mask, entry
            assert entry.grade in {"3", "4"}, entry


LOOKS_LIKE_AN_IDENTIFIER = re.compile(
    r"(?:^|_)(?:phone|mobile|tel|telephone|id_?card|id_?number|identity|passport)(?:_|$)"
    r"|手机|电话|身份证|证件号",
    re.IGNORECASE,
)
OF_CHILDREN = re.compile(
    r"(?:^|_)(?:child|children|pupil|student|baby|infant|guardian|parents?_name|mother|father|"
    r"birth(?:day|date)?)(?:_|$)|幼儿姓名|儿童|家长|监护|学生|出生|病历|过敏",
    re.IGNORECASE,
)
NUMBERS = (models.IntegerField, models.DecimalField, models.BooleanField)


def words(key: tuple[str, str], field: models.Field) -> str:
    return f"{key[1]} {field.verbose_name}".replace(" ", "_")


def test_what_looks_like_an_identifier_is_registered_as_one() -> None:
    kinds = {(entry.model, entry.field): entry.kind for entry in register.entries()}
    for key, field in register.our_fields().items():
        if LOOKS_LIKE_AN_IDENTIFIER.search(words(key, field)):
            assert kinds[key] == "identifier", f"{key} holds an identifier: use EncryptedTextField"


# Of those who work in a kindergarten.
OF_STAFF = {("staffing.staffmember", "birth_date")}
# When they were told, and not who they are.
MOMENTS = {("safety.incidentcase", "parents_told_at")}


def test_children_are_counted_and_never_named() -> None:
    for key, field in register.our_fields().items():
        if key in OF_STAFF | MOMENTS:
            continue
        if OF_CHILDREN.search(words(key, field)):
            assert isinstance(field, NUMBERS), f"{key}: children are counted, never named"
    # The pattern does find what it is for.
    for name in ("child_name", "guardian_phone", "birth_date", "parent_name_mother"):
        assert OF_CHILDREN.search(name), name


def test_the_page_says_the_same() -> None:
    page = (settings.BASE_DIR / "docs" / "data-register.md").read_text(encoding="utf-8")
    assert page == register.as_page(), "run: manage.py write_data_register"
