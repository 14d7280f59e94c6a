"""Values are checked where they are made, and say what was wrong with them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.thumbnail import THUMBNAIL_SHAPE, luma_thumbnail
from gleancam.types import Decision, EmbeddedFrame, Frame, Reason, Thumbnail
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes


def picture(height: int = 36, width: int = 64, luma: int = 0) -> Planes:
    chroma = ((height + 1) // 2, (width + 1) // 2)
    return Planes(
        np.full((height, width), luma, np.uint8),
        np.zeros(chroma, np.uint8),
        np.zeros(chroma, np.uint8),
        JPEG_COLORIMETRY,
    )


def test_a_thumbnail_has_one_shape_and_dtype() -> None:
    with pytest.raises(ValueError, match=r"must be \(36, 64\) float32, but got \(2, 2\) float64"):
        Thumbnail("a", 0, 0, np.zeros((2, 2)))  # type: ignore[arg-type]


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 255))
def test_a_flat_picture_has_a_flat_thumbnail(height: int, width: int, luma: int) -> None:
    thumbnail = luma_thumbnail(picture(height, width, luma).y)

    assert thumbnail.shape == THUMBNAIL_SHAPE
    assert np.array_equal(thumbnail, np.full(THUMBNAIL_SHAPE, luma, np.float32))
    assert not thumbnail.flags.writeable


def test_a_thumbnail_cell_is_the_mean_of_its_area() -> None:
    rows, columns = THUMBNAIL_SHAPE
    y = np.random.default_rng(0).integers(0, 256, (rows * 10, columns * 10), dtype=np.uint8)
    means = y.reshape(rows, 10, columns, 10).mean(axis=(1, 3))

    assert np.abs(luma_thumbnail(y) - means).max() <= 1


def test_a_frame_makes_its_thumbnail_once_and_passes_its_times_on() -> None:
    frame = Frame("a", 0, 11, 22, picture())

    assert frame.thumbnail is frame.thumbnail
    assert (frame.thumbnail.captured_ns, frame.thumbnail.mono_ns) == (11, 22)


def test_a_frame_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Frame("a", 0, 0, 0, picture()).seq = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("embedding", "complaint"),
    [
        (np.ones((1, 4), np.float32), r"must be \(D,\) float32, but got \(1, 4\) float32"),
        (np.ones(4, np.float64), r"but got \(4,\) float64"),
        (np.ones(4, np.float32), r"norm 1 ± 1e-3, but has 2\.0000"),
        (np.full(4, np.nan, np.float32), "norm"),
    ],
)
def test_an_embedding_is_a_unit_vector(embedding: npt.NDArray[Any], complaint: str) -> None:
    frame = Frame("a", 0, 0, 0, picture())

    with pytest.raises(ValueError, match=complaint):
        EmbeddedFrame(frame, embedding, "space")


def test_a_unit_vector_is_taken() -> None:
    embedding = np.array([0.6, 0.8], np.float32)

    assert EmbeddedFrame(Frame("a", 0, 0, 0, picture()), embedding, "s").embedding is embedding


def test_reasons_are_the_words_of_the_wire() -> None:
    assert {reason.value for reason in Reason} == {
        "novel",
        "scene_change",
        "near",
        "uncertain",
        "random",
        "heartbeat",
        "command",
        "redundant",
        "beyond_band",
        "over_budget",
    }


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_propensity_is_that_of_either_arm(policy: float, random: float) -> None:
    decision = Decision(
        keep=True,
        reason=Reason.NOVEL,
        score=1.0,
        threshold=0.2,
        policy_id="p",
        policy_propensity=policy,
        random_propensity=random,
    )
    assert decision.propensity == pytest.approx(1 - (1 - policy) * (1 - random))
    assert max(policy, random) <= decision.propensity <= 1
