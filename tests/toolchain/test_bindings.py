"""The committed surfaces are those of TensorRT's real bindings."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.surface import FOLDER, TENSORRT_VERSIONS
from toolchain.bindings import BINDINGS, CACHE, LIBRARIES, SYMBOLS, dump, stub_libraries, unpacked


@pytest.mark.parametrize("version", TENSORRT_VERSIONS)
def test_the_committed_surface_is_that_of_the_real_bindings(version: str, tmp_path: Path) -> None:
    bindings = BINDINGS[version]
    stub_libraries(bindings, tmp_path)
    real = dump(bindings, unpacked(bindings, CACHE), tmp_path)
    committed = FOLDER / f"tensorrt-{version}.json"
    assert real == committed.read_bytes(), (
        f"write {committed} anew: run tests/toolchain/write_surfaces.py"
    )


def test_without_the_symbols_the_bindings_do_not_import(tmp_path: Path) -> None:
    """So what is dumped above is told by the bindings, not by something else that is installed."""
    bindings = BINDINGS["10.16"]
    stub_libraries(bindings, tmp_path, SYMBOLS[:-1])
    with pytest.raises(pytest.fail.Exception, match="undefined symbol: initLibNvInferPlugins"):
        dump(bindings, unpacked(bindings, CACHE), tmp_path)
    assert len(list(tmp_path.glob("lib*.so.10"))) == len(LIBRARIES)
