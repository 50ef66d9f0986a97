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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.local import process
from config.local.servers import DIRECTORY, ROOT
from config.local.shots import SHOTS, Shot
from config.local.shots.walks import sign_in

FOLDER = DIRECTORY / "screenshots"
WIDTHS = {"1440": (1440, 900), "390": (390, 844)}
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
]

DOCUMENTS = ("学前教育普及普惠基本情况一览表", "三率月报", "小区配套幼儿园一览表")


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


def take_pages(browser: Browser, address: str, shots: Mapping[str, Shot]) -> None:
    for width, (wide, high) in WIDTHS.items():
        for login in dict.fromkeys(shot.login for shot in shots.values()):
            context = browser.new_context(
                base_url=address,
                viewport={"width": wide, "height": high},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            if login:
                sign_in(page, login)
            for name, shot in shots.items():
                if shot.login == login:
                    # One that shows a page without a network left the next ones without.
                    page.context.set_offline(False)
                    shot.walk(page)
                    path = FOLDER / f"{name}-{width}.png"
                    take_page(page, path)
                    sys.stdout.write(f"{path.relative_to(ROOT)}\n")
                    if width == "1440" and shot.printed:
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


def main(only: Sequence[str]) -> None:
    shots = {name: shot for name, shot in SHOTS.items() if not only or name.startswith(tuple(only))}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is missing; mend it with: apt-get install -y chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    with portal(dict(os.environ)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        if not only:
            take_documents(
                browser, address
            )  # first, so that the lists of papers and jobs have rows
        take_pages(browser, address, shots)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
