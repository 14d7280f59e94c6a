from __future__ import annotations

import numpy as np

from gleancam.config.selection_keys import Scene
from gleancam.selectors.scene import SceneDetector
from gleancam.types import EmbeddedFrame, SceneChange
from gleancam_engines.planes import Float32Array
from made_frames import SECOND_NS, apart, frame, ids, picture, thumbnail

ROOM, STREET = picture(1), picture(2)
STEP_NS = SECOND_NS // 25


class Camera:
    """Shows pictures, 25 a second, embeds each, and keeps those it is told to."""

    def __init__(self) -> None:
        self.detector = SceneDetector(Scene(), "gate", ids())
        self.changes: list[SceneChange] = []
        self._now_ns = 0

    def shows(self, luma: Float32Array, frames: int, keeps: dict[int, str] | None = None) -> None:
        for at in range(frames):
            self._now_ns += STEP_NS
            self.detector.look(thumbnail(luma, self._now_ns))
            embedding = apart(0.8 if luma is STREET else 0.0)
            embedded = EmbeddedFrame(frame(luma, self._now_ns), embedding, "space")
            self.changes += self.detector.confirm(embedded)
            if keeps and at in keeps:
                self.detector.keep(embedded, keeps[at])

    def pauses(self, seconds: int) -> None:
        self._now_ns += seconds * SECOND_NS


def test_a_change_tells_of_the_scene_that_ended() -> None:
    camera = Camera()
    first_id = camera.detector.scene_id
    camera.shows(ROOM, 20, keeps={3: "a", 5: "b"})
    camera.shows(STREET, 20)
    (change,) = camera.changes
    record = change.ended_scene
    assert record is not None
    assert record.scene_id == first_id != change.scene_id == camera.detector.scene_id
    assert (record.started_ns, record.ended_ns) == (STEP_NS, 21 * STEP_NS)
    assert record.ended_ns == change.started_ns
    assert record.duration_s == 20 / 25
    assert record.representative_id == "a"


def test_what_is_kept_of_the_new_scene_before_it_is_certain_stands_for_neither() -> None:
    camera = Camera()
    camera.shows(ROOM, 20)
    camera.shows(STREET, 20, keeps={1: "early", 15: "clear"})
    camera.shows(ROOM, 20)
    first, second = (change.ended_scene for change in camera.changes)
    assert first is not None
    assert second is not None
    assert first.representative_id is None
    assert second.representative_id == "clear"


def test_an_interruption_ends_a_scene_at_its_last_picture() -> None:
    camera = Camera()
    camera.shows(ROOM, 20, keeps={0: "a"})
    camera.pauses(60)
    camera.shows(ROOM, 5)
    (change,) = camera.changes
    record = change.ended_scene
    assert change.kind == "discontinuity"
    assert change.distance is None
    assert record is not None
    assert record.representative_id == "a"
    assert record.ended_ns == 20 * STEP_NS
    assert record.duration_s == 19 / 25


def test_an_interruption_is_told_even_if_nothing_else_happens() -> None:
    camera = Camera()
    camera.shows(ROOM, 20)
    camera.pauses(60)
    assert not camera.detector.open
    camera.detector.look(thumbnail(ROOM, 90 * SECOND_NS))
    assert camera.detector.open


def test_pictures_that_always_differ_are_no_flood() -> None:
    detector = SceneDetector(Scene(), "gate", ids())
    rng = np.random.default_rng(4)
    changes: list[SceneChange] = []
    for at in range(1, 300):
        luma = picture(int(rng.integers(1000)))
        detector.look(thumbnail(luma, at * STEP_NS))
        embedding = apart(float(rng.uniform(0, 0.9)))
        shown = EmbeddedFrame(frame(luma, at * STEP_NS), embedding, "space")
        changes += detector.confirm(shown)
    assert len(changes) <= 1
