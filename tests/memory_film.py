"""A film of places and of people who come and go, as embeddings, and a `Gleaner` that sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count

import numpy as np

from gleancam.config.keys import FileCamera
from gleancam.config.selection_keys import Gate, Novelty, Scene, Selection
from gleancam.glean import Gleaner
from gleancam.types import Note, Pending
from gleancam_engines.planes import Float32Array, Planes
from made_frames import SECOND_NS, frame, picture

DIMENSION = 32
CAMERAS = ("a", "b")


class Film:
    """Embeddings by second: places that return, each with a visitor who drifts through.

    Every picture carries its second in two pixels, so that `embed` finds its embedding.
    """

    def __init__(self, seconds: int, seed: int = 0, *, places: int = 6) -> None:
        rng = np.random.default_rng(seed)
        homes = rng.normal(size=(places, DIMENSION))
        visits = rng.integers(0, places, seconds // 10 + 1)
        drift = np.cumsum(0.25 * rng.normal(size=(seconds, DIMENSION)), axis=0)
        drift -= drift[np.arange(seconds) // 40 * 40]
        rows = homes[visits[np.arange(seconds) // 10]] + drift
        rows += 0.02 * rng.normal(size=rows.shape)
        rows[seconds // 2 :] = rows[: seconds - seconds // 2] + 0.02
        self.rows = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
        self._luma = picture(1)

    def __len__(self) -> int:
        return len(self.rows)

    def pending(self, second: int, camera_id: str = "a", mono_offset_ns: int = 0) -> Pending:
        luma = self._luma.copy()
        luma[0, 0], luma[0, 1] = second // 200, second % 200
        shown = frame(luma, mono_offset_ns + second * SECOND_NS, camera_id, second)
        return Pending(camera_id, shown, ())

    def embed(self, pictures: Sequence[Planes]) -> Float32Array:
        seconds = [int(each.y[0, 0]) * 200 + int(each.y[0, 2]) for each in pictures]
        return self.rows[seconds]


def gleaner(
    film: Film,
    notes: Iterable[Note] = (),
    *,
    new_id: Callable[[], str] | None = None,
    novelty: Novelty | None = None,
    space_id: str = "space",
    cameras: Sequence[str] = CAMERAS,
) -> Gleaner:
    numbers = count()
    return Gleaner(
        Selection(
            gate=Gate(enabled=False),
            novelty=novelty or Novelty(capacity=256),
            scene=Scene(enabled=False),
        ),
        [FileCamera(id=camera_id, path="x") for camera_id in cameras],
        film.embed,
        space_id,
        new_id or (lambda: f"sample-{next(numbers)}"),
        "policy",
        8,
        notes,
    )
