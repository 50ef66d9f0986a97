"""Keeps other processes of the portal's account from looking into this one.

Its environment and memory hold the keys. By default every process of one account may read both of
every other one; a program that a hostile file has taken over would be such a process.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from functools import cache

SET_DUMPABLE = 4


@cache
def hide_from_the_account() -> None:
    """Once a process. No core dump of it is written any more either; root still sees everything."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
