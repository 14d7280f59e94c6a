from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.detectors.nms import LIMIT, pairwise_iou, suppress

corner = st.integers(0, 30)
box = st.tuples(corner, corner, st.integers(0, 20), st.integers(0, 20))
rows = st.lists(st.tuples(box, st.integers(0, 9), st.integers(0, 2)), max_size=40)


def _arrays(
    drawn: list[tuple[tuple[int, int, int, int], int, int]],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    boxes = np.array([b for b, _, _ in drawn], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    score = np.array([s / 10 for _, s, _ in drawn], np.float32)
    return boxes, score, np.array([c for _, _, c in drawn], np.int32)


def _iou(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return float(common / union) if union > 0 else 0.0


def _naive(
    boxes: npt.NDArray[np.float32],
    score: npt.NDArray[np.float32],
    classes: npt.NDArray[np.int32],
    iou: float,
) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(score)), key=lambda at: -score[at]):
        rivals = (one for one in kept if classes[one] == classes[index])
        if all(_iou(boxes[one], boxes[index]) <= iou for one in rivals):
            kept.append(index)
    return kept


@given(drawn=rows, iou=st.sampled_from([0.0, 0.3, 0.45, 0.6, 0.9]))
def test_agrees_with_the_greedy_loop(
    drawn: list[tuple[tuple[int, int, int, int], int, int]], iou: float
) -> None:
    boxes, score, classes = _arrays(drawn)
    assert suppress(boxes, score, classes, iou).tolist() == _naive(boxes, score, classes, iou)


@given(drawn=rows)
def test_pairwise_iou_agrees_with_the_formula(
    drawn: list[tuple[tuple[int, int, int, int], int, int]],
) -> None:
    boxes, _, _ = _arrays(drawn)
    expected = [[_iou(a, b) for b in boxes] for a in boxes]
    np.testing.assert_allclose(
        pairwise_iou(boxes, boxes), np.array(expected).reshape(len(boxes), len(boxes)), atol=1e-6
    )


def test_a_chain_keeps_every_other_box() -> None:
    boxes = np.array([[10 * at, 0, 10 * at + 25, 10] for at in range(60)], np.float32)
    score = np.linspace(1, 0.5, 60).astype(np.float32)
    kept = suppress(boxes, score, np.zeros(60, np.int32), 0.4)
    np.testing.assert_array_equal(kept, np.arange(0, 60, 2))


def test_at_most_the_limit_enters_best_first() -> None:
    boxes = np.array([[3 * at, 0, 3 * at + 1, 1] for at in range(LIMIT + 50)], np.float32)
    score = np.linspace(0, 1, LIMIT + 50).astype(np.float32)
    kept = suppress(boxes, score, np.zeros(LIMIT + 50, np.int32), 0.5)
    np.testing.assert_array_equal(kept, np.arange(LIMIT + 50)[::-1][:LIMIT])
