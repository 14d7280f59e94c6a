"""fetch-sample: pictures that are held become due, because somebody asked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gleancam.errors import SpoolFullError
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from gleancam.wire.command_result import Verdict


@dataclass(frozen=True, slots=True)
class Fetching:
    """Carries fetch-sample out, on the delivery stage's thread.

    Attributes:
        settle: carries out on the spool what was decided before: an acknowledgement that came
            just before the command has made its picture one that can be fetched.
    """

    spool: Spool
    settle: Callable[[], None]

    def fetch(self, command: Command) -> Verdict:
        """Return `done` if at least one of the pictures will come; name those that will not.

        Asking for what is on its way already changes nothing, and is no refusal.
        """
        wanted = tuple(dict.fromkeys(command.samples))
        try:
            self.settle()
            missing = self.spool.fetch(wanted)
        except SpoolFullError:
            return Verdict("refused", "the device's disk is full: ask again")
        why = f"{len(missing)} of {len(wanted)} are not held here" if missing else ""
        return Verdict("done" if len(missing) < len(wanted) else "refused", why, missing=missing)
