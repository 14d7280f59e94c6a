"""Child processes of the demo: started with a log file, stopped in order, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gleancam.errors import GleancamError

STOP_TIMEOUT_S = 45.0


class ChildError(GleancamError):
    """A child process ended when it should not have, or did not say that it is ready."""


class Child:
    """One child process whose standard error goes to a log file of its own.

    Raises:
        ChildError: the program is not installed.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("ab") as errors:
                self._process = subprocess.Popen(
                    list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
                )
        except FileNotFoundError as error:
            raise ChildError(
                f"{command[0]} is not installed", cure="run scripts/system-packages.sh"
            ) from error

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Wait until it ends by itself; return its exit code.

        Raises:
            ChildError: it had not ended in time.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ChildError(f"{self.name} did not end:\n{self._tail()}") from error
        self._close_output()
        return code

    def require_alive(self) -> None:
        """Check that the process runs.

        Raises:
            ChildError: it has ended; the message carries the end of its log.
        """
        if (code := self._process.poll()) is not None:
            raise ChildError(f"{self.name} ended with exit code {code}:\n{self._tail()}")

    def read_line(self) -> str:
        """Wait for one line of standard output.

        Raises:
            ChildError: the output ended first.
        """
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe above
        line = self._process.stdout.readline().decode()
        if not line:
            raise ChildError(f"{self.name} ended without a word:\n{self._tail()}")
        return line

    def stop(self) -> tuple[int, str]:
        """End the process with SIGTERM; return its exit code and what is left of its output.

        Raises:
            ChildError: it had not ended after `STOP_TIMEOUT_S` and was killed.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            output, _ = self._process.communicate(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise ChildError(f"{self.name} did not end on SIGTERM:\n{self._tail()}") from error
        return self._process.returncode, output.decode()

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._close_output()

    def _close_output(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _tail(self, most_bytes: int = 2000) -> str:
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - most_bytes))
            return log.read().decode(errors="replace")
