"""Compile `preprocess.cu` for a device with the CUDA toolkit's own compiler."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from gleancam_engines.errors import BackendUnavailableError

SOURCE = Path(__file__).with_name("preprocess.cu")

TIMEOUT_S = 300.0
"""A second on a workstation; a busy board with an SD card gets time."""

_ARGUMENTS = ("-cubin", "-O3", "-std=c++17", "-Werror", "all-warnings")


def source_sha256() -> str:
    """Return the hash of the source, for the key of what was compiled from it."""
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()


def build_cubin(compute_capability: tuple[int, int]) -> bytes:
    """Return the compiled source for devices of this compute capability, such as `(8, 7)`.

    Raises:
        BackendUnavailableError: there is no nvcc, or it failed, took too long or wrote nothing.
    """
    nvcc = str(find_nvcc())
    with tempfile.TemporaryDirectory(prefix="gleancam-kernels-") as folder:
        target = Path(folder) / "preprocess.cubin"
        _run(nvcc, compute_capability, target)
        if not target.exists():
            raise BackendUnavailableError(
                f"{nvcc} said nothing and wrote no machine code; reinstall the CUDA toolkit"
            )
        return target.read_bytes()


def find_nvcc() -> Path:
    """Return the compiler: that of `CUDA_HOME`, else on `PATH`, else where JetPack puts it.

    Raises:
        BackendUnavailableError: it is in none of them.
    """
    home = os.environ.get("CUDA_HOME")
    places = [f"{home}/bin"] if home else [os.environ.get("PATH", ""), "/usr/local/cuda/bin"]
    for place in places:
        if found := shutil.which("nvcc", path=place):
            return Path(found)
    raise BackendUnavailableError(
        f"nvcc, which compiles preprocessing for the GPU, is not in {':'.join(places)}; "
        "install the CUDA toolkit (JetPack: apt install cuda-toolkit) or point CUDA_HOME at it"
    )


def _run(nvcc: str, compute_capability: tuple[int, int], target: Path) -> None:
    major, minor = compute_capability
    architecture = f"sm_{major}{minor}"
    command = [nvcc, *_ARGUMENTS, f"-arch={architecture}", "-o", str(target), str(SOURCE)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            cwd=target.parent,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendUnavailableError(
            f"{nvcc} could not compile preprocessing for {architecture} ({error}); "
            "run it again, or reinstall the CUDA toolkit"
        ) from error
    if done.returncode != 0:
        raise BackendUnavailableError(
            f"{nvcc} failed on {SOURCE.name} for {architecture}, with {done.returncode}: "
            f"{_last_lines(done.stderr)}; the CUDA toolkit must know this device and find a "
            "C++ compiler (apt install g++)"
        )


def _last_lines(text: str) -> str:
    """Return the end of a compiler's output as one line."""
    return " | ".join(text.split("\n")[-6:]).strip(" |")[-600:] or "no message"
