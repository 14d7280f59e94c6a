"""What one camera, or the site, remembers of all its embedded frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.memory import CentreMemory
from gleancam.selectors.observation import Observation
from gleancam.selectors.refractory import MOST, OVER
from gleancam.selectors.seen import Reach, SeenMemory
from gleancam.selectors.watched import WatchedTime
from gleancam_engines.planes import Float32Array

NET = 0.75
"""Radius of the centres as a share of the threshold. A frame that arrives after a cut is kept from
that distance on (`arrival.py`), and has to become a centre then."""
_SEEN_DETAIL = 1 / 8
"""Radius of a seen entry as a share of the threshold. In chords that is √(1/4) of the √(1/2) at
which a seen entry suppresses: an exact repeat with noise of its own still falls within."""
DAY_NS = 86_400 * 10**9
_SWEEPS = 64
"""How often within a half-life it is looked for what to forget."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How unlike anything remembered a frame is.

    Attributes:
        distance: cosine distance to the nearest sent centre; 2 without one.
        nearest_id: that centre's sample id.
        score: the smaller of `distance` and twice the distance to what was seen; 0 for a
            featureless picture, whose embedding is that of noise.
    """

    distance: float
    nearest_id: str | None
    score: float


class Past:
    """Centres of everything embedded, and what was seen near those that were sent.

    With τ the threshold, everything that `score` puts below it lies, in chords, within √(2τ) + √τ
    of a sent centre: nearer than τ itself, or nearer than τ/2 to an entry that is nearer than τ.
    Entries of frames passed over right after a kept one are up to 4τ away, and count only once
    that time is long over: an exact repeat finds them.

    Args:
        share: of the configured threshold that counts here.
    """

    def __init__(self, settings: Novelty, share: float = 1.0) -> None:
        self._configured = share * settings.threshold
        self._share = share
        self._wanted = 0.0
        self._seen_after_ns = round(settings.seen_after_s * 1e9)
        over_s = max(settings.seen_after_s, OVER * settings.refractory_s)
        self._passed_over_after_ns = round(over_s * 1e9)
        self._half_life_ns = round(settings.half_life_days * DAY_NS)
        self._swept_ns = 0
        self._now_ns = 0
        self._learnt: tuple[Observation | None, str | None] = (None, None)
        self.centres = CentreMemory(settings.capacity, NET * self._configured)
        self.seen = SeenMemory(settings.capacity, _SEEN_DETAIL * self._configured)
        self.time = WatchedTime()

    @property
    def threshold(self) -> float:
        """The cosine distance from which a frame is novel: never below the centres' radius."""
        return max(self._configured, self.centres.radius, self._wanted)

    def want(self, threshold: float) -> None:
        """Ask for a higher threshold than the configured one, as a budget does."""
        self._wanted = self._share * threshold

    @property
    def store_every_ns(self) -> int:
        """How much older than the truth a stored time may be."""
        return min(DAY_NS, self._half_life_ns // _SWEEPS) if self._half_life_ns else DAY_NS

    @property
    def watched_ns(self) -> int:
        """Time watched up to the last frame learnt."""
        return self._now_ns

    def foresee(self, vectors: Sequence[Float32Array]) -> None:
        """Be shown these embeddings next, `(D,)` each, as a replay knows them: faster."""
        self.centres.foresee(vectors)
        self.seen.foresee(vectors)

    def look(self, observation: Observation) -> Likeness:
        """Compare a frame with all that is remembered; changes nothing."""
        distance, nearest_id = self.centres.nearest_sent(observation.embedding)
        if observation.featureless:
            return Likeness(distance, nearest_id, 0.0)
        now_ns = self.time.at(observation.mono_ns)
        seen = self.seen.nearest(
            observation.embedding,
            Reach(now_ns - self._seen_after_ns, self.threshold),
            Reach(now_ns - self._passed_over_after_ns, MOST * self.threshold),
        )
        return Likeness(distance, nearest_id, min(distance, 2 * seen))

    def learn(
        self, observation: Observation, kept_id: str | None, *, passed_over: bool = False
    ) -> None:
        """Take in a frame and whether it was kept; the same again changes nothing.

        A frame that was not kept may be taken in once more when it is kept after all: its centre
        then counts as sent. It was `passed_over` when only the frame kept just before it stood in
        its way.
        """
        learnt, learnt_id = self._learnt
        if observation is learnt and kept_id == learnt_id:
            return
        self._learnt = observation, kept_id
        self.time.begin(observation.mono_ns)
        now_ns = self.time.at(observation.mono_ns)
        self._now_ns = max(self._now_ns, now_ns)
        apart = NET * self.threshold
        self._rehang(self.centres.cover(observation.embedding, now_ns, kept_id or "", apart))
        nearest = self.centres.find_sent(observation.embedding)
        reach = MOST * self.threshold if passed_over else self.threshold
        if nearest is not None and nearest.distance < reach:
            self.seen.see(observation.embedding, now_ns, nearest)
        self._forget(now_ns)

    def resume(self, watched_ns: int) -> None:
        """Go on where another process ended: whatever it saw was seen long enough ago."""
        self.time = WatchedTime(watched_ns + self._passed_over_after_ns + 1)
        self._swept_ns = self._now_ns = watched_ns

    def _forget(self, now_ns: int) -> None:
        if self._half_life_ns and now_ns - self._swept_ns >= self._half_life_ns // _SWEEPS:
            self._swept_ns = now_ns
            self._rehang(self.centres.forget(now_ns, self._half_life_ns))

    def _rehang(self, gone: tuple[int, ...]) -> None:
        if gone:
            self.seen.rehang(gone, self.centres.nearest_sent_rows, self.threshold)
