"""What the machine has, in a line: `python -m gpu.facts driver|nvcc|pycuda|tensorrt`."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from gleancam_engines.cuda._pycuda import load_pycuda
from gleancam_engines.cuda.driver import probe
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.kernels.build import find_nvcc
from gleancam_engines.trt.library import load_tensorrt
from gpu.step import NOT_HERE


def driver() -> str:
    device = probe()
    memory_gib = device.memory_bytes / 2**30
    return f"{device.name}, {device.id}, {memory_gib:.0f} GiB, driver of CUDA {device.driver}"


def nvcc() -> str:
    told = subprocess.run([find_nvcc(), "--version"], capture_output=True, text=True, check=True)
    return told.stdout.split("release ")[1].split(",")[0]


def pycuda() -> str:
    """Build it where it is missing: its sdist needs nvcc, the toolkit's headers and stubs."""
    if importlib.util.find_spec("pycuda") is None:
        build_pycuda()
    load_pycuda()
    text: str = importlib.import_module("pycuda").VERSION_TEXT
    return text


def build_pycuda() -> None:
    toolkit = find_nvcc().resolve().parents[1]
    places = {"CPATH": "include", "LIBRARY_PATH": "lib64", "PATH": "bin"}
    environment = {
        name: f"{toolkit / folder}:{os.environ.get(name, '')}" for name, folder in places.items()
    }
    environment["LIBRARY_PATH"] += f":{toolkit / 'lib64' / 'stubs'}"
    wheels = os.environ.get("WHEELS")
    found = ["--find-links", wheels] if wheels else []
    command = [sys.executable, "-m", "pip", "install", "--quiet", *found, "pycuda"]
    subprocess.run(command, env={**os.environ, **environment}, stdout=sys.stderr, check=True)
    importlib.invalidate_caches()


def tensorrt() -> str:
    return str(load_tensorrt().__version__)


FACTS: Mapping[str, Callable[[], str]] = {
    "driver": driver,
    "nvcc": nvcc,
    "pycuda": pycuda,
    "tensorrt": tensorrt,
}


def main() -> int:
    try:
        figure = FACTS[sys.argv[1]]()
    except BackendUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_HERE
    sys.stdout.write(f"{figure}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
