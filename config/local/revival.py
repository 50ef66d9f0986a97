"""Keeps a server of this machine up: started again whenever it is found dead, never given up."""

from __future__ import annotations

import time
from typing import Protocol

from config.local import process
from config.local.process import LocalServerError, PortTaken

# Seconds between two attempts: none after a long life, then doubling with every early death.
SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0
# Everybody who holds the address has to be told of a new port: worth some attempts on the old one.
ATTEMPTS_ON_A_TAKEN_PORT = 4


class Server(Protocol):
    """What is kept up."""

    port: int | None

    def is_running(self) -> bool: ...

    def learn_port(self) -> None: ...

    def start_again(self) -> None: ...


class Revival:
    """Watches one server."""

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        self.server = server
        self._pause = SHORTEST_PAUSE
        self._last_attempt = float("-inf")
        self._not_before = float("-inf")
        self._taken = 0

    def attend(self) -> str | None:
        """Start the server if it is dead and its turn has come; return the line to say, if any.

        The port stays the same unless another program keeps it through several attempts.
        """
        if self.server.is_running():
            # A command in a second terminal may have been quicker, and on another port.
            self.server.learn_port()
            return None
        now = time.monotonic()
        if now < self._not_before:
            return None
        if now - self._last_attempt > HEALTHY_AFTER:
            self._pause = SHORTEST_PAUSE
        failure = self._attempt()
        self._last_attempt = time.monotonic()
        self._not_before = self._last_attempt + self._pause
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        if failure is None:
            return f"{self.name} had stopped and was started again"
        return f"{failure} Trying again in {pause:g} s."

    def _attempt(self) -> str | None:
        """Try once; return why it failed, None when the server is up or on its way."""
        try:
            if self._taken >= ATTEMPTS_ON_A_TAKEN_PORT:
                self.server.port = process.free_port()
            self.server.start_again()
        except PortTaken as error:
            self._taken += 1
            return str(error)
        except LocalServerError as error:
            self._taken = 0
            return str(error)
        except OSError as error:
            return f"{self.name} cannot be started: {error.strerror or error}."
        self._taken = 0
        return None
