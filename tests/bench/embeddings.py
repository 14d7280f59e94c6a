"""The product's embeddings of a video's frames, each computed once and kept between runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.cache import key, load_arrays, of_file, save_arrays
from gleancam.sources.video import VideoFrame
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.planes import Float32Array, Planes

MODEL = "tiny-vit-5m"
_THREADS = 2


class Model:
    """The embedder, opened when something must be computed."""

    def __init__(self, models: Path) -> None:
        self._directory = models / MODEL
        self.space_id = load(self._directory).space_id

    @cached_property
    def embedder(self) -> Embedder:
        return open_embedder(self._directory, Opening(threads=_THREADS))


class VideoEmbeddings:
    """Embeddings of one video by frame number; works as the `embed` of a replay.

    A picture is known by being the very object that `watch` gave out last; any other (a crop) is
    computed anew each time.

    Attributes:
        key: names video and space.
    """

    def __init__(self, video: Path, model: Model) -> None:
        self.space_id = model.space_id
        self._model = model
        self.key = key("embeddings", of_file(video), model.space_id)
        arrays = load_arrays(self.key)
        pairs = zip(arrays["frames"], arrays["rows"], strict=True) if arrays else ()
        self._rows: dict[int, Float32Array] = {int(frame): row for frame, row in pairs}
        self._saved = len(self._rows)
        self._shown: VideoFrame | None = None

    def watch(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Pass frames on, and know which one is being looked at."""
        for frame in frames:
            self._shown = frame
            yield frame

    def __call__(self, pictures: Sequence[Planes]) -> Float32Array:
        """Return `(N, D)` float32 rows of norm 1."""
        return np.stack([self._row(picture) for picture in pictures])

    def of(self, frame: VideoFrame) -> Float32Array:
        """Return the `(D,)` float32 embedding of a frame."""
        return self._once(frame.index, lambda: self._compute(frame.planes))

    def rows(self, frames: Sequence[int]) -> Float32Array:
        """Return `(N, D)` float32: what is known of these frames."""
        return np.stack([self._rows[frame] for frame in frames])

    def save(self) -> None:
        """Keep what is new."""
        if len(self._rows) > self._saved:
            frames = sorted(self._rows)
            save_arrays(self.key, {"frames": np.array(frames), "rows": self.rows(frames)})
            self._saved = len(self._rows)

    def _row(self, picture: Planes) -> Float32Array:
        shown = self._shown
        if shown is not None and picture is shown.planes:
            return self.of(shown)
        return self._compute(picture)

    def _once(self, frame: int, make: Callable[[], Float32Array]) -> Float32Array:
        if frame not in self._rows:
            self._rows[frame] = make()
        return self._rows[frame]

    def _compute(self, picture: Planes) -> Float32Array:
        row: Float32Array = self._model.embedder.embed([picture])[0]
        return row
