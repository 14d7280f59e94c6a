"""Exports that several tests look at, each made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gleancam_engines.export.exporting import Exported
from made_clip import export_random

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


@pytest.fixture(scope="session")
def mobileclip2_s0(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """MobileCLIP2-S0, image tower, branches merged, random weights."""
    folder = tmp_path_factory.mktemp("mobileclip2-s0")
    return export_random("MobileCLIP2-S0", "dfndr2b", folder, name="mobileclip2-s0", text=False)


@pytest.fixture(scope="session")
def exported_mobileclip2_s0(mobileclip2_s0: Exported) -> Path:
    """The model directory of `mobileclip2_s0`."""
    return mobileclip2_s0.directory
