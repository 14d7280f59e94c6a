"""What selectors are shown of a frame."""

from __future__ import annotations

import numpy as np

from gleancam.selectors.observation import Observer
from gleancam.thumbnail import THUMBNAIL_SHAPE
from made_frames import apart, embedded, picture

STILL = 1.0


def test_a_frame_is_still_when_it_is_like_the_one_before_whatever_its_brightness() -> None:
    observer, luma = Observer(STILL), picture(0)
    shown = (luma, luma, 0.8 * luma, picture(1), picture(1))
    stills = [
        observer.observe(embedded(apart(0), at_s, each)).still for at_s, each in enumerate(shown)
    ]
    assert stills == [False, True, True, False, True]


def test_a_picture_of_one_colour_is_featureless() -> None:
    grey = np.full(THUMBNAIL_SHAPE, 120, np.float32)
    observer = Observer(STILL)
    assert observer.observe(embedded(apart(0), 0, grey)).featureless
    assert not observer.observe(embedded(apart(0), 1, picture(0))).featureless


def test_it_carries_the_frame_s_times_and_embedding() -> None:
    frame = embedded(apart(0.3), 2.5)
    seen = Observer(STILL).observe(frame)
    assert (seen.camera_id, seen.mono_ns, seen.space_id) == ("gate", 2_500_000_000, "space")
    assert seen.embedding is frame.embedding
