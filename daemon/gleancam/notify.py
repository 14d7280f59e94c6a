"""Tell systemd how the daemon is: sd_notify(3), a datagram to the socket in `NOTIFY_SOCKET`."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Mapping

from gleancam.credentials import hide_credentials

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 1.0
"""A service manager too busy to read must not hold up the main thread."""


class Notifier:
    """The connection to the service manager; without one every call does nothing.

    Args:
        address: path of the socket, or `@name` for an abstract one; empty when there is none.
    """

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(SEND_TIMEOUT_S)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        """Connect to the service manager that started this process, if one did."""
        return cls(environment.get("NOTIFY_SOCKET", ""))

    def ready(self) -> None:
        """Say that start-up is finished."""
        self._send("READY=1")

    def stopping(self) -> None:
        """Say that the daemon is about to end."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """Say that all is well; due within every `WatchdogSec`."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Set the line that `systemctl status` shows."""
        self._send(f"STATUS={hide_credentials(' '.join(text.split()))}")

    def extend_timeout(self, seconds: float) -> None:
        """Ask for `seconds` more, from now, before start or stop counts as failed."""
        self._send(f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, text: str) -> None:
        if not self._address:
            return
        try:
            self._socket.sendto(text.encode(), self._address)
        except OSError as error:
            # systemd being restarted is no reason to stop; its watchdog decides in the end.
            log.warning("cannot notify systemd: %s", error, extra={"limit": "notify"})


def watchdog_interval_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two watchdog pings: half of what systemd allows; None without a watchdog.

    `WATCHDOG_PID` names the process that is meant (sd_watchdog_enabled(3)).
    """
    pid = environment.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    with contextlib.suppress(ValueError):
        allowed_us = int(environment.get("WATCHDOG_USEC", ""))
        return allowed_us / 2e6 if allowed_us > 0 else None
    return None
