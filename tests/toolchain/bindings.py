"""TensorRT's real Python bindings, without the libraries they bind.

A wheel of the bindings is one shared object of 1 MB. It imports when the three libraries it names
exist and export the symbols it wants; nothing of them is called on the way. So names, members and
signatures can be asked on a machine that has neither TensorRT nor a GPU.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DUMP = Path(__file__).with_name("dump_surface.py")
CACHE = TESTS.parent / ".cache" / "bindings"

LIBRARIES = ("nvinfer", "nvinfer_plugin", "nvonnxparser")
SYMBOLS = (
    "createInferBuilder_INTERNAL",
    "createInferRefitter_INTERNAL",
    "createInferRuntime_INTERNAL",
    "createNvOnnxParserRefitter_INTERNAL",
    "createNvOnnxParser_INTERNAL",
    "getBuilderPluginRegistry",
    "getNvOnnxParserVersion",
    "getPluginRegistry",
    "initLibNvInferPlugins",
)

CLASSES = (
    "Builder",
    "BuilderFlag",
    "DataType",
    "Dims",
    "EngineCapability",
    "ErrorCode",
    "ExecutionContextAllocationStrategy",
    "HardwareCompatibilityLevel",
    "IBuilderConfig",
    "ICudaEngine",
    "IExecutionContext",
    "IHostMemory",
    "ILogger",
    "ILogger.Severity",
    "INetworkDefinition",
    "IOptimizationProfile",
    "IOutputAllocator",
    "IProgressMonitor",
    "ITensor",
    "ITimingCache",
    "Logger",
    "MemoryPoolType",
    "NetworkDefinitionCreationFlag",
    "OnnxParser",
    "OnnxParserFlag",
    "ParserError",
    "ProfilingVerbosity",
    "Runtime",
    "TensorIOMode",
    "TensorLocation",
)


@dataclass(frozen=True)
class Bindings:
    """The wheels of one version, by their hashes: for x86-64, CPython 3.10 to 3.13."""

    version: str
    requirement: str
    sha256: tuple[str, ...]


BINDINGS = {
    "10.3": Bindings(
        "10.3.0",
        "tensorrt-cu12-bindings==10.3.0",
        (
            "1d6e4cf08ef1f54f6fd44a33cf6b253050af2fc6e9a1d92e40e1436a1d858eb0",
            "59ace22d7f2ca1e9dcde2cb0cb5916912cb3cd5a9d72dd7852be0160d9b3a0ee",
            "f5c2582aeaa7f5628d2c4d4148a701ebe97be78f7ff3b46a617f0ee0cb5460f2",
        ),
    ),
    "10.16": Bindings(
        "10.16.1.11",
        "tensorrt-cu13-bindings==10.16.1.11",
        (
            "c8e171511a01a2678cb3e00ca4792bc1d7ea6c48da9781ab127970f6ad1edc4a",
            "f986d47980d042cc126506a9b84586e55ad13737a7a46826fe45457c04d66294",
            "2fb87ac24a5e5f42e43f283c16d1b661dc72ef18568fd847ce2080b7db9ca232",
            "da17c222ba99f46e77e1dab568cd17c4652b0432d4fae074e4c79285356aa0ac",
        ),
    ),
    "11.4": Bindings(
        "11.4.0.106",
        "tensorrt-cu13-bindings==11.4.0.106",
        (
            "1d17853da33a186c4d4d39995c1186bb59f643689aabac9c3e33ae5f0ba402f5",
            "d072ac2a095e2be749fefc847adfb25d5ebe70303401df62ede8fe67a59f27fc",
            "5fc7a6c412881f7212030893bd5531b1a0ff415c72c7678dfe4ead7a7765b38d",
            "bac9a362c9189b5f5dd0444213913846e4b46003237834958e890eff57d86ed5",
        ),
    ),
}


def unpacked(bindings: Bindings, cache: Path) -> Path:
    """Return the folder with the unzipped wheel, which is downloaded once; nothing is installed."""
    folder = cache / bindings.version
    if not list(folder.glob("*.whl")):
        _download(bindings, folder)
    (wheel,) = folder.glob("*.whl")
    if not (folder / "tensorrt_bindings").is_dir():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


def _download(bindings: Bindings, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hashes = [f"--hash=sha256:{digest}" for digest in bindings.sha256]
    wanted = folder / "requirements.txt"
    wanted.write_text(" ".join([bindings.requirement, *hashes]))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes"]
    subprocess.run([*command, *options, "-r", str(wanted), "-d", str(folder)], check=True)


def stub_libraries(bindings: Bindings, folder: Path, symbols: tuple[str, ...] = SYMBOLS) -> None:
    """Compile the three libraries that these bindings name, with the symbols they want."""
    compiler = shutil.which("g++")
    assert compiler, "no g++: run scripts/system-packages.sh --tests"
    source = folder / "stub.c"
    source.write_text("".join(f"void *{name}(void) {{ return 0; }}\n" for name in symbols))
    for library in LIBRARIES:
        name = f"lib{library}.so.{bindings.version.split('.', maxsplit=1)[0]}"
        options = ["-x", "c", "-shared", "-fPIC", f"-Wl,-soname,{name}"]
        target = str(folder / name)
        subprocess.run([compiler, *options, str(source), "-o", target], check=True)


def dump(bindings: Bindings, folder: Path, libraries: Path) -> bytes:
    """Return the surface of the real bindings, as JSON."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{TESTS}:{folder}",
        "LD_LIBRARY_PATH": str(libraries),
    }
    arguments = ["tensorrt_bindings", bindings.version, bindings.requirement, *CLASSES]
    done = subprocess.run(
        [sys.executable, DUMP, *arguments], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        pytest.fail(f"the bindings of {bindings.version} do not import: {done.stderr.decode()}")
    return done.stdout
