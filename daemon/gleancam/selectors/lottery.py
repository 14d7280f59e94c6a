"""The random arm: a lottery over every sampled frame, drawn before the gate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from gleancam.selectors.past import DAY_NS
from gleancam.selectors.stored import decoded

EPOCH_NS = DAY_NS
_LONGEST_GAP_NS = 60 * 10**9
"""A longer silence is no watching: it would seem as if the camera sent hardly any frames."""
_STORE_EVERY_NS = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Draw:
    """What the lottery said of one sampled frame.

    Attributes:
        epoch: from 1; 0 without a lottery.
        propensity: probability that a frame of the epoch is drawn, 0…1.
    """

    epoch: int = 0
    propensity: float = 0.0
    drawn: bool = False


NOT_DRAWN = Draw()


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an epoch is held under: with other terms, another begins.

    Attributes:
        wanted: samples an epoch.
        fps: frames a second that are expected before any were counted.
    """

    seed: str
    wanted: float
    fps: float


class LotteryState(msgspec.Struct, frozen=True, kw_only=True):
    """A lottery as it is stored, as MessagePack."""

    terms: Terms
    epoch: int
    propensity: float
    expected: float
    sampled: int
    elapsed_ns: int


class Lottery:
    """Draws one camera's frames: u < p, with u a hash of seed, camera and the frame's time.

    So whether a frame is drawn depends on nothing that was seen, and anybody who knows seed and p
    can draw again. An epoch is a day of watching. Its p = samples wanted / frames expected does
    not change; expected are what the camera's rate promises, then half that and half what came in
    the epoch, and so on: an odd day at most doubles the next one's p.

    Attributes:
        sampled: frames of this epoch that reached the lottery.
        propensity: p; 0 before the first frame.
    """

    def __init__(self, camera_id: str, terms: Terms) -> None:
        self._camera_id = camera_id
        self._terms = terms
        self._expected = terms.fps * EPOCH_NS / 1e9
        self._elapsed_ns = 0
        self._latest_ns: int | None = None
        self._stored: tuple[int, int] | None = None
        self._open = False
        self.epoch = 0
        self.sampled = 0
        self.propensity = 0.0

    @property
    def draws_per_ns(self) -> float:
        """Samples that are drawn in a nanosecond of watching, on average."""
        return self.propensity * self._expected / EPOCH_NS

    def draw(self, captured_ns: int, mono_ns: int, most: float = math.inf) -> Draw:
        """Draw the next sampled frame, of these times.

        `most` samples can be paid for in an epoch: one that begins now wants no more.
        """
        self._advance(mono_ns)
        if not self._open:
            self._begin(most)
        self.sampled += 1
        drawn = uniform(self._terms.seed, self._camera_id, captured_ns) < self.propensity
        return Draw(self.epoch, self.propensity, drawn)

    @property
    def stale(self) -> bool:
        """Whether what is stored is of another epoch, or a minute old."""
        if self._stored is None:
            return self._open
        epoch, elapsed_ns = self._stored
        return epoch != self.epoch or self._elapsed_ns - elapsed_ns >= _STORE_EVERY_NS

    def encode(self) -> bytes:
        """Give what must outlive a restart, to be stored now."""
        self._stored = (self.epoch, self._elapsed_ns)
        return msgspec.msgpack.encode(
            LotteryState(
                terms=self._terms,
                epoch=self.epoch,
                propensity=self.propensity,
                expected=self._expected,
                sampled=self.sampled,
                elapsed_ns=self._elapsed_ns,
            )
        )

    def restore(self, content: bytes) -> None:
        """Go on with the stored epoch, or after it when the terms are others.

        Raises:
            ValueError: it is damaged.
        """
        state = decoded(content, LotteryState, "a stored lottery")
        if not 0 < state.propensity <= 1 or not state.expected > 0:
            raise ValueError("a stored lottery has no chances")
        self.epoch = state.epoch
        if state.terms.fps == self._terms.fps:
            self._expected = state.expected
        if state.terms == self._terms:
            self._open = True
            self.propensity, self.sampled = state.propensity, state.sampled
            self._elapsed_ns = state.elapsed_ns

    def _advance(self, mono_ns: int) -> None:
        latest_ns = mono_ns if self._latest_ns is None else self._latest_ns
        self._latest_ns = max(latest_ns, mono_ns)
        self._elapsed_ns += min(self._latest_ns - latest_ns, _LONGEST_GAP_NS)
        if self._elapsed_ns >= EPOCH_NS:
            self._elapsed_ns -= EPOCH_NS
            self._expected = (self._expected + self.sampled) / 2
            self._open = False

    def _begin(self, most: float) -> None:
        self._open = True
        self.epoch += 1
        self.sampled = 0
        self.propensity = min(1.0, min(self._terms.wanted, most) / self._expected)


def uniform(seed: str, camera_id: str, captured_ns: int) -> float:
    """Give a number in 0…1, below 1, that is the same in every process."""
    key = blake2b(seed.encode(), digest_size=32).digest()
    frame = f"{camera_id}/{captured_ns}".encode()
    digest = blake2b(frame, key=key, digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53
