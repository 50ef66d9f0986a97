"""One clause in two files: what an estate kindergarten may be run as, and the policy that says so."""

from __future__ import annotations

import tomllib
from decimal import Decimal

from django.conf import settings


def test_the_estate_rule_is_the_policys() -> None:
    def read(folder: str) -> dict:
        path = settings.BASE_DIR / "fixtures" / folder / "wuqing.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))

    said = read("policies")["rules"]
    (rule,) = [r for r in read("buildings")["estate_rule"] if "town_public_share_min" in r]
    below = said["new_estate_kindergarten_must_be_public_if_town_public_share_below"]
    assert Decimal(rule["town_public_share_min"]) == Decimal(below)
