"""Everything `make run` and `make test` need on this machine, step by step; safe to repeat.

Standard library only, and syntax that older Pythons can read: it runs before there is a virtual
environment, and must be able to say that Python is too old. Works without a network once done.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.lock"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
# What a first installation takes, and what a start needs to breathe, in megabytes.
ROOM_TO_INSTALL = 2000
ROOM_TO_START = 300

LIBRARIES = {
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
FONTS = {"Noto Sans CJK SC": "fonts-noto-cjk", "Noto Serif CJK SC": "fonts-noto-cjk"}


class SetupError(Exception):
    """Set-up cannot go on; the message is one line that names the command that mends it."""


def main(arguments: list[str]) -> None:
    """Do every step; with ``--tests`` also what only the tests and pictures need."""
    for_tests = "--tests" in arguments
    steps = [
        ("Python and disk 检查 Python 与磁盘", check_machine),
        ("virtual environment 虚拟环境", make_environment),
        ("Python packages 依赖包", lambda: beside_apt(install_packages, for_tests)),
        ("browser assets 前端资源", install_assets),
        ("PDF libraries and Chinese fonts 打印库与中文字体", install_libraries),
    ]
    if for_tests:
        steps.append(("browser and PDF tools for tests 测试用浏览器", install_test_tools))
    try:
        for number, (title, step) in enumerate(steps, 1):
            say(f"[{number}/{len(steps)}] {title} … ", end="")
            started = time.monotonic()
            detail = step()
            say(f"{detail} ({time.monotonic() - started:.1f} s)")
    except SetupError as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.strerror}: {error.filename or ROOT}")
    except KeyboardInterrupt:
        stop("Stopped; run it again to go on. 已中断，重新运行即可继续。")


def say(text: str, end: str = "\n") -> None:
    """Show progress at once, also when the output is a pipe."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def stop(reason: str) -> None:
    """End with one line."""
    sys.stdout.write("\n")
    sys.stdout.flush()
    sys.exit(reason)


# 1


def check_machine() -> str:
    """Check the Python version and that the disk is writable and has room."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python 3.11 or newer is needed, this is {'.'.join(map(str, sys.version_info[:2]))} "
            f"({sys.executable}). Install python3.11, then: make run PYTHON=python3.11"
        )
    check_disk(ROOT, ROOM_TO_START if package_stamp_is_current() else ROOM_TO_INSTALL)
    return f"Python {'.'.join(map(str, sys.version_info[:3]))}"


def check_disk(folder: Path, room: int) -> None:
    """Check that the folder can be written and has so many megabytes left."""
    probe = folder / f".writable-{os.getpid()}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            probe.unlink()
        raise SetupError(
            f"{folder} cannot be written ({error.strerror}): "
            "free some room, or move the project to a disk where you may write."
        ) from error
    left = shutil.disk_usage(folder).free // 1_000_000
    if left < room:
        raise SetupError(
            f"The disk of {folder} has {left} MB left and {room} MB are needed: free some room."
        )


# 2


def make_environment() -> str:
    """Create .venv, or anew when it was copied from elsewhere or is broken."""
    if environment_works():
        return "ready"
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        apt_install([f"python3.{sys.version_info[1]}-venv"], "Python's venv module is missing.")
    run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        "The virtual environment could not be made",
    )
    return "made"


def environment_works() -> bool:
    """Say whether .venv has a working Python and pip of its own."""
    question = "import sys, pip; print(sys.prefix, sys.version_info >= (3, 11))"
    try:
        answer = subprocess.run(
            [str(PYTHON), "-I", "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return answer.stdout.strip() == f"{VENV} True"


# 3


def beside_apt(step: Callable[[], str], for_tests: bool) -> str:
    """Do a step while apt-get, which waits for other things, installs what the later ones miss.

    Whatever apt-get cannot do is left to those steps, which say what is wrong.
    """
    missing = missing_libraries() + missing_fonts()
    if for_tests:
        missing += missing_test_packages()
    with ThreadPoolExecutor(1) as meanwhile:
        apt = meanwhile.submit(apt_install, missing, "", quietly=True) if missing else None
        detail = step()
    if apt is not None and apt.exception() is None:
        detail += f", {len(missing)} Debian packages"
    return detail


def install_packages() -> str:
    """Install the locked packages, each checked against its hash."""
    if package_stamp_is_current():
        return "ready"
    wanted = len(re.findall(r"^[A-Za-z0-9_.-]+==", LOCK.read_text(), re.M))
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"),
        *("--progress-bar=off", "--require-hashes", "-r", str(LOCK)),
    ]
    seen = 0
    tail: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            tail = [*tail[-5:], line.strip()]
            seen += line.startswith("Collecting ")
            if line.startswith("Collecting ") and seen % 10 == 0:
                say(f"{seen}/{wanted} ", end="")
            if line.startswith("Installing collected"):
                say("installing ", end="")
    if pip.returncode:
        reason = next((line for line in tail if line.startswith("ERROR")), tail[-1] if tail else "")
        raise SetupError(
            f"Packages could not be installed ({reason}). "
            f"Check network and disk, then run again; by hand: {' '.join(command)}"
        )
    stamp_file().write_text(package_stamp())
    return f"{wanted} packages"


def stamp_file() -> Path:
    """Return the file that says which lock was installed."""
    return VENV / "installed-lock"


def package_stamp() -> str:
    """Return what must be unchanged for the installed packages to be the locked ones."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def package_stamp_is_current() -> bool:
    """Say whether the installed packages are those of the lock file."""
    try:
        return stamp_file().read_text() == package_stamp()
    except OSError:
        return False


# 4


def install_assets() -> str:
    """Fetch the npm packages of the lock file and copy what pages use to static/vendor."""
    sources = [ROOT / "package-lock.json", ROOT / "config" / "local" / "assets.py"]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp = VENDOR / "installed-lock"
    if stamp.exists() and stamp.read_text() == wanted:
        return "ready"
    npm, environ = find_npm()
    run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"],
        "Browser assets could not be fetched; check the network and run again",
        environ,
    )
    run([sys.executable, str(sources[1])], "Browser assets could not be copied", environ)
    stamp.write_text(wanted)
    return "installed"


def find_npm() -> tuple[str, dict[str, str]]:
    """Return npm and its environment: the machine's when new enough, else the wheel's."""
    environ = dict(os.environ)
    node = shutil.which("node")
    npm = shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        major = re.match(r"v(\d+)\.", version.stdout)
        if major and int(major[1]) >= OLDEST_NODE:
            return npm, environ
    environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return str(VENV / "bin" / "npm"), environ


# 5 and 6


def install_libraries() -> str:
    """Make sure of the libraries that turn pages into PDF, and of Chinese fonts."""
    missing = missing_libraries() + missing_fonts()
    if not missing:
        return "ready"
    apt_install(missing, "Libraries or Chinese fonts for printing are missing.")
    if still := missing_libraries() + missing_fonts():
        raise SetupError(f"Still missing after installation: {' '.join(still)}")
    return "installed"


def install_test_tools() -> str:
    """Make sure of Chromium for the browser tests and of poppler for pictures of PDF pages."""
    missing = missing_test_packages()
    if find_chromium() and not missing:
        return "ready"
    if not find_chromium() and "chromium" not in missing:
        run(
            [str(PYTHON), "-m", "playwright", "install", "chromium"],
            "Chromium could not be fetched; install one and set CHROMIUM to its path",
        )
    if missing:
        apt_install(missing, "The tests need a browser and PDF tools.")
    if not find_chromium():
        raise SetupError("No Chromium was found: install one and set CHROMIUM to its path.")
    return "installed"


def missing_test_packages() -> list[str]:
    """Return the Debian packages of what only the tests need.

    Ubuntu's chromium is not among them: it points to a snap, which does not start in a container.
    """
    missing = []
    if not find_chromium() and "ubuntu" not in os_release().split():
        missing.append("chromium")
    if not shutil.which("pdftoppm"):
        missing.append("poppler-utils")
    return missing


def find_chromium() -> str | None:
    """Return the path of a Chromium that can be driven, or None."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    if found := shutil.which("chromium"):
        return found
    fetched = Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome")
    return next((str(path) for path in sorted(fetched, reverse=True)), None)


def missing_libraries() -> list[str]:
    """Return the Debian packages of the shared libraries that cannot be loaded."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def missing_fonts() -> list[str]:
    """Return the Debian packages of the Chinese fonts that fontconfig does not know."""
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return ["fontconfig", *sorted(set(FONTS.values()))]
    known = subprocess.run(
        [fc_list, ":", "family"], capture_output=True, text=True, check=False
    ).stdout
    return sorted({package for family, package in FONTS.items() if family not in known})


def os_release() -> str:
    """Return the names of this system and its relatives, such as ``ubuntu debian``."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return ""
    return " ".join(re.findall(r'^ID(?:_LIKE)?="?([^"\n]*)', text, re.M))


def apt_install(packages: list[str], reason: str, quietly: bool = False) -> None:
    """Install Debian packages where this user may, else stop with the exact command."""
    by_hand = f"sudo apt-get update && sudo apt-get install -y {' '.join(packages)}"
    apt = shutil.which("apt-get")
    sudo = shutil.which("sudo")
    prefix: list[str] = []
    if apt and os.geteuid() != 0:
        may = (
            sudo
            and not subprocess.run(
                [sudo, "-n", "true"], capture_output=True, check=False
            ).returncode
        )
        if not may:
            raise SetupError(f"{reason} Run: {by_hand}")
        prefix = [str(sudo), "-n", "DEBIAN_FRONTEND=noninteractive"]
    if not apt:
        raise SetupError(
            f"{reason} Install with your system's package manager: {' '.join(packages)}"
        )
    if not quietly:
        say(f"apt-get install {' '.join(packages)} … ", end="")
    environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    wait = ["-o", "DPkg::Lock::Timeout=300", "-q"]
    failure = f"{reason} apt-get failed; by hand: {by_hand}"
    run([*prefix, apt, *wait, "update"], failure, environ)
    run([*prefix, apt, *wait, "install", "-y", "--no-install-recommends", *packages],
        failure, environ)  # fmt: skip


def run(command: list[str], failure: str, environ: dict[str, str] | None = None) -> None:
    """Run a command silently; when it fails, stop with the reason and the end of its output."""
    try:
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
    except OSError as error:
        raise SetupError(f"{failure} ({error.strerror}: {command[0]})") from error
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise SetupError(f"{failure} ({' / '.join(lines[-3:])})")


if __name__ == "__main__":
    main(sys.argv[1:])
