"""One member of the committee and what it looks with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gleancam_engines.detectors.base import Detector
from gleancam_engines.picture_variants import Variant
from gleancam_engines.planes import Planes
from gleancam_engines.voting.evidence import Evidence, Status, evidence_of, silent
from gleancam_engines.voting.member import Member


@dataclass(frozen=True, slots=True, eq=False)
class Voter:
    """A detector that looks at frames in one way.

    Attributes:
        variant: how it is shown a frame.
        only: zero-shot names of the frames on which it runs; None: all frames.
        timeout_s: what waits for it when it has run for so long goes on without it.
    """

    member: Member
    detector: Detector
    variant: Variant
    only: frozenset[str] | None = None
    timeout_s: float | None = None

    def wants(self, name: str | None) -> bool:
        """Whether it runs on a frame of this zero-shot name."""
        return self.only is None or name in self.only

    def look(self, pictures: Sequence[Planes]) -> list[Evidence]:
        """Return what it sees in each picture, rounded as it is sent.

        Raises:
            EngineError: the detector failed, on one of them or altogether.
        """
        seen = self.detector.detect_all([self.variant.shown(planes) for planes in pictures])
        return [
            evidence_of(
                self.variant.back(each, planes.width),
                planes.width,
                planes.height,
                self.member.member_id,
            )
            for each, planes in zip(seen, pictures, strict=True)
        ]

    def silent(self, status: Status) -> Evidence:
        """Return its evidence of a frame that it has not looked at."""
        return silent(self.member.member_id, self.member.vocabulary, status)
