"""A model file made by a known converter, in a process and a folder that are thrown away."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching import pip
from gleancam_engines.fetching.checked import CHUNK_BYTES
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest_sources import ConvertSource, InputFile

FetchInput = Callable[[InputFile, Path], None]
"""Brings one input of the conversion to the given path."""

TIMEOUT_S = 300.0

_PADDLE2ONNX: dict[str, Sequence[str]] = {
    # Later versions want paddle itself. Wheels of CPython 3.10, 3.11 and 3.12, x86-64 only.
    "paddle2onnx==1.1.0": (
        "1c8fe5223f5ecdd0abcb97d80e2e4f89aea1bce8cdebf4a59bd04c7cb7aaf005",
        "2e0ed99f2dabc3229474da3983ff8a2671a77477878f97d460bf536d1d8743bc",
        "ff788da5cb98017963a3cf60c4c4fcabfe01abf9b878d0e976b7876e110031d6",
    ),
    "six==1.17.0": ("4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274",),
}


def runs_here() -> bool:
    """Return whether the converter has a build for this machine and this Python."""
    return platform.machine() == "x86_64" and (3, 10) <= sys.version_info[:2] <= (3, 12)


def read(
    source: ConvertSource, scratch: Path, tell: Progress, fetch_input: FetchInput
) -> Iterator[bytes]:
    """Yield the bytes of the converted file. `paddle2onnx` is the one converter there is.

    Raises:
        FetchError: the converter has no build for this machine, or it failed.
        ModelFileError: an input has the wrong hash.
    """
    work = scratch / "convert"
    work.mkdir(exist_ok=True)
    for want in source.inputs:
        fetch_input(want, work / want.name)
    _paddle2onnx(_tool(scratch, tell), work)
    with (work / "model.onnx").open("rb") as file:
        yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def _tool(scratch: Path, tell: Progress) -> Path:
    try:
        return pip.install(_PADDLE2ONNX, scratch, tell)
    except FetchError as error:
        raise FetchError(
            f"{error}; it has wheels for x86-64 and CPython 3.10 to 3.12 only: "
            "fetch the model on such a machine and copy its directory here"
        ) from error


def _paddle2onnx(tool: Path, work: Path) -> None:
    options = {
        "--model_dir": str(work),
        "--model_filename": "model.pdmodel",
        "--params_filename": "model.pdiparams",
        "--save_file": str(work / "model.onnx"),
        "--opset_version": "13",
    }
    command = [sys.executable, "-m", "paddle2onnx.command"]
    command += [word for option in options.items() for word in option]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(tool), "HOME": str(work)}
    try:
        subprocess.run(
            command, cwd=work, env=environment, check=True, capture_output=True, timeout=TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise FetchError(f"paddle2onnx failed: {' '.join(said)}") from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"paddle2onnx took more than {TIMEOUT_S:.0f} s: stopped") from error
