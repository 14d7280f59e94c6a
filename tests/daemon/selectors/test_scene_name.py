from __future__ import annotations

import numpy as np

from gleancam.selectors.scene_name import SceneNamer
from gleancam.selectors.zero_shot import UNKNOWN, ZeroShotClassifier
from gleancam.types import SceneChange
from made_frames import SECOND_NS, observed, unit

DAY, NIGHT = unit(1, 0), unit(0, 1)
CLASSES = ZeroShotClassifier(("day", "night"), np.stack([DAY, NIGHT]), 10.0, None, 0.5, 0.1, 0.2)
CHANGE = SceneChange("gate", "s", 9 * SECOND_NS, 10 * SECOND_NS, 0.9, 0.25, "gradual")


def shown(*embeddings: tuple[float, float], featureless: bool = False) -> SceneNamer:
    """Show one frame a second, the change ending at the eleventh, 10 s."""
    namer = SceneNamer(CLASSES)
    for at_s, embedding in enumerate(embeddings):
        namer.learn(observed(unit(*embedding), at_s, featureless=featureless))
    return namer


def test_a_scene_is_named_by_the_first_frames_after_the_change() -> None:
    film = [(1.0, 0.0)] * 10 + [(0.0, 1.0)] * 3 + [(1.0, 0.0)] * 5
    assert shown(*film).named(CHANGE).label == "night"


def test_one_odd_frame_does_not_decide() -> None:
    film = [(1.0, 0.0)] * 10 + [(0.9, 0.5), (0.0, 1.0), (0.0, 1.0)]
    assert shown(*film).named(CHANGE).label == "night"


def test_what_is_like_nothing_is_unknown() -> None:
    assert shown(*[(-1.0, -1.0)] * 13).named(CHANGE).label == UNKNOWN
    assert shown(*[(1.0, 1.0)] * 13).named(CHANGE).label == UNKNOWN


def test_pictures_of_one_colour_do_not_count() -> None:
    assert shown(*[(0.0, 1.0)] * 13, featureless=True).named(CHANGE).label == UNKNOWN


def test_without_a_frame_after_it_the_scene_is_unknown_and_all_else_stays() -> None:
    named = shown((1.0, 0.0)).named(CHANGE)
    assert (named.label, named.scene_id, named.distance) == (UNKNOWN, "s", 0.9)


def test_what_is_remembered_is_bounded() -> None:
    namer = shown(*[(1.0, 0.0)] * 500)
    assert len(namer._latest) <= 128
