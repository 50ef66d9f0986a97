"""Copies the browser assets the pages use from ``node_modules`` to ``static/vendor``.

Standard library only: it runs before the virtual environment exists, and in the Docker image.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/LICENSE": "tabler/LICENSE",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "@tabler/icons/LICENSE": "icons/LICENSE",
}
FOLDERS = {
    "@tabler/icons/icons/outline": "icons/outline",
    "@tabler/icons/icons/filled": "icons/filled",
}
# Source maps are not shipped, and the hashed static storage refuses a reference to a missing file.
SOURCE_MAP = re.compile(rb"\s*(/\*[#@]\s*sourceMappingURL=.*?\*/|//[#@]\s*sourceMappingURL=\S*)")


def copy_assets(modules: Path = ROOT / "node_modules", target: Path | None = None) -> int:
    """Rebuild the vendor folder and return the number of files copied.

    The new folder is made beside the old one and swapped in, so that a running page never meets
    half a copy. Raises FileNotFoundError when a package does not hold an expected file.
    """
    vendor = target or ROOT / "static" / "vendor"
    fresh = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    copied = 0
    for source, destination in FILES.items():
        if source.endswith("LICENSE") and not (modules / source).exists():
            continue  # Some releases name their licence in package.json only.
        path = fresh / destination
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
        copied += 1
    for source, destination in FOLDERS.items():
        shutil.copytree(modules / source, fresh / destination)
        copied += sum(1 for _ in (fresh / destination).iterdir())
    if vendor.exists():
        old = vendor.with_name(vendor.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        vendor.rename(old)
        fresh.rename(vendor)
        shutil.rmtree(old)
    else:
        fresh.rename(vendor)
    return copied


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{copy_assets()} files in static/vendor\n")
    except OSError as error:
        sys.exit(f"Browser assets could not be copied: {error}. Run: npm ci")
