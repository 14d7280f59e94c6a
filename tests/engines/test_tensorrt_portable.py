"""A plan that newer TensorRTs load too brings code for the CPU, which has to be allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.loading import open_engine
from gleancam_engines.trt.settings import Settings, write_settings
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import SIDE, projection, write_model
from surfaces.surface import TENSORRT_VERSIONS


@pytest.mark.parametrize("version", TENSORRT_VERSIONS)
def test_a_version_compatible_plan_is_built_and_run(
    version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    directory = write_model(tmp_path / "projection", projection())
    write_settings(directory, Settings(version_compatible=True))
    given = {"image": np.random.default_rng(0).random((1, 3, SIDE, SIDE), np.float32)}
    with simulated_gpu(monkeypatch, version):
        assert compile_here(directory).key.version_compatible
        engine = open_engine(directory, on_gpu())
        out = engine.infer(given)["embedding"]
        engine.close()
    assert out.shape == (1, 8)
    assert np.isfinite(out).all()
