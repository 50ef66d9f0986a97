"""Runs the typesetter where it can do no harm: a child process without network, with limits.

Text that people type reaches the typesetter, and some texts keep it busy for hours or fill the
memory. The child is a fork of this process, so what is loaded stays loaded and a print costs no
more; it has a share of time and memory that grows with the rows to print, may read the program's
own files and fonts, and may open no connection and write no file.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import selectors
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings

# A paper of one page takes half a second; ten rows take less than a tenth of one.
SECONDS_AT_LEAST = 10
ROWS_A_SECOND = 10
# On a busy machine the clock on the wall runs ahead of the processor's.
WALL_TIMES_CPU = 3
# Under the soft limit of the job that prints, so that the reason can still be written down.
WALL_SECONDS_AT_MOST = 90
MEMORY_AT_LEAST = 1024 * 1024 * 1024
MEMORY_A_ROW = 512 * 1024
LARGEST_RESULT = 256 * 1024 * 1024

DONE, REFUSED = b"D", b"R"
PR_SET_PDEATHSIG = 1


class TypesettingFailed(Exception):
    """The child ended without a result; the text, in Chinese, says why."""


class Refused(Exception):
    """What was run in the child refused, for the reason given."""


@dataclass(frozen=True)
class Limits:
    """What a document of so many rows may take."""

    cpu_seconds: int
    wall_seconds: float
    memory: int

    @classmethod
    def for_rows(cls, rows: int) -> Limits:
        cpu = SECONDS_AT_LEAST + rows // ROWS_A_SECOND
        return cls(
            cpu_seconds=cpu,
            wall_seconds=min(cpu * WALL_TIMES_CPU, WALL_SECONDS_AT_MOST),
            memory=MEMORY_AT_LEAST + rows * MEMORY_A_ROW,
        )


def in_child(work: Callable[[], bytes], *, limits: Limits, refusals: type[Exception]) -> bytes:
    """What `work` returns, run in a child process that is gone afterwards, whatever happens.

    An exception of the kind `refusals` comes back as Refused with its text. Raises
    TypesettingFailed when a limit ends the child or anything else goes wrong in it.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_the_child(work, writing, limits, refusals)
    os.close(writing)
    ended = False
    try:
        result = _read(reading, until=time.monotonic() + limits.wall_seconds)
        if result is not None:
            _, status = os.waitpid(pid, 0)
            ended = True
            return _understood(result, status, limits)
        raise TypesettingFailed(_took_too_long(limits))
    finally:
        os.close(reading)
        if not ended:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _read(reading: int, *, until: float) -> bytes | None:
    """Everything the child writes; None when the time is over first."""
    chunks: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                break
            chunk = os.read(reading, 1 << 20)
            if not chunk:
                return b"".join(chunks)
            size += len(chunk)
            if size > LARGEST_RESULT:
                raise TypesettingFailed("排出来的文件太大，没有打印。请缩小范围后再试。")
            chunks.append(chunk)
    return None


def _understood(result: bytes, status: int, limits: Limits) -> bytes:
    kind, content = result[:1], result[1:]
    if status == 0 and kind == DONE:
        return content
    if status == 0 and kind == REFUSED:
        raise Refused(content.decode())
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL}:
        raise TypesettingFailed(_took_too_long(limits))
    raise TypesettingFailed(
        "排版没有做完：内容超出了内存限度，或者有一段文字排不了。"
        "请看看园名、备注里有没有误贴的大段文字，改过后再打印。"
    )


def _took_too_long(limits: Limits) -> str:
    return (
        f"排版超过了{limits.cpu_seconds}秒的限度，已停止。"
        "请看看园名、备注里有没有误贴的大段文字，改过后再打印。"
    )


def _be_the_child(
    work: Callable[[], bytes], writing: int, limits: Limits, refusals: type[Exception]
) -> NoReturn:
    """Never returns into the parent's code: its connections and files are not the child's."""
    code = 1
    try:
        _end_with_the_parent()
        _limit(limits)
        # What was there before the fork is not looked through again, nor copied for that.
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        sys.addaudithook(_watchman())
        try:
            result = DONE + work()
        except refusals as refusal:
            result = REFUSED + str(refusal).encode()
        view = memoryview(result)
        while view:
            view = view[os.write(writing, view) :]
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, only the exit code leaves
        code = 1
    finally:
        os._exit(code)


def _end_with_the_parent() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(limits: Limits) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    # A fork starts its processor time at zero, whatever the parent has used.
    cpu = limits.cpu_seconds + int(used.ru_utime + used.ru_stime)
    _lower(resource.RLIMIT_CPU, cpu)
    _lower(resource.RLIMIT_CORE, 0)
    # An empty file may be opened, nothing can be written into it.
    _lower(resource.RLIMIT_FSIZE, 0)
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (wanted, hard))


REFUSED_EVENTS = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "urllib.Request",
    "http.client.",
    "ftplib.",
    "shutil.",
    "tempfile.",
    "ctypes.dlopen",
)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/var/cache/fontconfig")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _watchman() -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook: it sees what Python code does, however it came to do it."""
    program = {
        str(Path(folder).resolve())
        for folder in (*sys.path, sys.prefix, sys.base_prefix)
        if folder and Path(folder).resolve() != Path(settings.BASE_DIR).resolve()
    }
    own = [str(Path(settings.BASE_DIR).resolve() / name) for name in ("static", "templates")]
    kept = settings.STATIC_ROOT
    folders = tuple(f"{folder}/" for folder in (*program, *own, str(kept), *FONT_FOLDERS))

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(REFUSED_EVENTS):
            raise PermissionError(f"not in the typesetter: {event}")
        if event != "open":
            return
        path, _, flags = arguments
        if isinstance(path, int):
            return
        name = os.path.realpath(os.fsdecode(path))
        readable = name.startswith(folders) or (
            # Modules of the portal that are first needed now.
            name.startswith(f"{settings.BASE_DIR}/") and name.endswith((".py", ".pyc"))
        )
        if not readable or (isinstance(flags, int) and flags & _WRITES):
            raise PermissionError("not in the typesetter: open")

    return watch
