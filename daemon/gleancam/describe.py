"""The retained description of this device: what it is and runs, and never a credential."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from typing import get_args

from gleancam.config.keys import Config
from gleancam.device import board
from gleancam.models import LoadedModels, RunningModel
from gleancam.wire.ensemble_data import EnsembleData
from gleancam.wire.info import CameraInfo, Info, LimitsInfo, ModelInfo
from gleancam.wire.schema_id import schema_id
from gleancam.wire.schemas import SchemaName
from gleancam.wire.times import rfc3339

LIBRARIES = ("gleancam", "numpy", "paho-mqtt")


def describe(config: Config, models: LoadedModels, ensemble: EnsembleData) -> Info:
    """Return the payload of `info`; `ensemble` says how its detectors vote."""
    inline_max_bytes = config.mqtt.inline_max_bytes if config.mqtt else config.spool.max_bytes
    return Info(
        versions=_versions(models),
        board=board(),
        cameras=tuple(
            CameraInfo(
                id=camera.id,
                source=str(type(camera).__struct_config__.tag),
                fps=camera.fps,
                enabled=camera.enabled,
            )
            for camera in config.cameras
        ),
        models=tuple(_model(model) for model in models.running),
        ensemble=ensemble,
        space_id=models.embedder.space_id,
        schemas={name: schema_id(name) for name in get_args(SchemaName)},
        limits=LimitsInfo(
            inline_max_bytes=inline_max_bytes, spool_max_bytes=config.spool.max_bytes
        ),
        ts=rfc3339(time.time_ns()),
    )


def _versions(models: LoadedModels) -> dict[str, str]:
    engines = (model.provenance for model in models.running)
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        **{engine.backend: engine.library for engine in engines},
    }


def _model(model: RunningModel) -> ModelInfo:
    manifest, provenance = model.manifest, model.provenance
    return ModelInfo(
        name=manifest.name,
        role="embedder" if manifest.task == "embed" else "detector",
        sha256=manifest.weights.sha256,
        backend=provenance.backend,
        device=provenance.device,
        precision=provenance.precision,
    )
