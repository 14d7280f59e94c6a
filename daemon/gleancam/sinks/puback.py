"""What a broker's answer to a publication means (MQTT 5.0, section 3.4.2.1)."""

from __future__ import annotations

from enum import Enum, auto


class Verdict(Enum):
    """What to do about one answered publication."""

    ACCEPTED = auto()
    LATER = auto()
    TOO_LARGE = auto()
    NEVER = auto()


SUCCESS = 0x00
NO_MATCHING_SUBSCRIBERS = 0x10
PACKET_TOO_LARGE = 0x95

_VERDICTS = {
    SUCCESS: Verdict.ACCEPTED,
    0x90: Verdict.NEVER,  # topic name invalid
    PACKET_TOO_LARGE: Verdict.TOO_LARGE,
    0x99: Verdict.NEVER,  # payload format invalid
}


def judge(code: int) -> Verdict:
    """Return the meaning of a PUBACK's reason code.

    Only 0x00 is a delivery: 0x10 (nobody subscribed) is no failure code, and yet the broker threw
    the message away. Not authorized, quota exceeded and codes of a future version are mended by
    people or by time, so they cost patience and never a parcel.
    """
    return _VERDICTS.get(code, Verdict.LATER)
