"""Until when a command holds: what the message says, and what its payload says. No clock."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.wire.command_result import Verdict

LONGEST_S = 24 * 3600
"""A command that holds for longer is refused: its id would have to be remembered as long."""


@dataclass(frozen=True, slots=True)
class Now:
    """The time, as far as a device knows it.

    Attributes:
        mono_ns: a clock that never jumps.
        utc_ns: UTC.
        synced: whether `utc_ns` is kept right; None when nobody knows, which is taken for yes.
    """

    mono_ns: int
    utc_ns: int
    synced: bool | None


def deadline_ns(
    expires_ns: int | None, expiry_s: int | None, received_ns: int, now: Now
) -> int | Verdict:
    """Return until when a command holds, on the monotonic clock, or why it does not hold.

    Args:
        expires_ns: UTC, from the payload.
        expiry_s: what was left of the Message Expiry at `received_ns`.
        received_ns: when it came, on the monotonic clock.
        now: the time.

    A Message Expiry needs no clock: the broker counts it down. `expires` needs one that is right.
    While it is known to be wrong, `expires` is passed over if there is a Message Expiry as well,
    and without one nothing is done: `unsynced`.
    """
    deadlines = [] if expiry_s is None else [received_ns + expiry_s * 10**9]
    if expires_ns is not None and now.synced is not False:
        deadlines.append(now.mono_ns + expires_ns - now.utc_ns)
    if not deadlines:
        return Verdict("unsynced", "the device's clock is not set; send it a Message Expiry")
    earliest = min(deadlines)
    if earliest <= now.mono_ns:
        return Verdict("expired", "it expired before it could be carried out")
    if earliest - now.mono_ns > LONGEST_S * 10**9:
        return Verdict("malformed", f"it expires more than {LONGEST_S} s ahead")
    return earliest
