"""Telling lost pictures from those a decoder still holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gleancam.sources.damage import WINDOW, Damage

delays = st.integers(0, 8)


@given(st.lists(st.tuples(st.booleans(), delays), min_size=1, max_size=300), delays)
def test_never_more_than_were_lost_and_at_the_end_all(
    looks: list[tuple[bool, int]], least: int
) -> None:
    damage = Damage()
    entered = lost = told = 0
    for index, (is_lost, delay) in enumerate(looks):
        entered += 1
        lost += is_lost
        # Once a window the decoder holds no more than its own delay.
        held = 1 + least if index % WINDOW == 0 else 1 + least + delay
        told += damage.look(entered, entered - lost - held)
        assert told <= lost
    told += damage.end(entered, entered - lost)
    assert told == lost


def test_a_loss_is_told_while_the_stream_runs() -> None:
    damage = Damage()
    told = [damage.look(100 + n, 97 + n - (n >= 2 * WINDOW)) for n in range(4 * WINDOW)]
    assert sum(told) == 1


def test_a_decoder_that_fills_up_has_lost_nothing() -> None:
    damage = Damage()
    told = [damage.look(n, max(0, n - 4)) for n in range(4 * WINDOW)]
    assert sum(told) == 0
