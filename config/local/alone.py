"""Runs a command on servers of its own, empty at the start and thrown away at the end.

``python -m config.local.alone python -m benchmarks`` measures without touching anybody's data.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local.process import LocalServerError
from config.local.servers import DIRECTORY, LocalServers, secret_key


@contextmanager
def throw_away_servers() -> Iterator[dict[str, str]]:
    """Yield an environment whose database and broker exist only meanwhile."""
    DIRECTORY.mkdir(exist_ok=True)
    # Here and not in /tmp: that may be small, in memory, or closed to the server's account.
    with tempfile.TemporaryDirectory(prefix="alone-", dir=DIRECTORY) as folder:
        Path(folder).chmod(0o755)
        with LocalServers(Path(folder), durable=False) as servers:
            environ = {**os.environ, **servers.urls()}
            environ.setdefault("FILES_ROOT", str(Path(folder) / "files"))
            secret_key(environ)
            yield environ


def main() -> None:
    """Run the command given as arguments and end with its exit code."""
    # SIGTERM must pass through the context managers, or the servers would stay.
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(128 + signum))
    try:
        with throw_away_servers() as environ:
            code = subprocess.run(sys.argv[1:], env=environ, check=False).returncode
    except LocalServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
