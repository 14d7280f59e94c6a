"""Wakes a thread that waits in `select` for the network."""

from __future__ import annotations

import contextlib
import socket


class Doorbell:
    """A pipe to oneself: rung from any thread, waited on by one.

    Attributes:
        waiting: becomes readable when somebody rings.
    """

    def __init__(self) -> None:
        self.waiting, self._button = socket.socketpair()
        self.waiting.settimeout(0)
        self._button.settimeout(0)
        self._rung = False

    def ring(self) -> None:
        """Wake whoever waits; harmless after `close`."""
        if self._rung:
            return
        self._rung = True
        # A full pipe wakes as well as one byte more would.
        with contextlib.suppress(OSError):
            self._button.send(b"\0")

    def answer(self) -> None:
        """Take back all rings so far: then look for what they were about."""
        with contextlib.suppress(BlockingIOError):
            self.waiting.recv(4096)
        # In this order a ring is never taken back unheard: who rings between the two lines has
        # put down before what the caller looks for after them.
        self._rung = False

    def close(self) -> None:
        """Release the pipe."""
        self.waiting.close()
        self._button.close()
