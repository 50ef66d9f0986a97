"""Draws the picture in `file` anew as `made`: its pixels and nothing else.

Place, camera, comments, colour profile and whatever was hung onto the file stay behind.
`result` is JSON: {"width", "height"}, or {"refused": code}.
"""

from __future__ import annotations

import json
import struct
import warnings
from pathlib import Path

from PIL import Image

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 4096
ORIENTATION = 0x0112
TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


class Refused(Exception):
    pass


def orientation(image: Image.Image) -> int:
    """How the camera was held; 1 where its note cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except (SyntaxError, struct.error, ValueError, KeyError, TypeError, OSError, EOFError):
        return 1


def plain(image: Image.Image) -> Image.Image:
    """In a mode that both formats can keep."""
    if image.mode in {"RGB", "RGBA", "L"}:
        return image
    if image.mode.startswith(("I", "F")):
        # More than 8 bits a channel: nothing a camera or a screen makes.
        raise Refused("image-mode")
    if image.mode in {"LA", "PA"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def check_sums(folder: Path) -> None:
    """Raises where a piece of the PNG is not what its checksum says; drawing alone would not."""
    with Image.open(folder / "file", formats=("PNG",)) as image:
        image.verify()


def redraw(folder: Path) -> dict[str, object]:
    with Image.open(folder / "file", formats=("JPEG", "PNG")) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Refused("image-too-many-pixels")
        is_png = image.format == "PNG"
        if is_png:
            check_sums(folder)
        # A camera may add a second, smaller picture to a JPEG; a moving PNG is something else.
        if is_png and getattr(image, "is_animated", False):
            raise Refused("image-moves")
        turn = orientation(image)
        if not is_png:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        drawn = plain(image)
        drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        for step in TURNS.get(turn, ()):
            drawn = drawn.transpose(step)
        drawn.info = {}
        if is_png:
            drawn.save(folder / "made", "PNG")
        else:
            drawn.convert("RGB").save(folder / "made", "JPEG", quality=88)
        return {"width": drawn.width, "height": drawn.height}


def work(folder: Path) -> None:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error")
    try:
        result = redraw(folder)
    except Refused as refusal:
        result = {"refused": str(refusal)}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        result = {"refused": "image-too-many-pixels"}
    (folder / "result").write_text(json.dumps(result))
