from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Near, Novelty, Selection
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.judge import Judge
from gleancam.selectors.near import NearSelector, NearTag, near_selector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.quota import CameraQuotas
from gleancam.types import Decision, Reason, SceneChange
from gleancam_engines.planes import Float32Array
from made_frames import observed, unit

NOVELTY = Novelty(threshold=0.2, capacity=64)
FINER = Novelty(threshold=0.1, capacity=64)
FORKLIFT = unit(1, 0, 0, 0)


def tag(name: str = "forklift", *rows: Float32Array, threshold: float = 0.7) -> NearTag:
    return NearTag(name, np.stack(rows or (FORKLIFT,)), threshold, Past(FINER))


def at(degrees: float, lift: float = 0.0) -> Float32Array:
    """An embedding that many degrees away from a forklift."""
    turn = np.radians(degrees)
    return unit(np.cos(turn), np.sin(turn), lift, 0)


def judge(*tags: NearTag, past: Past | None = None) -> Judge:
    pasts = (past or Past(NOVELTY),)
    near = NearSelector("p", pasts[0], tags)
    selection = Selection(novelty=NOVELTY)
    quotas = CameraQuotas(selection.quotas)
    return Judge("p", pasts, Ration("gate", selection, ()), quotas, selection, near=near)


class Film:
    """Shows frames to a judge, one a minute."""

    def __init__(self, *tags: NearTag) -> None:
        self.judge = judge(*(tags or (tag(),)))
        self.shown = 0

    def show(
        self,
        embedding: Float32Array,
        *,
        send: bool = True,
        featureless: bool = False,
        changes: tuple[SceneChange, ...] = (),
    ) -> Decision:
        seen = observed(embedding, 60 * self.shown, featureless=featureless)
        self.judge.begin(seen, changes)
        decision = self.judge.decide(seen)
        sent = str(self.shown) if decision.keep and send else None
        self.judge.learn(seen, decision, sent)
        self.shown += 1
        return decision


def test_what_is_near_is_kept_with_its_tag_and_what_it_was_held_against() -> None:
    decision = Film().show(at(30))
    assert (decision.keep, decision.reason, decision.tag) == (True, Reason.NEAR, "forklift")
    assert decision.score == pytest.approx(np.cos(np.radians(30)), abs=1e-6)
    assert decision.threshold == 0.7
    assert decision.novelty == 2.0, "nothing was sent before"
    assert decision.nearest_id is None


def test_what_is_far_is_left_to_the_other_reasons() -> None:
    decision = Film().show(at(60))
    assert (decision.reason, decision.tag) == (Reason.NOVEL, None)


def test_the_same_thing_is_sent_once_however_long_it_stands_there() -> None:
    film = Film()
    assert film.show(at(10)).keep
    for number in range(50):
        again = film.show(at(10 + number % 3))
        assert not again.keep
        assert again.reason is Reason.REDUNDANT


def test_another_view_of_it_is_sent_though_it_is_not_novel() -> None:
    film = Film()
    film.show(at(0))
    second = film.show(at(30))  # 0.13 away: beyond the tag's 0.1, within novelty's 0.2
    assert (second.keep, second.reason, second.nearest_id) == (True, Reason.NEAR, "0")
    assert second.novelty == pytest.approx(1 - np.cos(np.radians(30)), abs=1e-6)
    assert second.novelty < NOVELTY.threshold <= second.score


def test_what_was_sent_as_novel_just_before_it_came_near_counts() -> None:
    film = Film()
    assert film.show(at(46)).reason is Reason.NOVEL
    just_near = film.show(at(45))
    assert just_near.reason is Reason.REDUNDANT
    assert just_near.nearest_id == "0"


def test_what_was_over_budget_is_still_near_when_it_comes_back() -> None:
    film = Film()
    assert film.show(at(0), send=False).keep
    assert film.show(at(0)).reason is Reason.NEAR


def test_a_featureless_picture_is_never_near() -> None:
    assert not Film().show(at(0), featureless=True).keep


def test_a_scene_change_comes_before_near_and_near_before_novel() -> None:
    change = SceneChange("gate", "s", 0, 0, 0.9, 0.25)
    assert Film().show(at(0), changes=(change,)).reason is Reason.SCENE_CHANGE
    assert Film().show(at(0)).reason is Reason.NEAR


def test_of_several_tags_the_one_exceeded_most_names_the_frame() -> None:
    film = Film(tag("low", threshold=0.1), tag("high", threshold=0.9))
    assert film.show(at(5)).tag == "low"
    film = Film(tag("a", unit(0, 1, 0, 0)), tag("b", unit(0, 0, 1, 0), FORKLIFT))
    assert film.show(at(20)).tag == "b"


def test_each_tag_remembers_for_itself_but_nothing_is_sent_twice() -> None:
    film = Film(tag("a", threshold=0.5), tag("b", threshold=0.6))
    assert film.show(at(0)).tag == "a"
    assert not film.show(at(0)).keep


def test_noise_of_the_camera_is_never_a_difference() -> None:
    one, past = tag(), Past(NOVELTY)
    selector = NearSelector("p", past, [one])
    seen = observed(at(0))
    past.learn(seen, "a")
    selector.learn(seen, "a")
    other = observed(at(30), 60)
    assert selector.decide(other).keep
    selector.want(0.15)
    assert not selector.decide(other).keep


def test_what_is_far_leaves_no_trace_in_a_tag_s_memory() -> None:
    one = tag()
    film = Film(one)
    for degrees in range(60, 310, 30):
        film.show(at(degrees, 0.5))
    assert len(one.past.centres) == 0


@given(
    st.lists(
        st.tuples(st.floats(-180, 180), st.floats(-1, 1), st.booleans()), min_size=1, max_size=60
    )
)
def test_two_frames_sent_as_near_to_a_tag_lie_apart(
    film: list[tuple[float, float, bool]],
) -> None:
    one = Film()
    sent: list[Float32Array] = []
    for degrees, lift, send in film:
        embedding = at(degrees, lift)
        decision = one.show(embedding, send=send)
        if decision.reason is Reason.NEAR:
            assert float(embedding @ FORKLIFT) >= 0.7 - 1e-6
            assert all(1 - float(embedding @ other) >= 0.1 - 1e-5 for other in sent)
            if send:
                sent.append(embedding)


def test_a_selector_is_made_of_the_tags_that_count_at_a_camera() -> None:
    near = [
        Near(tag="a", prototypes="x", threshold=0.5),
        Near(tag="b", prototypes="x", threshold=0.6),
    ]
    vectors = {"a": np.stack([FORKLIFT]), "b": np.stack([FORKLIFT])}
    past = Past(NOVELTY)
    assert near_selector("p", near, vectors, past, {}) is None
    made = near_selector("p", near, vectors, past, {"b": Past(FINER)})
    assert made is not None
    assert made.decide(observed(at(0))).tag == "b"


def test_a_selector_without_tags_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a tag"):
        NearSelector("p", Past(NOVELTY), [])


def test_ranks_and_budgets_go_by_how_novel_a_near_frame_is() -> None:
    seen: Observation = observed(at(0))
    one = judge(tag())
    one.begin(seen)
    one.learn(seen, one.decide(seen), "a")
    near = observed(at(30), 60)
    one.begin(near)
    assert one.decide(near).percentile == 0.0, "its similarity, 0.87, would rank in the middle"
