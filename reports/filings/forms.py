"""Reading the return form and the review form from what a browser posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from accounts.typed_text import clean
from reports.filings import unchanged
from reports.filings.checks import (
    AGES,
    MORE,
    SECTIONS,
    SEXES,
    About,
    experiences,
)

CLASS_COLUMNS = ("name", "grade", *SEXES, *AGES, *MORE)
# `was`: which class of the last return this one is, where a new school year has moved it up.
CLASS_FIELD = re.compile(rf"^class-(\d{{1,4}})-({'|'.join((*CLASS_COLUMNS, 'was'))})$")
CLASS_EXPLANATION = re.compile(r"^class-(\d{1,4})-explain-([a-z_]{1,40})$")
EXPLANATION = re.compile(r"^explain-([a-z_]{1,40})@(.{0,30})$")
# Beyond what any field takes, so that the checks can say what is too long instead of cutting it.
LONGEST_VALUE = 5000


def draft_from_post(post: Mapping[str, Any]) -> dict[str, Any]:
    """The draft exactly as typed. Classes keep the order of their numbers; gaps are fine.

    Unknown names are ignored: a form field cannot set anything but the draft.
    """
    classes: dict[int, dict[str, str]] = {}
    for key in post:
        if match := CLASS_FIELD.match(key):
            value = _typed(post[key])
            classes.setdefault(int(match.group(1)), {})[match.group(2)] = value
    of_classes = _class_explanations(post)
    blank = dict.fromkeys(CLASS_COLUMNS, "")
    return {
        "classes": [
            blank | classes[number] | {"explanations": of_classes.get(number, {})}
            for number in sorted(classes)
        ],
        **{code: section.from_post(post, _typed) for code, section in SECTIONS.items()},
        "days_open": _typed(post.get("days_open", "")),
        unchanged.KEY: {
            section: "1" if post.get(f"same-{section}") else "" for section in unchanged.SECTIONS
        },
        "explanations": _explanations(post),
        "remarks": _typed(post.get("remarks", "")),
    }


def _class_explanations(post: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    """The reasons typed at classes, by the class's number and the check's code."""
    found: dict[int, dict[str, str]] = {}
    for key in post:
        match = CLASS_EXPLANATION.match(key)
        if match and match.group(2) in experiences(About.CLASS) and (text := _typed(post[key])):
            found.setdefault(int(match.group(1)), {})[match.group(2)] = text
    return found


def _explanations(post: Mapping[str, Any]) -> dict[str, str]:
    """The reasons typed for the return as a whole or a row of it: `class_vanished@小二班`."""
    return {
        clean(key.removeprefix("explain-")): text
        for key in post
        if (match := EXPLANATION.match(key))
        and match.group(1) in {*experiences(About.WHOLE), *experiences(About.ROW)}
        and (text := _typed(post[key]))
    }


def revision_from_post(post: Mapping[str, Any]) -> int:
    """The revision the page was opened with; 0, which no return has, if it is missing or wrong."""
    return _number(post, "revision")


def upload_from_post(post: Mapping[str, Any]) -> int:
    """The uploaded workbook whose cells are picked from; 0 for none."""
    return _number(post, "upload")


class ExtensionRequestForm(forms.Form):
    reason = reason_field("申请理由", "请写明为什么没有按时报，或者要更正什么，教育局会看到。")


def picks_from_post(post: Mapping[str, Any]) -> dict[str, str]:
    """Of cells that two windows changed, which to keep: `pick-<key>`, as the radios say it."""
    return {
        clean(key.removeprefix("pick-")): _typed(post[key])
        for key in post
        if key.startswith("pick-")
    }


def version_from_post(post: Mapping[str, Any]) -> int:
    """The version the officer read, likewise."""
    return _number(post, "version")


def reasons_from_post(post: Mapping[str, Any]) -> dict[str, str]:
    """Reasons per field of the review form: `reason-class:小一班:boys` and the like."""
    return {
        clean(key.removeprefix("reason-")): reason
        for key in post
        if key.startswith("reason-") and (reason := _typed(post[key]))
    }


def reason_from_post(post: Mapping[str, Any]) -> str:
    """The general reason for sending a return back."""
    return _typed(post.get("reason", ""))


def not_waiting_from_post(post: Mapping[str, Any]) -> str:
    """Why a return is accepted although its town has not looked at it."""
    return _typed(post.get("not_waiting", ""))


def _number(post: Mapping[str, Any], name: str) -> int:
    text = str(post.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _typed(value: Any) -> str:
    return clean(value)[:LONGEST_VALUE]
