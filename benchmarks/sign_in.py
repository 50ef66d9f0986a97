"""Verifying passwords: `python -m benchmarks.sign_in`.

How many passwords a second this machine verifies on all its cores, beside bare argon2-cffi with the
same parameters, both in as many processes as there are cores: what the portal adds (the slots, and
Django's reading of the hash) must not show. Then 200 people send the sign-in form in the same moment
to the portal as it runs in production: how many get in, and the memory of its processes together.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks import portal
from benchmarks.scratch import database

GOAL_PER_SECOND = 80
GOAL_RATIO = 1.1
GOAL_MEMORY_MB = 1024
SECONDS = 2.0
ROUNDS = 5
FLOOD = 200
PASSWORD = "Sieben-Schwalben-fliegen"  # noqa: S105 - nobody's


def measure() -> str:
    """The result as one line."""
    from django.contrib.auth.hashers import make_password

    encoded = make_password(PASSWORD)
    floor, ours = [], []
    for _ in range(ROUNDS):
        floor.append(_rate(_bare, encoded))
        ours.append(_rate(_through_the_portal, encoded))
    memory, let_in, seconds = _flood(encoded)
    return (
        f"sign_in: {median(floor) / median(ours):.2f}x (goal {GOAL_RATIO}x) of bare argon2-cffi, "
        f"{median(ours):.0f} verifications/s (goal {GOAL_PER_SECOND}) against {median(floor):.0f}, "
        f"{os.cpu_count()} cores; {FLOOD} at once: {let_in} signed in in {seconds:.1f} s, "
        f"{memory:.0f} MB in {portal.WEB_PROCESSES} web processes and their master (goal < {GOAL_MEMORY_MB} MB)"
    )


def _bare(encoded: str, until: float) -> int:
    from argon2 import PasswordHasher

    hasher, hashed, done = PasswordHasher(), encoded.removeprefix("argon2"), 0
    while time.monotonic() < until:
        hasher.verify(hashed, PASSWORD)
        done += 1
    return done


def _through_the_portal(encoded: str, until: float) -> int:
    from django.contrib.auth.hashers import check_password

    done = 0
    while time.monotonic() < until:
        assert check_password(PASSWORD, encoded)  # noqa: S101 - a wrong figure is worse
        done += 1
    return done


def _rate(work: Any, encoded: str) -> float:
    """Verifications a second in one process for each core."""
    cores = os.cpu_count() or 1
    started = time.monotonic()
    counts = multiprocessing.get_context("fork").Array("i", cores)

    def run(number: int) -> None:
        counts[number] = work(encoded, started + SECONDS)

    _in_processes(run, cores)
    return sum(counts) / SECONDS


def _flood(encoded: str) -> tuple[float, int, float]:
    """Megabytes of the web processes at the end, how many got in, and how long it took."""
    from accounts.models import User

    User.objects.bulk_create(
        User(username=f"person{number}", full_name="某人", password=encoded)
        for number in range(FLOOD)
    )
    with portal.web_server() as (address, master):
        token = _token(address)
        started = time.monotonic()
        with ThreadPoolExecutor(FLOOD) as people:
            let_in = sum(people.map(lambda number: _signs_in(address, token, number), range(FLOOD)))
        return _megabytes(master), let_in, time.monotonic() - started


def _token(address: str) -> str:
    """The cross-site token that every one of these browsers sends, in cookie and form."""
    with urllib.request.urlopen(f"{address}/login/") as page:  # noqa: S310 - our own address
        return page.headers["Set-Cookie"].split("=", 1)[1].split(";", 1)[0]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def _signs_in(address: str, token: str, number: int) -> bool:
    form = {"username": f"person{number}", "password": PASSWORD, "csrfmiddlewaretoken": token}
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/login/", urlencode(form).encode(), {"Cookie": f"csrftoken={token}"}
    )
    try:
        urllib.request.build_opener(_NoRedirect).open(request, timeout=120)
    except urllib.error.HTTPError as answer:
        return answer.code == 302
    return False


def _megabytes(master: int) -> float:
    """The highest memory that each process of the server has had, added up."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            facts = dict(line.split(":", 1) for line in status.read_text().splitlines())
            if status.parent.name == str(master) or int(facts["PPid"]) == master:
                total += int(facts["VmHWM"].split()[0])
    return total / 1024


def _in_processes(run: Any, count: int) -> None:
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=run, args=(number,)) for number in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        if child.exitcode:
            raise RuntimeError("A process of the measurement failed; its own lines say why.")


def main() -> None:
    with database("benchmark_sign_in"):
        print(measure())


if __name__ == "__main__":
    main()
