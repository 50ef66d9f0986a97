"""`make screenshots`: every main page at 1440 and 390 px, on A4, and every PDF page, as pictures.

Starts the portal with the demo in a folder of its own, so that nobody's data is touched, walks it
in a real browser as each role, and writes the pictures to .local/screenshots/.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from accounts.demo_logins import DEMO_PASSWORD
from config.local import process
from config.local.servers import DIRECTORY, ROOT

FOLDER = DIRECTORY / "screenshots"
WIDTHS = {"1440": (1440, 900), "390": (390, 844)}
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
]

Walk = Callable[[Page], object]


def goto(path: str) -> Walk:
    return lambda page: page.goto(path)


def open_return(page: Page) -> None:
    """The director's form, with a class changed so that checks show."""
    page.goto("/returns/")
    page.locator(".hero button").first.click()
    page.locator("form.has-js").wait_for()  # before its script, no class is folded yet
    for number, boys in ((1, "14"), (6, "4")):
        row = page.locator("[data-row]").nth(number)
        cell = row.locator("[data-field=boys]")
        if not cell.is_visible():  # on a phone a class is folded until it is opened
            row.locator("[data-open-row]").click()
        cell.fill(boys)


def open_explanation(page: Page) -> None:
    page.goto("/figures/")
    page.locator(".figure-explain").last.click()
    page.locator("dialog#explain h2").first.wait_for()


def open_explanation_page(page: Page) -> None:
    """The same explanation as a page of its own, as a link sent to a colleague opens it."""
    page.goto("/figures/")
    page.goto(page.locator(".figure-explain").last.get_attribute("href") or "")


def first_link(path: str, *selectors: str) -> Walk:
    def walk(page: Page) -> None:
        page.goto(path)
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state()

    return walk


def send_too_late(page: Page) -> None:
    """A form sent after its session was ended elsewhere, back on its page after signing in again."""
    page.goto("/people/export/ask/?ending=xlsx")
    page.locator("[name=reason]").fill("给督导组核对名册")
    browser = page.context.browser
    if browser is None:
        raise RuntimeError("the page stands in no browser")
    elsewhere = browser.new_page(base_url=page.url.split("/people/")[0])
    sign_in(elsewhere, "wuqing-security")
    elsewhere.goto("/account/")
    elsewhere.get_by_role("button", name="结束别处的全部登录").click()
    elsewhere.close()
    page.locator("main form [type=submit]").last.click()
    sign_in(page, "wuqing-security")


# name, login, how to get there
SHOTS: list[tuple[str, str, Walk]] = [
    ("01-login", "", goto("/login/")),
    ("02-dashboard-wuqing", "wuqing-officer", goto("/figures/")),
    ("03-dashboard-altay", "altay-city", goto("/figures/")),
    ("04-explanation", "wuqing-officer", open_explanation),
    ("05-my-returns", "wuqing-director", goto("/returns/")),
    ("06-return-form", "wuqing-director", open_return),
    ("07-queue", "wuqing-officer", goto("/reviews/")),
    ("08-review", "wuqing-officer", first_link("/reviews/", "main tbody th a")),
    ("09-return-version", "wuqing-director", first_link("/returns/", "main tbody td a")),
    ("10-kindergartens", "wuqing-officer", goto("/kindergartens/")),
    ("11-kindergarten", "wuqing-officer", first_link("/kindergartens/", "main tbody th a")),
    ("12-documents", "wuqing-officer", goto("/documents/")),
    ("13-jobs", "system", goto("/jobs/")),
    ("14-gallery", "system", goto("/gallery/")),
    ("15-town", "wuqing-town", goto("/figures/")),
    ("16-dashboard-kundulun", "kundulun-officer", goto("/figures/")),
    ("18-accounts", "wuqing-security", goto("/people/")),
    ("19-account", "wuqing-security", first_link("/people/?q=wuqing-director", "main tbody th a")),
    ("20-office-approvals", "wuqing-security", goto("/account-approvals/offices/")),
    ("21-exports", "wuqing-security", goto("/exports/")),
    ("22-export-ask", "wuqing-security", goto("/people/export/ask/")),
    ("23-export-approvals", "wuqing-leader", goto("/exports/approvals/")),
    ("24-roles", "wuqing-leader", goto("/roles/")),
    ("25-kindergarten-approvals", "wuqing-officer", goto("/account-approvals/kindergartens/")),
    ("26-our-people", "wuqing-director", goto("/account-requests/")),
    ("27-account-request", "wuqing-director", goto("/account-requests/new/")),
    ("28-deputies", "wuqing-director", goto("/deputies/")),
    ("29-accounts-workbook", "system", goto("/account-requests/workbook/")),
    ("18-account", "wuqing-director", goto("/account/")),
    ("19-password", "wuqing-director", goto("/account/password/")),
    ("20-second-factor", "wuqing-inspector", goto("/account/second-factor/")),
    ("21-kept-input", "wuqing-security", send_too_late),
    ("21-authenticate-again", "wuqing-inspector", goto("/login/again/?next=/account/")),
    ("18-audit", "wuqing-audit", goto("/audit/")),
    ("19-audit-changes", "wuqing-audit", goto("/changes/")),
    (
        "20-kindergarten-history",
        "wuqing-officer",
        first_link("/kindergartens/", "main tbody th a", "main .page-head .actions a"),
    ),
    ("21-policy-history", "wuqing-officer", goto("/policies/history/")),
    ("18-own-phone", "wuqing-director", goto("/me/phone/")),
    ("17-not-found", "wuqing-officer", goto("/figures/110000/")),
    ("18-explanation-page", "wuqing-officer", open_explanation_page),
]

# Pages that people print from the browser.
PRINTED = ("02-dashboard-wuqing", "09-return-version", "15-town", "18-explanation-page")

DOCUMENTS = ("学前教育普及普惠基本情况一览表", "三率月报")


@contextmanager
def portal(environ: dict[str, str]) -> Iterator[str]:
    """The portal with the demo on a free port; yields its address."""
    port = process.free_port(None)
    command = (
        "from pathlib import Path; from config.local.run import main; "
        f"main(Path({str(DIRECTORY / 'screenshots-portal')!r}))"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", command], cwd=ROOT, env={**environ, "PORT": str(port)}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, running)
        yield address
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def _wait_for(address: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        if running.poll() is not None:
            sys.exit("The portal did not start; its own lines above say why.")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("The portal did not answer within three minutes.")


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form[action*=login] button[type=submit], form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def take_pages(browser: Browser, address: str) -> None:
    for width, (wide, high) in WIDTHS.items():
        for login in dict.fromkeys(login for _, login, _ in SHOTS):
            context = browser.new_context(
                base_url=address,
                viewport={"width": wide, "height": high},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            if login:
                sign_in(page, login)
            for name, who, walk in SHOTS:
                if who == login:
                    walk(page)
                    path = FOLDER / f"{name}-{width}.png"
                    take_page(page, path)
                    sys.stdout.write(f"{path.relative_to(ROOT)}\n")
                    if width == "1440" and name in PRINTED:
                        print_page(page, FOLDER / f"{name}-a4.pdf")
            context.close()


def take_page(page: Page, path: Path) -> None:
    """The whole page in a window as tall as it: bars stand at the ends, not over the middle."""
    size = page.viewport_size or {"width": 1440, "height": 900}
    shown = "dialog[open]" if page.locator("dialog[open]").count() else "html"
    tall = page.locator(shown).evaluate("(element) => element.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], tall)})
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(600)  # charts draw after the page has loaded and on resizing
    page.screenshot(path=path)
    page.set_viewport_size(size)


def print_page(page: Page, pdf: Path) -> None:
    """The page as the browser prints it, which on paper has its own layout."""
    page.emulate_media(media="print")
    page.wait_for_timeout(600)  # charts draw again, in the width of the sheet
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="screen")
    turn_into_pictures(pdf)


def turn_into_pictures(pdf: Path) -> None:
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        sys.exit("pdftoppm is missing; mend it with: apt-get install -y poppler-utils")
    subprocess.run([pdftoppm, "-r", "80", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)


def take_documents(browser: Browser, address: str) -> None:
    """Print each kind as an officer does, and turn every page of the PDF into a picture."""
    context = browser.new_context(base_url=address, accept_downloads=True)
    page = context.new_page()
    sign_in(page, "wuqing-officer")
    for number, kind in enumerate(DOCUMENTS, 1):
        page.goto("/documents/")
        page.locator("select[name=kind]").select_option(label=kind)
        page.locator("main form button.btn-primary").first.click()
        # The list holds what was printed before: wait for a row of this kind.
        row = page.locator("#document-list tbody tr").filter(has_text=kind)
        link = row.first.get_by_role("link", name="下载")
        link.wait_for(timeout=120_000)
        with page.expect_download() as download:
            link.click()
        pdf = FOLDER / f"paper-{number}.pdf"
        download.value.save_as(pdf)
        turn_into_pictures(pdf)
    context.close()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is missing; mend it with: apt-get install -y chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    with portal(dict(os.environ)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        take_documents(browser, address)  # first, so that the lists of papers and jobs have rows
        take_pages(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
