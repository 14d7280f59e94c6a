"""What the baselines see of a video: one pass over its frames, kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.cache import key, load_arrays, of_file, save_arrays
from bench.detectors import Detector, bgr, downscaled, foreground_share, versions
from bench.embeddings import VideoEmbeddings
from gleancam.replay import Sampling
from gleancam.sources.video import read_video
from gleancam.thumbnail import luma_thumbnail

_VERSION = "2"
"""Raise when this file computes something else."""


@dataclass(frozen=True, eq=False)
class Features:
    """All arrays of one pass.

    Attributes:
        times_s: `(F,)` float64, of every frame.
        sampled: `(N,)` int64, the frames that baselines choose from, at the rate asked for.
        thumbnails: `(N, 36, 64)` uint8, of the sampled frames.
        foreground: `(N,)` float64, MOG2's share of foreground pixels, 0…1.
        content: frames that PySceneDetect's ContentDetector calls cuts.
        adaptive: the same of its AdaptiveDetector.
    """

    times_s: npt.NDArray[np.float64]
    sampled: npt.NDArray[np.int64]
    thumbnails: npt.NDArray[np.uint8]
    foreground: npt.NDArray[np.float64]
    content: npt.NDArray[np.int64]
    adaptive: npt.NDArray[np.int64]


def features(
    video: Path, embeddings: VideoEmbeddings, fps: float, tick: Callable[[], None]
) -> Features:
    """Look at every frame once; embed the sampled ones."""
    name = key("features", _VERSION, of_file(video), embeddings.space_id, str(fps), versions())
    arrays = load_arrays(name)
    if not arrays:
        arrays = _look(video, embeddings, fps, tick)
        embeddings.save()
        save_arrays(name, arrays)
    return Features(**arrays)


def _look(
    video: Path, embeddings: VideoEmbeddings, fps: float, tick: Callable[[], None]
) -> dict[str, npt.NDArray[Any]]:
    share = foreground_share()
    content, adaptive = Detector("content"), Detector("adaptive")
    sampling = Sampling(fps)
    times_s: list[float] = []
    sampled: list[int] = []
    thumbnails: list[npt.NDArray[np.uint8]] = []
    foreground: list[float] = []
    frames = read_video(video)
    for frame in frames:
        tick()
        picture = downscaled(bgr(frame.planes))
        content.look(frame.index, picture)
        adaptive.look(frame.index, picture)
        moving = share(picture)
        times_s.append(frame.t_s)
        if sampling.takes(frame.t_s):
            sampled.append(frame.index)
            thumbnails.append(luma_thumbnail(frame.planes.y).astype(np.uint8))
            foreground.append(moving)
            embeddings.of(frame)
    return {
        "times_s": np.array(times_s),
        "sampled": np.array(sampled, np.int64),
        "thumbnails": np.stack(thumbnails),
        "foreground": np.array(foreground),
        "content": np.array(content.cuts, np.int64),
        "adaptive": np.array(adaptive.cuts, np.int64),
    }
