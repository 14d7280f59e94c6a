"""Write the committed surfaces of TensorRT anew.

PYTHONPATH=tests .venv/bin/python tests/toolchain/write_surfaces.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from surfaces.surface import FOLDER
from toolchain.bindings import BINDINGS, CACHE, dump, stub_libraries, unpacked


def write(name: str) -> None:
    """Ask the real bindings, and write what they tell."""
    bindings = BINDINGS[name]
    with tempfile.TemporaryDirectory() as libraries:
        stub_libraries(bindings, Path(libraries))
        told = dump(bindings, unpacked(bindings, CACHE), Path(libraries))
    (FOLDER / f"tensorrt-{name}.json").write_bytes(told)


if __name__ == "__main__":
    for name in BINDINGS:
        write(name)
