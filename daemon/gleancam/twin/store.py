"""What of the remote's wishes is in force, on trial or failed: one small file beside the spool.

It is replaced as a whole and synced, so a power cut leaves the old state or the new one. A trial
that a starting daemon finds in it was ended by a crash, a kill or a power cut, and has failed.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from gleancam.durable import sync_directory
from gleancam.errors import ConfigurationError

MODE = 0o600

log = logging.getLogger(__name__)


class Wish(Struct, frozen=True, kw_only=True):
    """A configuration that was wanted."""

    version: int
    configuration: dict[str, Any]


class Failed(Struct, frozen=True, kw_only=True):
    """The last that failed its trial."""

    version: int
    why: str


class State(Struct, frozen=True, kw_only=True):
    """All that is remembered."""

    confirmed: Wish | None = None
    trial: Wish | None = None
    failed: Failed | None = None

    @property
    def highest(self) -> int:
        """The highest version that was ever tried; 0 before the first."""
        known = (self.confirmed, self.trial, self.failed)
        return max((one.version for one in known if one is not None), default=0)


def store_path(spool: str) -> Path:
    """Return where the state belongs to a spool."""
    return Path(f"{spool}.remote.json")


class Store:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> State:
        """Read it; a file that is not there is the empty state, and so is a damaged one.

        A device that nobody can reach must start; what is wanted is then tried anew.

        Raises:
            ConfigurationError: it cannot be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=State)
        except FileNotFoundError:
            return State()
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.error("%s is damaged, and passed over: %s", self._path, error)  # noqa: TRY400
            return State()
        except OSError as error:
            cure = "give this user the right to read it"
            raise ConfigurationError(f"{self._path}: {error.strerror}", cure=cure) from error

    def save(self, state: State) -> None:
        """Replace it, durably.

        Raises:
            OSError: the disk is full or cannot be written; what was there still is.
        """
        fresh = self._path.with_name(f"{self._path.name}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_directory(self._path.parent)
