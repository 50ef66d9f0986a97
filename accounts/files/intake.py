"""What is let in: four kinds of file, each by its ending, its first bytes and a real parser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings

from accounts.files import child, clamd
from accounts.files.names import checked_name
from accounts.files.refusal import FileRefused
from accounts.files.workbook_cells import Bounds
from accounts.files.workbook_scan import scan
from accounts.files.zip_scan import SAVE_AGAIN

MEGABYTE = 1024 * 1024
# Room for a list of a whole county; what is imported has narrower bounds of its own.
ATTACHED_WORKBOOK = Bounds(rows=20_000, columns=500, values_matter=False)
WANTED = "只收xlsx、jpg、png、pdf。请另存为其中一种再传。"

REFUSALS = {
    "image-too-many-pixels": "图片超过4000万像素。请在相机设置里调低分辨率，或截图后再传。",
    "image-moves": "动图不收。请截成一张静止的图片再传。",
    "image-mode": "图片的颜色格式不常用，处理不了。请截图，或另存为jpg再传。",
    "image-unreadable": "图片打不开，可能已损坏。请在手机或电脑上打开看看，截图或另存后再传。",
    "pdf-script": "PDF里有会自动运行的内容或指向别处的动作。请用“打印为PDF”另存后再传。",
    "pdf-embedded": "PDF里嵌了别的文件或媒体。请用“打印为PDF”另存后再传。",
    "pdf-form": "PDF里有动态表单。请用“打印为PDF”另存后再传。",
    "pdf-encrypted": "PDF设了密码或限制。请去掉密码，另存后再传。",
    "pdf-too-many-pages": "PDF超过200页。请只留要报的几页再传。",
    "pdf-too-much": "PDF内部过于复杂，没有读取。请用“打印为PDF”另存后再传。",
    "pdf-broken": "PDF已损坏，或者末尾夹带了别的内容。请用“打印为PDF”另存后再传。",
}


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept: its name to show, and the bytes to keep.

    `is_scanned`: a virus scanner found nothing. Without one, or without its answer, it is False.
    """

    name: str
    content: bytes
    content_type: str
    is_scanned: bool = False


@dataclass(frozen=True)
class Kind:
    content_type: str
    starts: tuple[bytes, ...]
    check: Callable[[bytes], bytes]


def refusal(code: str) -> FileRefused:
    return FileRefused(code, REFUSALS[code])


def _answer(program: str, content: bytes, died: str) -> child.Produced:
    try:
        produced = child.run(program, content)
        answer = json.loads(produced.result)
    except (child.ChildDied, ValueError):
        raise refusal(died) from None
    if isinstance(answer, dict) and "refused" in answer:
        raise refusal(answer["refused"])
    return produced


def _image(content: bytes) -> bytes:
    made = _answer("redraw_image", content, "image-unreadable").file
    if not made:
        raise refusal("image-unreadable")
    return made


def _pdf(content: bytes) -> bytes:
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n \t\0"):
        raise refusal("pdf-broken")
    _answer("inspect_pdf", content, "pdf-too-much")
    return content


def _workbook(content: bytes) -> bytes:
    scan(content, ATTACHED_WORKBOOK)
    try:
        child.run("read_workbook", content)
    except child.ChildDied:
        raise FileRefused("xlsx-unreadable", f"表格读不出来。{SAVE_AGAIN}") from None
    return content


_JPEG = Kind("image/jpeg", (b"\xff\xd8\xff",), _image)
KINDS = {
    "xlsx": Kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (b"PK\x03\x04",),
        _workbook,
    ),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",), _image),
    "pdf": Kind("application/pdf", (b"%PDF-1.", b"%PDF-2."), _pdf),
}
ACCEPT = ".xlsx,.jpg,.jpeg,.png,.pdf"
OTHERS = {
    "xls": "旧版xls不收。请用WPS或Excel另存为xlsx再传。",
    "et": "WPS的et格式不收。请另存为xlsx再传。",
    "csv": "这里不收csv。请用WPS或Excel另存为xlsx再传。",
    "doc": "Word文件不收。请另存为PDF再传。",
    "docx": "Word文件不收。请另存为PDF再传。",
    "wps": "WPS文字文件不收。请另存为PDF再传。",
    "heic": "苹果手机的HEIC照片不收。请在“设置—相机—格式”里选“兼容性最佳”，或截图再传。",
    "zip": "压缩包不收。请解压后逐个上传。",
    "rar": "压缩包不收。请解压后逐个上传。",
}


def largest() -> int:
    """Bytes a file may have."""
    return int(settings.FILE_MAX_BYTES)


def too_large(size: int) -> FileRefused:
    return FileRefused(
        "too-large",
        f"文件有{size / MEGABYTE:.1f}MB，最多{largest() // MEGABYTE}MB。请压缩图片或分成几个文件再传。",
    )


def accept(raw_name: str, content: bytes) -> Accepted:
    """Look at a whole uploaded file. Raises FileRefused with what to do.

    Pictures come back drawn anew; workbooks and PDFs as they are. Call it outside of any
    transaction: reading takes a while.
    """
    name = checked_name(raw_name)
    ending = name.rpartition(".")[2].lower()
    kind = KINDS.get(ending)
    if kind is None:
        raise FileRefused("type-not-accepted", OTHERS.get(ending, f"这种文件不收，{WANTED}"))
    if not content:
        raise FileRefused("empty", "文件是空的。请打开看看内容，保存后再传。")
    if len(content) > largest():
        raise too_large(len(content))
    if not content.startswith(kind.starts):
        if ending == "xlsx" and content.startswith(b"\xd0\xcf\x11\xe0"):
            scan(content, ATTACHED_WORKBOOK)  # says that it is an old or an encrypted one
        raise FileRefused(
            "type-differs",
            f"文件的内容和后缀“.{ending}”对不上。请用原来的软件另存为{ending}再传，不要只改后缀。",
        )
    return scanned(Accepted(name, kind.check(content), kind.content_type))


def scanned(accepted: Accepted) -> Accepted:
    """Ask the virus scanner, where there is one. Raises FileRefused for a virus.

    Outside of any transaction: the answer may take a while.
    """
    if not settings.CLAMD_ADDRESS:
        return accepted
    verdict = clamd.ask(accepted.content, settings.CLAMD_ADDRESS)
    if verdict == clamd.Verdict.INFECTED:
        raise infected()
    return replace(accepted, is_scanned=verdict == clamd.Verdict.CLEAN)


def infected() -> FileRefused:
    return FileRefused(
        "infected", "这个文件被查出病毒，没有收。请先在电脑上杀毒，重新制作文件后再传。"
    )
