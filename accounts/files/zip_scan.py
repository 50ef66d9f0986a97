"""The bytes of a ZIP file, read without trusting a word of it.

Sizes are counted while inflating, never taken from the file; parts may not overlap, repeat a name
or point anywhere. `parts` yields what is left: names and small pieces of content.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.files.refusal import FileRefused

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_INFLATED = 50 * MEGABYTE
MOST_PARTS = 200
MOST_RATIO = 100
# Below this a ratio says nothing: a page of blank cells packs as well as a bomb does.
RATIO_FROM = 64 * 1024
PIECE = 64 * 1024

END = struct.Struct("<4s4H2LH")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
STORED, DEFLATED = 0, 8
ENCRYPTED, STRONGLY_ENCRYPTED, MASKED = 0x1, 0x40, 0x2000
IN_ZIP64 = 0xFFFFFFFF

SAVE_AGAIN = "请用WPS或Excel打开，另存为xlsx后再传。"


@dataclass(frozen=True)
class Part:
    """One file in the ZIP, with the place of its packed bytes."""

    name: str
    method: int
    crc: int
    size: int
    start: int
    packed: int


def broken(code: str = "zip-broken") -> FileRefused:
    return FileRefused(code, f"文件已损坏，或者不是真正的表格文件。{SAVE_AGAIN}")


def bomb(code: str) -> FileRefused:
    return FileRefused(
        code, "文件解开后过大，没有读取。请删去多余的工作表、图片和格式，只留要报的表再传。"
    )


def parts(content: bytes) -> list[Part]:
    """Every part, in the order of the directory. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused(
            "zip-too-large",
            f"文件有{len(content) / MEGABYTE:.1f}MB，最多{MOST_BYTES // MEGABYTE}MB。"
            "请删去图片和多余的工作表再传。",
        )
    count, start, end = _end_of_directory(content)
    if count > MOST_PARTS:
        raise bomb("zip-too-many-parts")
    found = []
    at = start
    for _ in range(count):
        part, at = _central_entry(content, at, end)
        found.append(part)
    if at != end:
        raise broken("zip-directory")
    _check_names(found)
    _check_places(found, start)
    return found


def _end_of_directory(content: bytes) -> tuple[int, int, int]:
    """How many parts, and where the directory begins and ends. Nothing may follow it."""
    if content[:4] != b"PK\x03\x04":
        raise broken("zip-start")
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - END.size - 0xFFFF))
    if at < 0 or at + END.size > len(content):
        raise broken("zip-end")
    _, disk, first_disk, here, count, size, start, comment = END.unpack_from(content, at)
    if IN_ZIP64 in (size, start) or 0xFFFF in (disk, count):
        raise broken("zip-64")
    if disk or first_disk or here != count or at + END.size + comment != len(content):
        raise broken("zip-end")
    if start + size != at or not count:
        raise broken("zip-directory")
    return count, start, at


def _central_entry(content: bytes, at: int, end: int) -> tuple[Part, int]:
    if at + CENTRAL.size > end:
        raise broken("zip-directory")
    (mark, _, _, flags, method, _, _, crc, packed, size, name_length, extra, comment, _, _, _,
     offset) = CENTRAL.unpack_from(content, at)  # fmt: skip
    following = at + CENTRAL.size + name_length + extra + comment
    if mark != b"PK\x01\x02" or following > end:
        raise broken("zip-directory")
    if flags & (ENCRYPTED | STRONGLY_ENCRYPTED | MASKED):
        raise FileRefused("zip-encrypted", "文件设了密码，读不了。请去掉打开密码再传。")
    if method not in (STORED, DEFLATED):
        raise broken("zip-method")
    if IN_ZIP64 in (packed, size, offset):
        raise broken("zip-64")
    raw = content[at + CENTRAL.size : at + CENTRAL.size + name_length]
    start = _local_entry(content, offset, raw, flags, method)
    if start + packed > len(content):
        raise broken("zip-truncated")
    return Part(_name(raw), method, crc, size, start, packed), following


def _local_entry(content: bytes, offset: int, raw: bytes, flags: int, method: int) -> int:
    """Where the packed bytes begin. What stands before them must say what the directory says."""
    if offset + LOCAL.size > len(content):
        raise broken("zip-offset")
    mark, _, its_flags, its_method, _, _, _, _, _, name_length, extra = LOCAL.unpack_from(
        content, offset
    )
    name_at = offset + LOCAL.size
    if (
        mark != b"PK\x03\x04"
        or its_method != method
        or (its_flags ^ flags) & ENCRYPTED
        or content[name_at : name_at + name_length] != raw
    ):
        raise broken("zip-two-stories")
    return name_at + name_length + extra


def _name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise broken("zip-name") from None


def _check_names(found: list[Part]) -> None:
    seen: set[str] = set()
    for part in found:
        name = part.name
        steps = name.split("/")
        if (
            not name
            or len(name) > 200
            or name.startswith("/")
            or "\\" in name
            or ":" in name
            or any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in name)
            or any(step in {"..", "."} for step in steps)
            or "" in steps[:-1]
        ):
            raise broken("zip-path")
        # Windows programs do not tell Sheet1.xml from SHEET1.XML, so there is one of them.
        if name.casefold() in seen:
            raise broken("zip-name-twice")
        seen.add(name.casefold())


def _check_places(found: list[Part], directory: int) -> None:
    """Parts lie one after the other before the directory: no byte is used twice."""
    free = 0
    for part in sorted(found, key=lambda part: part.start):
        if part.start < free + LOCAL.size:
            raise bomb("zip-overlap")
        free = part.start + part.packed
    if free > directory:
        raise bomb("zip-overlap")


class Inflating:
    """Counts what comes out of all parts together."""

    def __init__(self, most: int = MOST_INFLATED) -> None:
        self.left = most

    def pieces(self, content: bytes, part: Part) -> Iterator[bytes]:
        """The part's content in small pieces. Raises FileRefused when it is too much or not so."""
        inflated, crc = 0, 0
        for piece in self._unpacked(content, part):
            inflated += len(piece)
            crc = zlib.crc32(piece, crc)
            self.left -= len(piece)
            if self.left < 0:
                raise bomb("zip-inflates-too-much")
            if inflated > RATIO_FROM and inflated > MOST_RATIO * max(part.packed, 1):
                raise bomb("zip-ratio")
            if inflated > part.size:
                raise broken("zip-size-lies")
            yield piece
        if inflated != part.size:
            raise broken("zip-size-lies")
        if crc != part.crc:
            raise broken("zip-checksum")

    def _unpacked(self, content: bytes, part: Part) -> Iterator[bytes]:
        packed = memoryview(content)[part.start : part.start + part.packed]
        if part.method == STORED:
            for at in range(0, len(packed), PIECE):
                yield bytes(packed[at : at + PIECE])
            return
        engine = zlib.decompressobj(-15)
        try:
            for at in range(0, len(packed), PIECE):
                waiting = bytes(packed[at : at + PIECE])
                while waiting:
                    piece = engine.decompress(waiting, PIECE)
                    if piece:
                        yield piece
                    if engine.eof:
                        if engine.unused_data or at + PIECE < len(packed):
                            raise broken("zip-after-end")
                        return
                    waiting = engine.unconsumed_tail
                    if not piece and not waiting:
                        break
            while piece := engine.decompress(b"", PIECE):
                yield piece
        except zlib.error:
            raise broken("zip-inflate") from None
        if not engine.eof:
            raise broken("zip-truncated")
