"""Asking a ClamAV daemon about a file (INSTREAM), where the operator runs one."""

from __future__ import annotations

import contextlib
import socket
import struct
from enum import StrEnum

PIECE = 64 * 1024
SECONDS = 15.0
LONGEST_ANSWER = 4096


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    # No answer, or none that says so: the file waits.
    UNKNOWN = "unknown"


def ask(content: bytes, address: str) -> Verdict:
    """What the daemon at `address` says: ``host:port`` or ``unix:/path``. Never raises for it."""
    try:
        with contextlib.closing(_connect(address)) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), PIECE):
                piece = content[at : at + PIECE]
                daemon.sendall(struct.pack("!L", len(piece)) + piece)
            daemon.sendall(struct.pack("!L", 0))
            answer = _answer(daemon)
    except (OSError, ValueError):
        return Verdict.UNKNOWN
    if answer == "stream: OK":
        return Verdict.CLEAN
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict.INFECTED
    return Verdict.UNKNOWN


def _connect(address: str) -> socket.socket:
    if address.startswith("unix:"):
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(SECONDS)
        daemon.connect(address.removeprefix("unix:"))
        return daemon
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(daemon: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        piece = daemon.recv(1024)
        if not piece:
            break
        answer += piece
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()
