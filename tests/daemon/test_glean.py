from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gleancam.config.keys import FileCamera, Polygon
from gleancam.config.selection_keys import Gate, Near, Scene, Selection, Uncertain
from gleancam.glean import Gleaner
from gleancam.outcome import Outcome
from gleancam.selectors.references import NOTHING, References
from gleancam.selectors.zero_shot import ZeroShotClassifier
from gleancam.types import Pending, Reason
from gleancam_engines.errors import TensorError
from gleancam_engines.planes import Float32Array, Planes
from made_frames import SECOND_NS, frame, ids, picture, thumbnail, unit

BAD = 255
"""A picture whose first pixel has this value cannot be embedded."""


class Embedder:
    """Mean luma of four quarters as a unit vector; counts its calls."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, pictures: Sequence[Planes]) -> Float32Array:
        self.sizes.append(len(pictures))
        if any(planes.y[0, 0] == BAD for planes in pictures):
            raise TensorError("output 'embedding' holds NaN or infinity")
        return np.stack([self._embed(planes) for planes in pictures])

    def _embed(self, planes: Planes) -> Float32Array:
        halves = np.array_split(planes.y.astype(np.float32), 2)
        quarters = [part.mean() - 120 for half in halves for part in np.array_split(half, 2, 1)]
        return unit(*quarters)


CAMERA = FileCamera(id="any", path="x")


def cameras(count: int, like: FileCamera = CAMERA) -> list[FileCamera]:
    return [replace(like, id=f"cam-{n}") for n in range(count)]


def gleaner(
    embed: Embedder,
    count: int = 1,
    *,
    batch: int = 8,
    selection: Selection | None = None,
    like: FileCamera = CAMERA,
    references: References = NOTHING,
) -> Gleaner:
    return Gleaner(
        selection or Selection(),
        cameras(count, like),
        embed,
        "space",
        ids(),
        "policy",
        batch,
        references=references,
    )


def pending(seed: int, at_s: float, camera: int = 0, *, bad: bool = False) -> Pending:
    luma = picture(seed)
    if bad:
        luma[0, 0] = BAD
    camera_id = f"cam-{camera}"
    return Pending(camera_id, frame(luma, round(at_s * SECOND_NS), camera_id), ())


def test_the_first_frame_of_every_camera_is_kept_with_an_id_of_its_own() -> None:
    outcomes = gleaner(Embedder(), 3).step([pending(1, 0, camera) for camera in range(3)])
    assert [outcome.camera_id for outcome in outcomes] == ["cam-0", "cam-1", "cam-2"]
    assert len({outcome.sample_id for outcome in outcomes} - {None}) == 3
    for outcome in outcomes:
        assert outcome.decision is not None
        assert outcome.decision.reason is Reason.NOVEL
        assert outcome.embedded is not None
        assert outcome.embedded.space_id == "space"


def test_an_unchanged_frame_is_gated_and_not_embedded() -> None:
    embed = Embedder()
    one = gleaner(embed)
    one.step([pending(1, 0)])
    (outcome,) = one.step([pending(1, 1)])
    assert outcome.gated
    assert (outcome.embedded, outcome.decision, outcome.failure) == (None, None, None)
    assert embed.sizes == [1]


@pytest.mark.parametrize(("batch", "sizes"), [(8, [5]), (2, [2, 2, 1]), (1, [1] * 5)])
def test_cameras_share_batches(batch: int, sizes: list[int]) -> None:
    embed = Embedder()
    gleaner(embed, 5, batch=batch).step([pending(1, 0, camera) for camera in range(5)])
    assert embed.sizes == sizes


def test_one_bad_picture_costs_only_itself() -> None:
    one = gleaner(Embedder(), 3)
    first, second, third = one.step([pending(1, 0, n, bad=n == 1) for n in range(3)])
    assert first.sample_id is not None
    assert third.sample_id is not None
    assert second.failure == "output 'embedding' holds NaN or infinity"
    assert not second.gated
    assert second.decision is None


def test_a_frame_that_failed_is_not_what_the_next_is_compared_with() -> None:
    one = gleaner(Embedder())
    one.step([pending(1, 0, bad=True)])
    (outcome,) = one.step([pending(1, 1)])
    assert outcome.decision is not None


def test_any_other_error_of_the_embedder_ends_the_step() -> None:
    def broken(_pictures: Sequence[Planes]) -> Float32Array:
        raise RuntimeError("the device is gone")

    one = Gleaner(Selection(), cameras(1), broken, "space", ids(), "policy", 8)
    with pytest.raises(RuntimeError, match="gone"):
        one.step([pending(1, 0)])


def test_thumbnails_alone_give_an_outcome_without_a_frame() -> None:
    one = gleaner(Embedder(), like=replace(CAMERA, thumbnails="decoded"))
    (outcome,) = one.step([Pending("cam-0", None, (thumbnail(picture(1), 0, "cam-0"),))])
    assert (outcome.frame, outcome.gated, outcome.embedded) == (None, False, None)


def test_a_cut_is_reported_once_and_the_scene_id_follows() -> None:
    one = gleaner(Embedder())
    outcomes = play(one, [pending(1 + (n >= 20), n / 10) for n in range(40)])
    changes = [change for outcome in outcomes for change in outcome.changes]
    assert [change.started_ns for change in changes] == [2 * SECOND_NS]
    assert outcomes[-1].scene_id == changes[0].scene_id != outcomes[0].scene_id


def test_scene_changes_can_be_switched_off() -> None:
    one = gleaner(Embedder(), selection=Selection(scene=Scene(enabled=False)))
    outcomes = play(one, [pending(1 + (n >= 20), n / 10) for n in range(40)])
    assert not any(outcome.changes for outcome in outcomes)


def test_frames_pass_the_gate_while_a_change_waits_to_be_confirmed() -> None:
    one = gleaner(Embedder())
    outcomes = play(one, [pending(1 + (n >= 20), n / 10) for n in range(30)])
    assert not any(outcome.gated for outcome in outcomes[20:23])
    assert outcomes[25].gated


def test_ignored_polygons_blind_the_gate() -> None:
    left = Polygon(name="left", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
    one = gleaner(Embedder(), like=replace(CAMERA, ignore=(left,)))
    before, after = frame(picture(1), 0, "cam-0"), picture(1)
    after[:, :20] += 20
    one.step([Pending("cam-0", before, ())])
    (outcome,) = one.step([Pending("cam-0", frame(after, SECOND_NS, "cam-0"), ())])
    assert outcome.gated


def play(one: Gleaner, film: Sequence[Pending]) -> list[Outcome]:
    return [one.step([each])[0] for each in film]


def summary(outcome: Outcome) -> tuple[object, ...]:
    changes = tuple(change.started_ns for change in outcome.changes)
    return outcome.gated, outcome.decision, outcome.sample_id, outcome.scene_id, changes


FILMS = st.lists(st.integers(1, 4), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(FILMS)
def test_every_frame_is_gated_embedded_or_failed_and_the_same_each_time(seeds: list[int]) -> None:
    def run() -> list[Outcome]:
        film = [pending(s, n, bad=s == 4) for n, s in enumerate(seeds)]
        return play(gleaner(Embedder()), film)

    first = run()
    assert [summary(one) for one in first] == [summary(one) for one in run()]
    for outcome in first:
        became = (outcome.gated, outcome.embedded is not None, outcome.failure is not None)
        assert sum(became) == 1
        keeps = outcome.decision is not None and outcome.decision.keep
        assert keeps == (outcome.sample_id is not None)


@settings(max_examples=20, deadline=None)
@given(FILMS)
def test_cameras_do_not_influence_each_other(seeds: list[int]) -> None:
    selection = Selection(gate=Gate(enabled=False))
    alone = gleaner(Embedder(), selection=selection)
    together = gleaner(Embedder(), 2, selection=selection)
    for at_s, seed in enumerate(seeds):
        (one,) = alone.step([pending(seed, at_s)])
        first, _ = together.step([pending(seed, at_s, 0), pending(seed + 9, at_s, 1)])
        assert judged(one) == judged(first)


def judged(outcome: Outcome) -> tuple[object, ...]:
    decision = outcome.decision
    assert decision is not None
    return decision.keep, decision.reason, round(decision.score, 5), len(outcome.changes)


def seen(seed: int) -> Float32Array:
    """What `Embedder` makes of a picture."""
    row: Float32Array = Embedder()([frame(picture(seed), 0).planes])[0]
    return row


def test_near_frames_are_tagged_where_their_tag_counts() -> None:
    near = Near(tag="door", prototypes="x", threshold=0.95, cameras=("cam-0",))
    one = gleaner(
        Embedder(),
        2,
        selection=Selection(near=(near,)),
        references=References({"door": seen(1)[None]}),
    )
    here, elsewhere = one.step([pending(1, 0, camera) for camera in range(2)])
    assert here.decision is not None
    assert (here.decision.reason, here.decision.tag) == (Reason.NEAR, "door")
    assert elsewhere.decision is not None
    assert (elsewhere.decision.reason, elsewhere.decision.tag) == (Reason.NOVEL, None)


def test_what_was_near_and_sent_is_known_after_a_restart() -> None:
    near = Near(tag="door", prototypes="x", threshold=0.5)
    selection, references = Selection(near=(near,)), References({"door": seen(1)[None]})
    first = gleaner(Embedder(), selection=selection, references=references)
    (sent,) = first.step([pending(1, 0)])
    assert any(note.name.startswith("memory/camera/cam-0/near/door/space/") for note in sent.notes)
    again = Gleaner(
        selection,
        cameras(1),
        Embedder(),
        "space",
        ids(),
        "policy",
        8,
        sent.notes,
        references=references,
    )
    (outcome,) = again.step([pending(1, 0)])
    assert outcome.decision is not None
    assert not outcome.decision.keep
    assert [facts.sent for facts in again.judges.memories.facts()] == [1, 1]


DAY_AND_NIGHT = References(
    {},
    ZeroShotClassifier(("day", "night"), np.stack([seen(1), seen(2)]), 10.0, None, 0.5, 0.1, 0.2),
)


def test_kept_frames_and_new_scenes_are_named() -> None:
    one = gleaner(Embedder(), references=DAY_AND_NIGHT)
    outcomes = play(one, [pending(1 + (n >= 20), n / 10) for n in range(40)])
    names = [outcome.scene_label for outcome in outcomes if outcome.sample_id is not None]
    assert names == ["day", "night"]
    assert [change.label for outcome in outcomes for change in outcome.changes] == ["night"]


def test_a_frame_that_is_not_kept_has_a_name_for_who_asks() -> None:
    one = gleaner(Embedder(), references=DAY_AND_NIGHT, selection=DOUBTFUL)
    kept, second = (one.step([pending(1, n)])[0] for n in range(2))
    assert (kept.scene_label, second.scene_label) == ("day", None)
    assert (one.name(kept), one.name(second)) == ("day", "day")
    assert gleaner(Embedder()).name(second) is None


def test_without_prototypes_nothing_has_a_name() -> None:
    outcomes = play(gleaner(Embedder()), [pending(1 + (n >= 20), n / 10) for n in range(40)])
    assert {outcome.scene_label for outcome in outcomes} == {None}
    assert [change.label for outcome in outcomes for change in outcome.changes] == [None]


DOUBTFUL = Selection(gate=Gate(enabled=False), uncertain=Uncertain(enabled=True))


def test_a_frame_that_is_kept_late_is_learnt_as_sent_and_charged() -> None:
    selection = replace(DOUBTFUL, budget="100/day")
    one = gleaner(Embedder(), selection=selection)
    (first,) = one.step([pending(1, 0)])
    (second,) = one.step([pending(1, 1)])
    assert not one.doubts(first)
    assert one.doubts(second)
    left = one.judges.budgets.facts()[0].left
    late = one.reconsider(second, 1.0)
    assert late.decision is not None
    assert (late.decision.keep, late.decision.reason) == (True, Reason.UNCERTAIN)
    assert late.sample_id not in {None, first.sample_id}
    assert one.judges.budgets.facts()[0].left == left - 1
    assert late.sample().decision is late.decision


def test_an_unsent_centre_becomes_a_sent_one_when_its_frame_is_kept_late() -> None:
    one = gleaner(Embedder(), selection=DOUBTFUL)
    (refused,) = one.step([pending(1, 0)], room=False)
    assert refused.decision is not None
    assert one.judges.memories.facts()[0].sent == 0
    was_redundant = replace_decision(refused, Reason.REDUNDANT)
    late = one.reconsider(was_redundant, 1.0)
    assert one.judges.memories.facts()[0].sent == 1
    (again,) = one.step([pending(1, 1)])
    assert again.decision is not None
    assert again.decision.nearest_id == late.sample_id


def test_detectors_that_are_sure_change_nothing_but_the_time_of_the_next_look() -> None:
    one = gleaner(Embedder(), selection=DOUBTFUL)
    one.step([pending(1, 0)])
    (second,) = one.step([pending(1, 1)])
    sure = one.reconsider(second, 0.1)
    assert sure.sample_id is None
    (third,) = one.step([pending(1, 2)])
    assert not one.doubts(third)
    (much_later,) = one.step([pending(1, 62)])
    assert one.doubts(much_later)


def test_a_frame_without_an_embedding_cannot_be_reconsidered() -> None:
    one = gleaner(Embedder())
    one.step([pending(1, 0)])
    (gated,) = one.step([pending(1, 1)])
    assert not one.doubts(gated)
    with pytest.raises(ValueError, match="not embedded"):
        one.reconsider(gated, 1.0)


def replace_decision(outcome: Outcome, reason: Reason) -> Outcome:
    assert outcome.decision is not None
    decision = dataclasses.replace(outcome.decision, reason=reason)
    return dataclasses.replace(outcome, decision=decision)
