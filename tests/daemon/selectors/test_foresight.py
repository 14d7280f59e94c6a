"""What was foreseen is answered as what was not, whatever is written in between."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.vectors import VectorTable
from gleancam_engines.planes import Float32Array

CAPACITY = 12


def rows(count: int, seed: int) -> list[Float32Array]:
    drawn = np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)
    return list(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@given(
    actions=st.lists(st.sampled_from(["ask", "put", "free", "foresee", "forget"]), max_size=60),
    seed=st.integers(0, 999),
)
def test_a_table_that_foresees_answers_as_one_that_does_not(actions: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain, foreseeing = VectorTable(CAPACITY), VectorTable(CAPACITY)
    vectors = rows(30, seed)
    for action in actions:
        vector = vectors[int(rng.integers(30))]
        used = np.flatnonzero(plain.used)
        if action == "put" and len(plain) < CAPACITY:
            assert plain.put(vector) == foreseeing.put(vector)
        elif action == "free" and used.size:
            gone = rng.choice(used, size=min(2, used.size), replace=False).tolist()
            plain.free(gone)
            foreseeing.free(iter(gone))
        elif action == "foresee":
            foreseeing.foresee(vectors[: int(rng.integers(0, 30))])
        elif action == "forget":
            foreseeing.foresee([])
        for asked in (vector, vectors[0], vectors[29]):
            np.testing.assert_allclose(
                foreseeing.distances(asked), plain.distances(asked), atol=1e-5
            )


def test_a_large_table_is_answered_in_blocks_as_by_one_product() -> None:
    drawn = np.random.default_rng(0).normal(size=(333, 5)).astype(np.float32)
    vectors = list(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
    table = VectorTable(300)
    for vector in vectors[:299]:
        table.put(vector)
    table.foresee(vectors)
    found = np.stack([table.distances(vector) for vector in vectors])
    np.testing.assert_allclose(found, table.all_distances(np.stack(vectors)), atol=1e-5)
