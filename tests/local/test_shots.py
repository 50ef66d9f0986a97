"""The pictures of `make screenshots`: each has a name of its own and somebody who can sign in."""

from __future__ import annotations

import re

import pytest

from accounts.demo_logins import demo_logins
from config.local.shots import SHOTS, named
from config.local.shots.walks import Shot, goto


def test_no_picture_overwrites_another() -> None:
    twice = [Shot("list", "", goto("/")), Shot("list", "", goto("/jobs/"))]
    with pytest.raises(ValueError, match="jobs-list"):
        named({"jobs": twice})
    with pytest.raises(ValueError, match="a-b-c"):
        named({"a-b": [Shot("c", "", goto("/"))], "a": [Shot("b-c", "", goto("/"))]})


def test_every_part_is_found() -> None:
    assert {"people-roles", "filings-review", "dashboards-county"} <= SHOTS.keys()
    assert len(SHOTS) >= 39
    assert all(re.fullmatch(r"[a-z0-9_-]+", name) for name in SHOTS)
    assert any(shot.printed for shot in SHOTS.values())


def test_whoever_takes_a_picture_is_there() -> None:
    logins = {login.username for login in demo_logins()}
    assert {shot.login for shot in SHOTS.values()} - {""} <= logins
