"""`make test`: every check of the project, each named, with the tests last.

The checks that only read the code share the cores first, so that a slip is known within a minute;
the tests run even then, and the closing line of pytest is the last line shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from config.local import setup
from config.local.alone import throw_away_servers
from config.local.process import LocalServerError
from config.local.servers import ROOT

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
# As an operator sets the portal up; every value is invented.
PRODUCTION = {
    "HISTORY_KEYS": "check:" + "0123456789abcdef" * 4,
    "HTTPS": "1",
    "SECRET_KEY": "y7Kq-0vXrT3mWz_Lb9sNc2HdJf8GpQa5UeRi4oMtYkVxZwBn6CjD1hSg",
    "ALLOWED_HOSTS": "portal.example.gov.cn",
    "CSRF_TRUSTED_ORIGINS": "https://portal.example.gov.cn",
    "TRUSTED_PROXIES": "1",
    "DEBUG": "0",
    "DEMO": "0",
    "RATE_LIMITS": "1",
    "LOG_FORMAT": "json",
}
DEPLOY_CHECK = [
    *("env", *(f"{name}={value}" for name, value in PRODUCTION.items())),
    *(*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
]
# The slowest first, so that the others fit beside it.
STATIC_CHECKS = {
    "types (mypy)": [sys.executable, "-m", "mypy", "."],
    "lint (ruff check)": [sys.executable, "-m", "ruff", "check", "."],
    "format (ruff format --check)": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "floors (lint-imports)": [str(BIN / "lint-imports")],
    "migrations (makemigrations --check)": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "settings (manage.py check)": [*MANAGE, "check", "--fail-level", "WARNING"],
    "production settings (manage.py check --deploy)": DEPLOY_CHECK,
}


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    passed: bool
    output: str
    seconds: float


def run_check(name: str, command: list[str], environ: dict[str, str]) -> Outcome:
    """Run one check and keep its output."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(name, done.returncode == 0, done.stdout, time.monotonic() - started)


def run_static_checks() -> list[str]:
    """Run the checks that read the code only; return the names of those that failed."""
    failed = []
    with throw_away_servers() as environ, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = [
            pool.submit(run_check, name, command, environ)
            for name, command in STATIC_CHECKS.items()
        ]
        for future in running:
            outcome = future.result()
            setup.say(f"{mark(outcome.passed)} {outcome.name} ({outcome.seconds:.0f} s)")
            if not outcome.passed:
                setup.say(outcome.output.rstrip())
                failed.append(outcome.name)
    return failed


def run_tests() -> tuple[bool, str]:
    """Run the test suite, shown as it goes; return whether it passed and its closing line."""
    command = [
        *(sys.executable, "-m", "pytest", "-n", str(max(2, min(4, os.cpu_count() or 2)))),
        # In the order of tests/conftest.py, the long files first.
        *("--dist", "loadfile", "--no-loadscope-reorder"),
    ]
    if sys.stdout.isatty():
        command.append("--color=yes")
    closing = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pytest:
        for line in pytest.stdout or ():
            setup.say(line, end="")
            closing = line.rstrip() or closing
    return pytest.returncode == 0, closing


def mark(passed: bool) -> str:
    """Return the sign before a check's name."""
    return "ok    " if passed else "FAILED"


def main() -> None:
    """Run everything and end with code 1 when anything failed."""
    try:
        failed = run_static_checks()
    except LocalServerError as error:
        sys.exit(str(error))
    if "--without-tests" not in sys.argv:
        passed, closing = run_tests()
        if not passed:
            failed.append("tests (pytest)")
        if failed:
            setup.say(f"FAILED: {', '.join(failed)}\n{closing}")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
