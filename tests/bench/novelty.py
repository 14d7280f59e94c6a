"""The product's whole-frame novelty alone, its threshold varied: what it keeps at other budgets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.cache import key, of_file, of_sources, remembered
from bench.embeddings import VideoEmbeddings
from bench.features import Features
from bench.product import SOURCES
from gleancam.config.keys import Config, FileCamera, Health
from gleancam.config.selection_keys import Gate, Novelty, Random, Regions, Scene, Selection
from gleancam.replay import Replay
from gleancam.sources.video import VideoFrame
from gleancam_engines.planes import Colorimetry, Float32Array, Matrix, Planes, Range, UInt8Array

THRESHOLDS = tuple(float(each) for each in np.geomspace(0.02, 0.8, 12))
_STEPS = 12
_CAMERA = FileCamera(id="video", path="video")


def sweep(seen: Features, embeddings: VideoEmbeddings) -> list[list[int]]:
    """What each of `THRESHOLDS` keeps."""
    name = key("sweep", embeddings.key, of_sources(*SOURCES), of_file(Path(__file__)))
    kept: list[list[int]] = remembered(
        name, lambda: [kept_at(seen, embeddings, threshold) for threshold in THRESHOLDS]
    )
    return kept


def kept_at(seen: Features, embeddings: VideoEmbeddings, threshold: float) -> list[int]:
    """Replay the sampled frames at that threshold, without gate and scenes."""
    selection = Selection(
        gate=Gate(enabled=False),
        novelty=Novelty(threshold=threshold),
        regions=Regions(enabled=False),
        scene=Scene(enabled=False),
        random=Random(enabled=False),
    )
    config = Config(
        site="bench",
        device="bench",
        cameras=(_CAMERA,),
        selection=selection,
        health=Health(enabled=False),
    )
    pictures = [_picture(luma) for luma in seen.thumbnails]
    rows = embeddings.rows(list(seen.sampled))
    embed = _Lookup(pictures, rows)
    frames = (
        VideoFrame(at, float(seen.times_s[number]), pictures[at])
        for at, number in enumerate(seen.sampled)
    )
    replay = Replay(config, _CAMERA, embed, embeddings.space_id, fps=None)
    report = replay.run(frames, lambda _: None)
    return [int(seen.sampled[judged.frame]) for judged in report.decisions if judged.decision.keep]


def kept_within_budget(seen: Features, embeddings: VideoEmbeddings, budget: int) -> list[int]:
    """What the threshold keeps that keeps as many as `budget` frames, or next fewer."""
    name = key("bisected", embeddings.key, of_sources(*SOURCES), of_file(Path(__file__)))
    kept: list[int] = remembered(f"{name}-{budget}", lambda: _bisected(seen, embeddings, budget))
    return kept


def _bisected(seen: Features, embeddings: VideoEmbeddings, budget: int) -> list[int]:
    low, high = THRESHOLDS[0] / 4, 1.0
    best: list[int] = []
    for _ in range(_STEPS):
        middle = (low + high) / 2
        kept = kept_at(seen, embeddings, middle)
        if len(kept) > budget:
            low = middle
        else:
            high = middle
            best = max(best, kept, key=len)
    return best


class _Lookup:
    """Knows the embeddings of these very pictures."""

    def __init__(self, pictures: Sequence[Planes], rows: Float32Array) -> None:
        self._rows = {id(picture): row for picture, row in zip(pictures, rows, strict=True)}

    def __call__(self, pictures: Sequence[Planes]) -> Float32Array:
        return np.stack([self._rows[id(picture)] for picture in pictures])


def _picture(luma: UInt8Array) -> Planes:
    """Make a picture whose thumbnail is `luma`: averaging over areas of one pixel."""
    rows, columns = luma.shape
    grey = np.full((rows // 2, columns // 2), 128, np.uint8)
    return Planes(luma, grey, grey, Colorimetry(Matrix.BT601, Range.LIMITED))
