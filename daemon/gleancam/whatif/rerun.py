"""One policy over one recording: the daemon's own judges, memories and budgets."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.config.selection_keys import Random, Selection
from gleancam.decisions.record import LoggedFrame
from gleancam.parts.references import read_references
from gleancam.selectors.judges import Judges
from gleancam.selectors.region_novelty import RegionJudge
from gleancam.settlements import Settled
from gleancam.types import Decision, Note
from gleancam.whatif.policy import Policy, of_epoch
from gleancam.whatif.recording import Costs, Recording, Run
from gleancam.whatif.told import ToldRegions, drawn_again

_BLOCK = 256
"""Records whose distances are computed at once: a few megabytes a memory."""
_USUAL_BYTES = 100_000
"""Of a sample where no log tells; what budgets begin with, too."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a policy decided.

    Attributes:
        frames: what it was shown; what they say was decided is the recorder's.
        decisions: this policy's, one for each frame.
        wire_bytes: of each frame, if it was sent; a guess where it was not.
        guessed: how many kept frames' bytes are a guess.
    """

    policy: Policy
    frames: list[LoggedFrame]
    decisions: list[Decision]
    wire_bytes: list[int]
    guessed: int

    @property
    def kept(self) -> list[int]:
        """Which frames were kept."""
        return [index for index, each in enumerate(self.decisions) if each.keep]


def rerun(recording: Recording, policy: Policy | None) -> Rerun:
    """Play a recording to a policy; None: each run to its own.

    Raises:
        DecisionLogError: the logged policy has keys that this gleancam does not know.
    """
    costs, frames = Costs(recording), recording.frames()
    notes: dict[tuple[str, int], bytes] = {}
    decisions: list[Decision] = []
    cameras = sorted({frame.observation.camera_id for frame in frames})
    for run in recording.runs:
        chosen = policy or of_epoch(run.epoch)
        logged = run.epoch.configured().random
        bench = _Bench(chosen, cameras, run.epoch.space_id, notes, costs, logged)
        decisions += bench.play(run)
        bench.leave()
    sizes = [costs.of(frame) or _USUAL_BYTES for frame in frames]
    kept = [frame for frame, each in zip(frames, decisions, strict=True) if each.keep]
    guessed = sum(not costs.is_known(frame) for frame in kept)
    return Rerun(policy or of_epoch(recording.epoch), frames, decisions, sizes, guessed)


class _Bench:
    """What decides in one process; the next goes on with what it leaves, as after a restart."""

    def __init__(
        self,
        policy: Policy,
        camera_ids: list[str],
        space_id: str,
        notes: dict[tuple[str, int], bytes],
        costs: Costs,
        logged: Random,
    ) -> None:
        self._notes = notes
        stored = [Note(name, key, content) for (name, key), content in notes.items()]
        selection, cameras = policy.selection, policy.of(camera_ids)
        self._selection: Selection = selection
        self._logged = logged
        self._regions: dict[str, ToldRegions] = {}
        self._judges = Judges(
            selection,
            cameras,
            space_id,
            policy.policy_id,
            stored,
            read_references(selection, space_id),
            self._tells_of,
        )
        self._costs = costs
        self._kept: set[str] = set()
        self._owed: list[Settled] = []
        self._count = 0

    def play(self, run: Run) -> list[Decision]:
        """Show one process's records."""
        decisions = []
        for begin in range(0, len(run.records), _BLOCK):
            block = run.records[begin : begin + _BLOCK]
            frames = (record for record in block if isinstance(record, LoggedFrame))
            self._judges.memories.foresee([frame.observation for frame in frames])
            for record in block:
                if isinstance(record, Settled):
                    self._settle(record)
                else:
                    decisions.append(self._decide(record))
        return decisions

    def leave(self) -> None:
        """Store what is remembered, as with every sample: what is stored may lag until the next."""
        for name, key, content in self._judges.drain():
            if content is None:
                self._notes.pop((name, key), None)
            else:
                self._notes[name, key] = content

    def _decide(self, frame: LoggedFrame) -> Decision:
        self._pay()
        observation = frame.observation
        judge = self._judges.of(observation.camera_id)
        judge.begin(observation, frame.changes if self._selection.scene.enabled else ())
        self._regions[observation.camera_id].tell(frame.decision)
        self._judges.lotteries.set_aside(observation.camera_id)
        draw = drawn_again(frame, self._logged, self._selection.random)
        decision = judge.decide(observation, draw)
        sample_id = self._sample_id(frame) if decision.keep else None
        judge.learn(observation, decision, sample_id)
        if sample_id is not None:
            self.leave()
        return decision

    def _tells_of(self, camera_id: str, known: RegionJudge | None) -> ToldRegions:
        told = self._regions[camera_id] = ToldRegions(known)
        return told

    def _sample_id(self, frame: LoggedFrame) -> str:
        """Its own where it was kept before; what it cost comes later then."""
        if frame.sample_id is not None:
            self._kept.add(frame.sample_id)
            return frame.sample_id
        self._count += 1
        sample_id = f"replay-{self._count}"
        cost = self._costs.of(frame)
        if cost is not None:
            self._owed.append(Settled(frame.observation.camera_id, sample_id, cost))
        return sample_id

    def _pay(self) -> None:
        """Settle what was kept only here: before the next frame, as a quick spooler does."""
        for owed in self._owed:
            self._judges.budgets.settle(*owed)
        self._owed.clear()

    def _settle(self, settled: Settled) -> None:
        """Pass on a logged cost, unless it is that of a sample that was not kept here."""
        if settled.parcel_id in self._kept or settled.parcel_id not in self._costs.samples:
            self._judges.budgets.settle(*settled)
