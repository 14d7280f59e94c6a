"""NVIDIA's runtime compiler, from its wheel; it needs no driver."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def compile_cubin(source: Path, architecture: str) -> tuple[bytes, str]:
    """Return machine code for an architecture such as `sm_87`, and what the compiler said."""
    library = _library()
    program = ctypes.c_void_p()
    name = source.name.encode()
    made = library.nvrtcCreateProgram(
        ctypes.byref(program), source.read_bytes(), name, 0, None, None
    )
    assert made == 0
    options = [f"-arch={architecture}", "-std=c++17", "--ptxas-options=-v"]
    raw = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    failed = library.nvrtcCompileProgram(program, len(options), raw)
    log = _take(library, "ProgramLog", program).decode()
    assert failed == 0, log
    cubin = _take(library, "CUBIN", program)
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return cubin, log.strip("\0\n")


def _library() -> ctypes.CDLL:
    spec = find_spec("nvidia")
    assert spec is not None, "no NVRTC: run scripts/venv.sh toolchain"
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    # The second is loaded by its name, from wherever it has been loaded before.
    (builtins,) = (
        path for at in folders for path in at.glob("cu*/lib/libnvrtc-builtins.so.[0-9]*")
    )
    ctypes.CDLL(str(builtins))
    (compiler,) = (path for at in folders for path in at.glob("cu*/lib/libnvrtc.so.[0-9]*"))
    return ctypes.CDLL(str(compiler))


def _take(library: ctypes.CDLL, what: str, program: ctypes.c_void_p) -> bytes:
    size = ctypes.c_size_t()
    assert getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)) == 0
    text = ctypes.create_string_buffer(size.value)
    assert getattr(library, f"nvrtcGet{what}")(program, text) == 0
    return text.raw
