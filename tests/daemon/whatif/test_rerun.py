"""A log replays to the decisions that were logged, over restarts, budgets and several cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gleancam.config.keys import Camera, TestCamera
from gleancam.config.selection_keys import Gate, Novelty, Selection
from gleancam.decisions.record import Logged
from gleancam.decisions.recorder import logged_frame
from gleancam.errors import DecisionLogError
from gleancam.glean import Gleaner
from gleancam.selectors.budget_accounts import Budgets
from gleancam.settlements import Settled
from gleancam.types import Note, Pending, Reason, SceneChange
from gleancam.whatif.agreement import agreement
from gleancam.whatif.at_most import at_most
from gleancam.whatif.policy import Policy, not_rerun, of_epoch
from gleancam.whatif.recording import read_log
from gleancam.whatif.rerun import rerun
from gleancam_engines.planes import Float32Array, Planes
from made_decisions import SPACE, made_epoch, made_frame, write_log
from made_frames import frame, picture

CAMERAS = (TestCamera(id="a"), TestCamera(id="b", budget="20/hour"))
OPEN = Gate(enabled=False)


class Site:
    """A gleaner in several lives, whose outcomes and costs go to a log."""

    def __init__(self, folder: Path, selection: Selection, cameras: tuple[Camera, ...]) -> None:
        self.folder = folder
        self.selection = selection
        self.cameras = cameras
        self.notes: dict[tuple[str, int], bytes] = {}
        self.lives = 0

    def live(self, seeds: Sequence[int]) -> None:
        """Show every camera pictures; equal seeds look alike, clocks begin anew."""
        records: list[Logged] = []
        remembered = sum(name.endswith("/centre") for name, _ in self.notes)
        gleaner = self._gleaner()
        cost = 40_000
        for at, seed in enumerate(seeds):
            pending = [
                self._pending(camera, seed + 50 * n, at) for n, camera in enumerate(self.cameras)
            ]
            for outcome in gleaner.step(pending):
                logged = logged_frame(outcome)
                assert logged is not None
                records.append(logged)
                if outcome.sample_id is not None:
                    cost += 777
                    settled = Settled(outcome.camera_id, outcome.sample_id, cost)
                    gleaner.judges.budgets.settle(*settled)
                    records.append(settled)
                self._store(outcome.notes)
        self._store(gleaner.judges.drain())
        epoch = made_epoch(
            32,
            selection=self.selection,
            cameras=self.cameras,
            run_id=f"run-{self.lives}",
            remembered=remembered,
        )
        write_log(self.folder, records, epoch)
        self.lives += 1

    def _gleaner(self) -> Gleaner:
        numbers = iter(range(10**6))
        notes = [Note(name, key, content) for (name, key), content in self.notes.items()]
        life = self.lives
        return Gleaner(
            self.selection,
            self.cameras,
            embed,
            SPACE,
            lambda: f"id-{life}-{next(numbers)}",
            "policy",
            8,
            notes,
        )

    def _store(self, notes: tuple[Note, ...]) -> None:
        for name, key, content in notes:
            if content is None:
                self.notes.pop((name, key), None)
            else:
                self.notes[name, key] = content

    def _pending(self, camera: Camera, seed: int, at: int) -> Pending:
        shown = frame(picture(seed), at * 10**9 + 5, camera.id, at)
        return Pending(camera.id, shown, ())


def embed(pictures: Sequence[Planes]) -> Float32Array:
    rows = []
    for one in pictures:
        rng = np.random.default_rng(int(one.y.astype(np.int64).sum()) % 2**31)
        centre = np.random.default_rng(int(one.y[0, 0]) % 7).normal(size=32)
        rows.append(centre + 0.9 * rng.normal(size=32))
    stacked = np.array(rows, np.float32)
    scaled: Float32Array = stacked / np.linalg.norm(stacked, axis=1, keepdims=True)
    return scaled


def seeds(count: int, seed: int = 0) -> list[int]:
    return [int(each) for each in np.random.default_rng(seed).integers(0, 40, count)]


SELECTIONS = {
    "fixed": Selection(gate=OPEN),
    "budget": Selection(gate=OPEN, budget="3 MB/hour"),
    "ratio": Selection(gate=OPEN, mode="ratio", ratio=0.1),
    "site": Selection(gate=OPEN, novelty=Novelty(scope="both", threshold=0.3)),
}


@pytest.fixture(params=sorted(SELECTIONS))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    site = Site(tmp_path / "log", SELECTIONS[request.param], CAMERAS)
    site.live(seeds(120, 1))
    site.live(seeds(80, 2))
    return site


def test_a_log_under_its_own_policy_gives_its_own_decisions(site: Site) -> None:
    recording = read_log(site.folder)
    found = rerun(recording, None)
    assert len(found.frames) == 2 * 200
    assert len(found.kept) > 5
    then = agreement(recording, found)
    assert then.share >= 0.99
    assert {each.why for each in then.differences} <= {"rounding", "knock_on", "restart"}
    scores = [
        (f.decision.score, d.score) for f, d in zip(found.frames, found.decisions, strict=True)
    ]
    assert np.median(np.abs(np.diff(scores, axis=1))) < 1e-3
    assert found.guessed == 0 or then.differences


def test_a_restart_does_not_forget(site: Site) -> None:
    """What was kept in the first life is not novel in the second."""
    recording = read_log(site.folder)
    second = [index for index, each in enumerate(rerun(recording, None).frames)][240:]
    decisions = rerun(recording, None).decisions
    assert sum(decisions[index].keep for index in second) < sum(d.keep for d in decisions[:240])


def test_the_same_log_gives_the_same_twice(site: Site) -> None:
    first, second = (rerun(read_log(site.folder), None) for _ in range(2))
    assert first.decisions == second.decisions


def test_a_higher_threshold_keeps_less(tmp_path: Path) -> None:
    site = Site(tmp_path / "log", SELECTIONS["fixed"], CAMERAS[:1])
    site.live(seeds(120))
    recording = read_log(site.folder)
    logged = of_epoch(recording.epoch)
    strict = Policy("strict", Selection(novelty=Novelty(threshold=0.6)), logged.cameras)
    assert 0 < len(rerun(recording, strict).kept) < len(rerun(recording, logged).kept)


def test_only_what_this_policy_sends_is_charged(tmp_path: Path) -> None:
    """The log sent everything it liked; a budget of a tenth is not eaten up by that."""
    site = Site(tmp_path / "log", SELECTIONS["fixed"], CAMERAS[:1])
    site.live(seeds(200))
    recording = read_log(site.folder)
    logged = rerun(recording, None)
    sent = sum(logged.wire_bytes[index] for index in logged.kept)
    tight = Policy(
        "tight", Selection(budget=f"{sent // 4000 / 1000} MB/hour"), logged.policy.cameras
    )
    found = rerun(recording, tight)
    assert len(found.kept) < len(logged.kept)
    spent = sum(found.wire_bytes[index] for index in found.kept)
    assert 0 < spent < sent / 4 + 100_000
    budgets = Budgets(tight.selection, tight.of(["a"]), SPACE)
    assert budgets.facts()[0].left > 0


def test_scene_changes_are_replayed_from_the_log_unless_the_policy_has_none(tmp_path: Path) -> None:
    change = SceneChange("gate", "scene-2", 2 * 10**9, 2 * 10**9, 0.5, 0.25)
    near = made_frame(1)
    # Between the arrival's three quarters of the threshold and the threshold itself.
    turned = near.observation.embedding.copy()
    other = made_frame(2).observation.embedding
    side = other - (other @ turned) * turned
    turned = 0.82 * turned + np.float32(np.sqrt(1 - 0.82**2)) * side / np.linalg.norm(side)
    frames: list[Logged] = [near, made_frame(2, embedding=turned, changes=(change,))]
    write_log(tmp_path, frames, made_epoch())
    recording = read_log(tmp_path)
    assert rerun(recording, None).decisions[1].reason is Reason.SCENE_CHANGE
    blind = Selection(scene=msgspec.structs.replace(Selection().scene, enabled=False))
    policy = Policy("blind", blind, recording.epoch.cameras)
    assert rerun(recording, policy).decisions[1].reason is Reason.REDUNDANT


def test_what_a_log_cannot_show_is_named() -> None:
    epoch = made_epoch()
    changed = Selection(gate=Gate(max_gap_s=3.0), novelty=Novelty(threshold=0.5))
    assert not_rerun(Policy("x", changed, ()), epoch) == [
        "gate: max_gap_s 10.0 in the log, 3.0 here"
    ]
    assert not_rerun(of_epoch(epoch), epoch) == []


def test_one_camera_can_be_taken_out_and_an_unknown_one_is_named(site: Site) -> None:
    recording = read_log(site.folder, "b")
    assert {each.observation.camera_id for each in recording.frames()} == {"b"}
    with pytest.raises(DecisionLogError, match="'c' is not in the log: choose of a, b"):
        read_log(site.folder, "c")


def test_another_embedder_s_frames_are_left_out_and_counted(tmp_path: Path) -> None:
    write_log(tmp_path, [made_frame(n, 16) for n in range(3)], made_epoch(16, run_id="old"))
    newer = msgspec.structs.replace(made_epoch(8, run_id="new"), space_id="space-2")
    write_log(tmp_path, [made_frame(n, 8) for n in range(2)], newer)
    recording = read_log(tmp_path)
    assert (len(recording.frames()), recording.other_spaces) == (2, 3)


@pytest.mark.parametrize("count", [1, 3, 10, 1000])
def test_at_most_so_many_are_kept_and_the_threshold_is_that_of_a_plain_replay(
    site: Site, count: int
) -> None:
    recording = read_log(site.folder)
    threshold, found = at_most(recording, of_epoch(recording.epoch), count)
    assert len(found.kept) <= max(count, 2)  # two cameras: each keeps its first, at any threshold
    if count == 10:
        assert len(found.kept) >= 7
    again = rerun(recording, found.policy)
    assert found.policy.selection.novelty.threshold == threshold
    assert again.decisions == found.decisions
    assert not found.policy.selection.budget


def test_a_full_disk_then_explains_what_was_refused_without_a_budget(tmp_path: Path) -> None:
    first = made_frame(1, sample_id="id-1")
    second = made_frame(2)
    refused = replace(second, decision=replace(second.decision, reason=Reason.OVER_BUDGET))
    write_log(tmp_path, [first, refused], made_epoch())
    recording = read_log(tmp_path)
    (difference,) = agreement(recording, rerun(recording, None)).differences
    assert (difference.frame, difference.why) == (1, "disk_full")
