"""How much of a frame's small parts is new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation, Region
from gleancam.selectors.past import Past
from gleancam.selectors.region_novelty import RegionNovelty
from gleancam.types import Reason
from gleancam_engines.planes import Float32Array
from made_frames import apart, observed, unit

WORTH = 0.2
BOX = (0.1, 0.1, 0.2, 0.2)


def judge() -> RegionNovelty:
    return RegionNovelty(Past(Novelty(threshold=0.3)), WORTH)


def axis(number: int) -> Float32Array:
    return unit(*np.eye(8)[number])


def shown(*embeddings: Float32Array, at_s: float = 0.0) -> Observation:
    regions = tuple(Region(BOX, observed(each, at_s)) for each in embeddings)
    return replace(observed(apart(0), at_s), regions=regions)


def test_every_new_region_is_worth_the_same() -> None:
    for count in range(4):
        regions = [axis(number) for number in range(count)]
        assert judge().look(shown(*regions)).score == pytest.approx(count * WORTH, abs=1e-6)


def test_of_two_alike_in_one_frame_one_counts() -> None:
    assert judge().look(shown(axis(1), axis(1), axis(1))).score == pytest.approx(WORTH, abs=1e-6)


def test_a_region_that_was_sent_is_worth_nothing_and_one_half_like_it_half() -> None:
    regions = judge()
    regions.learn(shown(apart(0)), "a", passed_over=False)
    assert regions.look(shown(apart(0), at_s=1)).score == 0
    assert regions.look(shown(apart(0.15), at_s=1)).score == pytest.approx(0, abs=1e-5)
    assert regions.look(shown(apart(0.225), at_s=1)).score == pytest.approx(WORTH / 2, abs=1e-3)


def test_a_region_of_a_frame_that_was_not_sent_is_still_new() -> None:
    regions = judge()
    regions.learn(shown(axis(1)), None, passed_over=False)
    assert regions.look(shown(axis(1), at_s=60)).score == pytest.approx(WORTH, abs=1e-6)


def test_a_frame_like_a_kept_one_is_novel_for_a_new_region_and_says_where() -> None:
    past = Past(Novelty(threshold=WORTH))
    novelty = NoveltySelector("p", past, regions=judge())
    first = shown(axis(1))
    novelty.learn(first, "a")
    assert not novelty.decide(shown(axis(1), at_s=1)).keep
    decision = novelty.decide(shown(axis(1), axis(2), at_s=1))
    assert (decision.keep, decision.reason) == (True, Reason.NOVEL)
    assert decision.region == BOX


@given(st.integers(0, 2**32 - 1), st.integers(0, 8))
def test_order_does_not_matter_and_nothing_is_worth_more_than_all(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    regions = judge()
    regions.learn(shown(unit(*rng.normal(size=6))), "a", passed_over=False)
    embeddings = [unit(*rng.normal(size=6)) for _ in range(count)]
    score = regions.look(shown(*embeddings, at_s=1)).score
    assert 0 <= score <= count * WORTH + 1e-6
    if count:
        # The nearest of those before decides, so only the set of scores is the same.
        again = regions.look(shown(*embeddings[::-1], at_s=1)).score
        assert again == pytest.approx(score, abs=1e-5)
