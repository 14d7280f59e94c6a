"""A condition begins when its evidence has lasted, and ends when the contrary has."""

from __future__ import annotations


class Hysteresis:
    """One yes or no that needs time to change.

    It changes after `samples` in a row that disagree with it, the last of them so many seconds
    after the last that agreed.
    """

    def __init__(self, begin_s: float, end_s: float, samples: int = 2) -> None:
        self._lasting_s = {False: begin_s, True: end_s}
        self._samples = samples
        self._agreed_ns: int | None = None
        self._against = 0
        self.on = False

    def feed(self, mono_ns: int, *, evidence: bool | None) -> bool:
        """Take the evidence of one frame, None where it tells nothing; the state then."""
        if evidence is None:
            return self.on
        if evidence == self.on or self._agreed_ns is None:
            self._agreed_ns = mono_ns
            self._against = 0
        if evidence != self.on:
            self._against += 1
            self._turn((mono_ns - self._agreed_ns) / 1e9, mono_ns)
        return self.on

    def _turn(self, lasted_s: float, mono_ns: int) -> None:
        if self._against >= self._samples and lasted_s >= self._lasting_s[self.on]:
            self.on = not self.on
            self._agreed_ns, self._against = mono_ns, 0
