"""Whether anybody looks at pictures. Set by a command, read by every camera."""

from __future__ import annotations


class Pause:
    """A flag for any thread. It does not survive the process: a restart watches again.

    While it is on, cameras run on, so that the first picture after it comes at once; what they
    bring is counted as lost to `paused`, before anything looks at it.
    """

    def __init__(self) -> None:
        self.on = False
