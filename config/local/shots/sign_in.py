"""The front door and one's own account."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, goto, sign_in


def send_too_late(page: Page) -> None:
    """A form sent after its session was ended elsewhere, back on its page after signing in again."""
    page.goto("/exports/ask/people/?ending=xlsx")
    page.locator("[name=reason]").fill("给督导组核对名册")
    browser = page.context.browser
    if browser is None:
        raise RuntimeError("the page stands in no browser")
    elsewhere = browser.new_page(base_url=page.url.split("/exports/")[0])
    sign_in(elsewhere, "wuqing-security")
    elsewhere.goto("/account/")
    elsewhere.get_by_role("button", name="结束别处的全部登录").click()
    elsewhere.close()
    page.locator("main form [type=submit]").last.click()
    sign_in(page, "wuqing-security")


SHOTS = [
    Shot("login", "", goto("/login/")),
    Shot("account", "wuqing-director", goto("/account/")),
    Shot("password", "wuqing-director", goto("/account/password/")),
    Shot("second-factor", "wuqing-inspector", goto("/account/second-factor/")),
    Shot("kept-input", "wuqing-security", send_too_late),
    Shot("authenticate-again", "wuqing-inspector", goto("/login/again/?next=/account/")),
]
