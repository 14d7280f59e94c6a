"""How long to wait before trying again: a camera, a broker."""

from __future__ import annotations

import random
from dataclasses import dataclass

BASE_S = 0.5
CAP_S = 30.0
PERMANENT_S = 300.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: any time from 0 to the base doubled by every failure, up to a cap.

    What died together then comes back spread out. Marc Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015.
    """

    base_s: float = BASE_S
    cap_s: float = CAP_S

    def longest_s(self, failures: int) -> float:
        """Return the longest wait after the given number of failures in a row, from 1."""
        # The exponent is held down: 2.0 ** 1024 is no float.
        return min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 64))

    def wait_s(self, failures: int, rng: random.Random) -> float:
        """Draw the wait after the given number of failures in a row, from 1."""
        return rng.uniform(0, self.longest_s(failures))


TRANSIENT = Backoff()
PERMANENT = Backoff(PERMANENT_S, PERMANENT_S)
"""Nothing but a person can mend it; look now and then whether one has."""
