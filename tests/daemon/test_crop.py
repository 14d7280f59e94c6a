"""Parts of pictures, and what is embedded of a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.batching import Batches
from gleancam.crop import crop
from gleancam.embedding import embed_frames
from gleancam_engines.errors import TensorError
from gleancam_engines.planes import Float32Array, Planes
from made_frames import COLORIMETRY, frame, picture

PLACES = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)


def numbered(height: int, width: int) -> Planes:
    y = np.arange(height * width).reshape(height, width).astype(np.uint8)
    chroma = np.arange(((height + 1) // 2) * ((width + 1) // 2)).astype(np.uint8)
    shape = ((height + 1) // 2, (width + 1) // 2)
    return Planes(y, chroma.reshape(shape), chroma.reshape(shape).copy(), COLORIMETRY)


@given(st.integers(1, 40), st.integers(1, 40), PLACES, PLACES)
def test_a_part_is_a_picture_of_the_very_pixels(
    height: int, width: int, across: list[float], down: list[float]
) -> None:
    whole = numbered(height, width)
    part = crop(whole, (across[0], down[0], across[1], down[1]))
    assert part.height <= height
    assert part.width <= width
    rows, columns = whole.u.shape
    row, column = min(int(down[0] * rows), rows - 1), min(int(across[0] * columns), columns - 1)
    wanted = whole.y[2 * row : 2 * row + part.height, 2 * column : 2 * column + part.width]
    np.testing.assert_array_equal(part.y, wanted)
    assert part.u[0, 0] == whole.u[row, column]
    assert not np.shares_memory(part.y, whole.y)


def test_the_whole_is_a_part() -> None:
    whole = numbered(7, 9)
    np.testing.assert_array_equal(crop(whole, (0, 0, 1, 1)).y, whole.y)


class Embedder:
    """Embeds a picture as its size, and cannot take small ones when told so."""

    def __init__(self, least: int = 0) -> None:
        self.batches: list[int] = []
        self._least = least

    def __call__(self, pictures: Sequence[Planes]) -> Float32Array:
        self.batches.append(len(pictures))
        if any(each.width < self._least for each in pictures):
            raise TensorError("too small")
        rows = np.array([[each.width, each.height] for each in pictures], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


HALF = (0.0, 0.0, 0.5, 1.0)
SLIVER = (0.0, 0.0, 0.05, 1.0)


def test_frames_and_parts_share_batches_and_find_their_rows() -> None:
    embedder = Embedder()
    first, second = frame(picture(0), 0, "a"), frame(picture(1), 0, "b")
    found = embed_frames([(first, [HALF, SLIVER]), (second, [])], Batches(embedder, 8))
    assert embedder.batches == [4]
    whole = np.array([128, 72], np.float32) / np.linalg.norm([128, 72])
    np.testing.assert_allclose(np.asarray(found["a"].whole, np.float32), whole, rtol=1e-6)
    half, sliver = found["a"].parts
    assert (half.box, sliver.box) == (HALF, SLIVER)
    assert half.embedding[0] < whole[0]
    assert found["b"].parts == ()


def test_a_part_that_cannot_be_embedded_is_left_out_and_costs_nothing_else() -> None:
    shown = frame(picture(0), 0, "a")
    found = embed_frames([(shown, [SLIVER, HALF])], Batches(Embedder(least=20), 8))
    assert [part.box for part in found["a"].parts] == [HALF]
    assert not isinstance(found["a"].whole, str)


def test_a_frame_that_cannot_be_embedded_says_why() -> None:
    shown = frame(picture(0), 0, "a")
    found = embed_frames([(shown, [])], Batches(Embedder(least=1000), 8))
    assert found["a"].whole == "too small"


@pytest.mark.parametrize(("grey", "featureless"), [(True, True), (False, False)])
def test_a_part_of_one_colour_is_known_for_it(grey: bool, featureless: bool) -> None:  # noqa: FBT001
    luma = np.full_like(picture(0), 90) if grey else picture(0)
    found = embed_frames([(frame(luma, 0, "a"), [HALF])], Batches(Embedder(), 8))
    assert found["a"].parts[0].featureless is featureless
