"""Documents and targets of a place, entering one, and how far it is to each."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto

POLICIES = "/policies/"
OWN = "main tbody a:has-text('（示例）')"


def _look_at_a_change(page: Page) -> None:
    """A stricter value, looked at and not yet kept."""
    first_link(POLICIES, OWN, "main tbody a[href$='/correct/']")(page)
    page.locator("#id_value").fill("97%")
    page.locator("#id_reason").fill("按原文更正")
    page.get_by_role("button", name="看影响").click()
    page.wait_for_load_state()


def _refused(page: Page) -> None:
    first_link(POLICIES, OWN, "a[href$='/targets/new/']")(page)
    page.get_by_label("指标").select_option("public_enrolment_share")
    page.locator("#id_value").fill("0.85")
    page.get_by_role("button", name="看影响").click()
    page.wait_for_load_state()


SHOTS = [
    Shot("policies", "wuqing-officer", goto(POLICIES)),
    Shot("policy", "wuqing-officer", first_link(POLICIES, OWN)),
    Shot("plan", "wuqing-officer", first_link(POLICIES, "main tbody a:has-text('两年攻坚')")),
    Shot("matrix", "wuqing-officer", goto("/policies/matrix/")),
    Shot("look", "wuqing-officer", _look_at_a_change),
    Shot("refused", "wuqing-officer", _refused),
    Shot("shortfalls", "wuqing-officer", goto("/shortfalls/")),
    Shot("shortfalls-staff", "kundulun-officer", goto("/shortfalls/?level=kindergarten")),
]
