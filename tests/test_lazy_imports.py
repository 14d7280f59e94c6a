"""Importing all of our modules loads no heavy library: each enters when it is first needed.

So `gleancam check` answers at once, a machine without a GPU needs no GPU library, and a missing
library is one clear error of the part that needs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from layers import modules

ENTRIES = (
    "gleancam.sinks._paho",
    "gleancam.sinks._paho_client",
    "gleancam.sinks.mqtt_connection",  # what `_paho` is made for; imported when a session begins
    "gleancam_upstream.connection",
)
"""Modules that import a heavy library at their top; whoever needs them imports them late."""
HEAVY = (
    "gi",
    "paho",
    "tensorrt",
    "pycuda",
    "onnxruntime",
    "openvino",
    "torch",
    "open_clip",
    "onnx",
    "scipy",
)

PROGRAM = """
import importlib, json, sys
for name in json.load(sys.stdin):
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(names: list[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(names),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_importing_everything_loads_nothing_heavy() -> None:
    names = sorted(set(modules()) - set(ENTRIES))
    assert len(names) > 100

    assert loaded_by(names) & set(HEAVY) == set()


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_exception_is_one(entry: str) -> None:
    assert "paho" in loaded_by([entry])


def test_modules_are_found() -> None:
    assert modules()["gleancam.stage"].name == "stage.py"
    assert modules()["gleancam_engines"].name == "__init__.py"
    assert all(isinstance(path, Path) for path in modules().values())
