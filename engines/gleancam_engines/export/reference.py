"""The runtime that exports are checked on: ONNX Runtime in fp32, which every install has."""

from __future__ import annotations

import os
from pathlib import Path

from gleancam_engines.base import Engine
from gleancam_engines.manifest import Manifest
from gleancam_engines.onnxruntime_ import open_onnxruntime


def open_reference(directory: Path, manifest: Manifest) -> Engine:
    """Open a model on all cores of this machine.

    Raises:
        ModelFileError: the file is missing, has the wrong hash, or is no model.
    """
    return open_onnxruntime(directory, manifest, threads=os.cpu_count() or 1)
