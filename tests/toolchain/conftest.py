"""Exports that several tests look at, each made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gleancam_engines.export.exporting import Exported
from local_hub import local_hub
from made_clip import export_random, save_random_weights

HERE = Path(__file__).parent
LIMIT_S = 900
"""Any test may be the one that waits for an export; a busy machine is no failure."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture(scope="session")
def vit_b_32(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """CLIP ViT-B/32 in full size, both towers, random weights."""
    folder = tmp_path_factory.mktemp("vit-b-32")
    return export_random("ViT-B-32", "openai", folder, name="vit-b-32", text=True)


@pytest.fixture(scope="session")
def exported_vit_b_32(vit_b_32: Exported) -> Path:
    """The model directory of `vit_b_32`."""
    return vit_b_32.directory


DESCRIPTION = """
name = "mobileclip2-s0"
task = "embed"
summary = "MobileCLIP2-S0, to be exported"
licence = "none: random weights"
homepage = ""
decoder = "embedding"
files = [{ name = "image.onnx", sources = [
    { kind = "open_clip", model = "MobileCLIP2-S0", pretrained = "dfndr2b" },
] }]
inputs = [{ name = "image", dtype = "float32", shape = [-1, 3, 256, 256] }]
outputs = [{ name = "image_embedding", dtype = "float32", shape = [-1, 512] }]
preprocess = { height = 256, width = 256, mode = "crop" }
"""
"""What the catalogue says of a model that is exported when it is fetched."""


@pytest.fixture(scope="session")
def exported_mobileclip2_s0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MobileCLIP2-S0, branches merged, both towers, fetched from a hub with random weights."""
    folder = tmp_path_factory.mktemp("mobileclip2-s0")
    served = folder / "hub" / "timm" / "MobileCLIP2-S0-OpenCLIP"
    served.mkdir(parents=True)
    save_random_weights("MobileCLIP2-S0", "dfndr2b", served / "open_clip_pytorch_model.bin")
    described = folder / "described"
    described.mkdir()
    (described / "manifest.toml").write_text(DESCRIPTION, encoding="utf-8")
    with local_hub(folder / "hub") as hub:
        command = [sys.executable, "-m", "gleancam", "models", "fetch", str(described)]
        subprocess.run(
            [*command, "--directory", str(folder)],
            env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(folder / "cache")},
            check=True,
        )
    shutil.rmtree(folder / "hub")
    shutil.rmtree(folder / "cache")
    return folder / "mobileclip2-s0"
