"""Coverage against its definition, frame by frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gleancam.whatif.coverage import cover


@given(
    count=st.integers(1, 40),
    kept=st.sets(st.integers(0, 39)),
    radius=st.floats(0.05, 1.5),
    seed=st.integers(0, 999),
)
def test_it_is_what_it_says(count: int, kept: set[int], radius: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cameras = rng.choice(np.array(["a", "b"]), count)
    chosen = sorted(each for each in kept if each < count)

    found = cover(rows, cameras, chosen, radius)

    redundant = 0
    for index in range(count):
        own = [each for each in chosen if cameras[each] == cameras[index]]
        distances = {each: float(1 - rows[index] @ rows[each]) for each in own}
        assert abs(found.nearest[index] - min(distances.values(), default=2.0)) < 1e-5
        near = [each for each in own if distances[each] < radius - 1e-6]
        maybe = [each for each in own if distances[each] < radius + 1e-6]
        assert found.covered_by[index] in {*near[:1], *(maybe if not near else maybe[:1]), -1}
        assert (found.covered_by[index] == -1) <= (not near)
        redundant += index in chosen and any(each != index for each in near)
    assert abs(found.redundant - redundant) <= sum(
        abs(float(1 - rows[a] @ rows[b]) - radius) < 1e-5 for a in chosen for b in chosen
    )
    assert found.share == float((found.covered_by >= 0).mean())
    assert found.farthest == float(found.nearest.max())
