"""`make clean`: deletes everything this machine made in the project folder.

Standard library only: the virtual environment is among what goes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
MADE_HERE = [
    ".venv",
    ".local",
    "node_modules",
    "static/vendor",
    "staticfiles",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
]


def elsewhere(directory: Path) -> Path:
    """Return where the data go when the server's account cannot enter the project folder."""
    return Path("/var/lib/preschool-portal") / sha256(str(directory).encode()).hexdigest()[:12]


def stop_orphans(homes: list[Path]) -> None:
    """End servers that kill -9 of their starter left behind; their data go with them."""
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        server = Path(words[0]).name in {"postgres", "valkey-server"}
        if server and any(word.startswith(f"{home}/") for word in words[1:] for home in homes):
            os.kill(int(cmdline.parent.name), signal.SIGKILL)


def main() -> None:
    """Delete it all, unless the servers still run on it."""
    if (LOCAL / "users.lock").exists():
        with (LOCAL / "users.lock").open() as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sys.exit("The portal is running here: stop it first (Ctrl-C where it runs).")
    stop_orphans([LOCAL, elsewhere(LOCAL)])
    for path in [*(ROOT / name for name in MADE_HERE), elsewhere(LOCAL)]:
        shutil.rmtree(path, ignore_errors=True)
    for folder, _, _ in os.walk(ROOT):
        if folder.endswith("__pycache__"):
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write("Clean. 已清理。\n")


if __name__ == "__main__":
    main()
