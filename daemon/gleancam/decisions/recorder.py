"""The inference stage's end of the decision log: never waits, and counts what it has to drop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gleancam.channel import Channel
from gleancam.decisions.record import Logged, LoggedFrame
from gleancam.errors import ChannelClosedError
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.settlements import Settled


class DecisionRecorder:
    """Hands records to the writer.

    Args:
        outbox: refuses when it is full.
    """

    def __init__(self, outbox: Channel[Logged], metrics: Metrics) -> None:
        self._outbox = outbox
        self._metrics = metrics

    def record(self, outcome: Outcome) -> None:
        """Log what was decided, if anything was."""
        frame = logged_frame(outcome)
        if frame is not None:
            self._put(frame, "frame")

    def overhear(self, settled: Callable[[], Iterable[Settled]]) -> Callable[[], Iterator[Settled]]:
        """Log every cost that `settled` gives, when it is given."""

        def take() -> Iterator[Settled]:
            for each in settled():
                self._put(each, "cost")
                yield each

        return take

    def _put(self, record: Logged, kind: str) -> None:
        try:
            lost = "" if self._outbox.put(record) else "behind"
        except ChannelClosedError:
            lost = "stopped"
        if lost:
            self._metrics.inc("decisions_lost", kind=kind, reason=lost)


def logged_frame(outcome: Outcome) -> LoggedFrame | None:
    """Give what is logged of an outcome; None when its frame was not embedded."""
    if outcome.observation is None or outcome.decision is None:
        return None
    return LoggedFrame(
        outcome.observation,
        outcome.decision,
        outcome.scene_id,
        outcome.changes,
        outcome.sample_id,
    )
