"""After a kept frame more is wanted, for a while."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.past import Past
from gleancam.selectors.refractory import MOST, Refractory
from made_frames import SECOND_NS, apart, observed

SETTINGS = Novelty(threshold=0.2, refractory_s=5.0)


def keeps(novelty: NoveltySelector, distance: float, at_s: float) -> bool:
    frame = observed(apart(distance), at_s)
    keep = novelty.decide(frame).keep
    novelty.learn(frame, f"{at_s}" if keep else None)
    return keep


def test_it_falls_back_with_its_time_constant() -> None:
    refractory = Refractory(5.0)
    assert refractory.factor(0) == 1
    refractory.kept(10 * SECOND_NS)
    assert refractory.factor(10 * SECOND_NS) == MOST
    assert math.isclose(refractory.factor(15 * SECOND_NS), 1 + (MOST - 1) / math.e)
    assert refractory.factor(60 * SECOND_NS) < 1.002


def test_a_frame_that_is_kept_late_shortens_nothing() -> None:
    refractory = Refractory(5.0)
    refractory.kept(10 * SECOND_NS)
    refractory.kept(4 * SECOND_NS)
    assert refractory.factor(10 * SECOND_NS) == MOST


@given(st.integers(0, 2**40), st.integers(-(2**40), 2**40), st.floats(0, 3600))
def test_it_raises_by_one_to_four_times_whatever_the_clock_does(
    kept_ns: int, passed_ns: int, time_s: float
) -> None:
    refractory = Refractory(time_s)
    refractory.kept(kept_ns)
    assert 1 <= refractory.factor(kept_ns + passed_ns) <= MOST


def test_what_comes_closer_is_kept_once_and_what_is_quite_other_at_once() -> None:
    novelty = NoveltySelector("p", Past(SETTINGS), settings=SETTINGS)
    assert keeps(novelty, 0.0, 0)
    assert not keeps(novelty, 0.3, 1)
    assert keeps(novelty, 0.9, 1.5)


def test_what_was_passed_over_is_still_new_when_the_time_is_over() -> None:
    novelty = NoveltySelector("p", Past(SETTINGS), settings=SETTINGS)
    assert keeps(novelty, 0.0, 0)
    assert not keeps(novelty, 0.3, 2)
    assert keeps(novelty, 0.3, 12)


def test_an_exact_repeat_of_what_was_passed_over_is_not_new() -> None:
    film = [(0.0, 0.0), (0.3, 1.0), (0.35, 1.5), (0.3, 2.0)]
    novelty = NoveltySelector("p", Past(SETTINGS), settings=SETTINGS)
    assert [keeps(novelty, *each) for each in film] == [True, False, False, False]
    assert not any(keeps(novelty, distance, 100 + at_s) for distance, at_s in film)
