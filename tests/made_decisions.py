"""Decision logs made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gleancam.config.keys import Camera, TestCamera
from gleancam.config.selection_keys import Selection
from gleancam.decisions.epoch import Epoch, encode, logged_cameras, raw
from gleancam.decisions.record import Logged, LoggedFrame
from gleancam.decisions.record import encode as encode_record
from gleancam.decisions.ring import Ring
from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason, SceneChange
from gleancam_engines.planes import Float32Array

CAMERA = TestCamera(id="gate")
SPACE = "space-1"


def made_epoch(
    dimension: int = 8,
    *,
    selection: Selection | None = None,
    cameras: tuple[Camera, ...] = (CAMERA,),
    run_id: str = "run-1",
    remembered: int = 0,
) -> Epoch:
    return Epoch(
        run_id=run_id,
        boot_id="boot",
        began_ns=1,
        site="yard",
        device="d-1",
        embedder="tiny-vit-5m",
        space_id=SPACE,
        dimension=dimension,
        policy_id="policy",
        remembered=remembered,
        cameras=logged_cameras(cameras),
        selection=raw(selection or Selection()),
        version="0",
    )


def direction(seed: int, dimension: int = 8) -> Float32Array:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    scaled: Float32Array = vector / np.float32(np.linalg.norm(vector))
    return scaled


def made_frame(
    seed: int = 0,
    dimension: int = 8,
    *,
    camera: str = "gate",
    at_ns: int | None = None,
    sample_id: str | None = None,
    changes: tuple[SceneChange, ...] = (),
    embedding: Float32Array | None = None,
) -> LoggedFrame:
    now_ns = seed * 10**9 if at_ns is None else at_ns
    vector = direction(seed, dimension) if embedding is None else embedding
    observation = Observation(camera, now_ns, now_ns, vector, SPACE, still=seed % 2 == 1)
    decision = Decision(
        keep=sample_id is not None,
        reason=Reason.NOVEL if sample_id else Reason.REDUNDANT,
        score=0.25,
        threshold=0.2,
        policy_id="policy",
        percentile=0.5,
    )
    return LoggedFrame(observation, decision, "scene-1", changes, sample_id)


def write_log(
    folder: Path, records: list[Logged], epoch: Epoch, max_bytes: int = 64_000_000
) -> None:
    """One process's life."""
    ring = Ring(folder, max_bytes, encode(epoch))
    bodies = [encode_record(record) for record in records]
    while bodies:
        bodies = bodies[ring.append(bodies) :]
    ring.close()
