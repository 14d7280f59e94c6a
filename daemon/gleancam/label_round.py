"""Some frames shown to all voters, a batch at a time, so that other work can come between."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gleancam.metrics import Metrics
from gleancam.voter import Voter
from gleancam_engines.errors import EngineError
from gleancam_engines.planes import Planes
from gleancam_engines.voting.evidence import Evidence, Status

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A frame to be labelled.

    Attributes:
        name: its zero-shot name, which chooses who looks at it; None where frames have none.
    """

    camera_id: str
    planes: Planes
    name: str | None = None


class Round:
    """Every voter looks at every frame that it wants, unless time runs out.

    Time is what the detectors have taken, not what passed meanwhile. What runs is never stopped,
    and what it saw counts; what has not begun when time is out is `timeout`. When a batch fails,
    its frames are shown one by one: a bad picture does not cost the others.

    Args:
        limit_s: time for all voters together; a voter's own limit is its `timeout_s`.

    Attributes:
        requests: the frames, in the order of `evidence`.
        spent_s: how long detectors have run.
    """

    def __init__(
        self,
        requests: Sequence[Request],
        voters: Sequence[Voter],
        limit_s: float,
        metrics: Metrics,
        clock_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.requests = tuple(requests)
        self.spent_s = 0.0
        self._voters = tuple(voters)
        self._limit_s = limit_s
        self._metrics = metrics
        self._clock_s = clock_s
        self._of_voter_s = dict.fromkeys(self._voters, 0.0)
        self._found: list[dict[Voter, Evidence]] = [{} for _ in self.requests]
        self._tasks: deque[tuple[Voter, tuple[int, ...]]] = deque()
        for voter in self._voters:
            self._plan(voter)

    @property
    def done(self) -> bool:
        """Whether every voter has looked, or will not."""
        return not self._tasks

    def step(self) -> None:
        """Show the next batch to its voter; only while the round is not `done`."""
        voter, places = self._tasks.popleft()
        if self._is_late(voter):
            self._say(voter, places, "timeout")
            return
        started = self._clock_s()
        try:
            found = voter.look([self.requests[at].planes for at in places])
        except EngineError as error:
            self._fail(voter, places, error)
        else:
            for at, evidence in zip(places, found, strict=True):
                self._found[at][voter] = evidence
        self._spend(voter, len(places), self._clock_s() - started)

    def give_up(self) -> None:
        """Let what has not begun be `timeout`: the round is `done`."""
        for voter, places in self._tasks:
            self._say(voter, places, "timeout")
        self._tasks.clear()

    def evidence(self) -> list[tuple[Evidence, ...]]:
        """Return what was said of each frame, in the order of the voters; the round is `done`."""
        return [tuple(found[voter] for voter in self._voters) for found in self._found]

    def _plan(self, voter: Voter) -> None:
        wanted = [at for at, request in enumerate(self.requests) if voter.wants(request.name)]
        others = set(range(len(self.requests))).difference(wanted)
        self._say(voter, others, "skipped")
        step = voter.detector.batch
        for at in range(0, len(wanted), step):
            self._tasks.append((voter, tuple(wanted[at : at + step])))

    def _is_late(self, voter: Voter) -> bool:
        own = voter.timeout_s
        late = own is not None and self._of_voter_s[voter] >= own
        return late or self.spent_s >= self._limit_s

    def _spend(self, voter: Voter, frames: int, seconds: float) -> None:
        self.spent_s += seconds
        self._of_voter_s[voter] += seconds
        model = voter.detector.model_id
        self._metrics.observe("detector_seconds", seconds, model=model)
        self._metrics.observe("detector_batch", frames, model=model)

    def _fail(self, voter: Voter, places: Sequence[int], error: EngineError) -> None:
        if len(places) > 1:
            self._tasks.extendleft((voter, (at,)) for at in reversed(places))
            return
        self._say(voter, places, "failed")
        extra = {"camera": self.requests[places[0]].camera_id, "limit": voter.member.member_id}
        log.warning("a detector failed on one frame: %s", error, extra=extra)

    def _say(self, voter: Voter, places: Iterable[int], status: Status) -> None:
        for at in places:
            self._found[at][voter] = voter.silent(status)
