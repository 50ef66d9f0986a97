"""Every benchmark, each in a process of its own so that its memory is its own: `make bench`."""

import subprocess
import sys

BENCHMARKS = (
    "benchmarks.recompute",
    "benchmarks.pages",
    "benchmarks.print_report",
    "benchmarks.sign_in",
    "benchmarks.scoped_list",
    "benchmarks.import_registry",
    "benchmarks.file_returns",
)

if __name__ == "__main__":
    codes = [
        subprocess.run([sys.executable, "-m", name], check=False).returncode  # noqa: S603 - ours
        for name in BENCHMARKS
    ]
    sys.exit(max(codes))
