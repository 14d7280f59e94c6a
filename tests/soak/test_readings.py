from __future__ import annotations

import os
import tempfile

import pytest

from soak.readings import process, quantile

BEFORE = {0.5: 10, 1.0: 10, float("inf"): 10}
NOW = {0.5: 15, 1.0: 20, float("inf"): 20}


@pytest.mark.parametrize(("share", "value"), [(0.5, 0.5), (0.25, 0.25), (1.0, 1.0), (0.75, 0.75)])
def test_a_quantile_is_of_what_came_since(share: float, value: float) -> None:
    assert quantile(BEFORE, NOW, share) == pytest.approx(value)


def test_no_quantile_when_nothing_came() -> None:
    assert quantile(NOW, NOW, 0.5) is None
    assert quantile({}, {}, 0.5) is None


def test_what_lies_beyond_the_last_edge_counts_as_that_edge() -> None:
    assert quantile({}, {1.0: 1, float("inf"): 10}, 0.9) == 1.0


def test_an_open_file_is_a_descriptor_more() -> None:
    before = process(os.getpid())
    with tempfile.TemporaryFile():
        assert process(os.getpid()).descriptors == before.descriptors + 1
    assert before.rss_mb > 1
    assert before.threads >= 1
