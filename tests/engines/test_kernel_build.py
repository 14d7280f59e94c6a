"""How nvcc is found, called and believed; a script stands for it, since few machines have it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.kernels import build


class Toolkit:
    """A folder like the CUDA toolkit's, whose nvcc is a shell script."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.nvcc = home / "bin" / "nvcc"
        self.nvcc.parent.mkdir(parents=True)

    def write(self, script: str) -> None:
        self.nvcc.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        self.nvcc.chmod(0o755)


@pytest.fixture
def toolkit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolkit:
    made = Toolkit(tmp_path / "cuda")
    monkeypatch.setenv("CUDA_HOME", str(made.home))
    return made


def test_what_nvcc_wrote_comes_back(toolkit: Toolkit) -> None:
    toolkit.write('for last; do :; done; echo "$@" > arguments; cp arguments preprocess.cubin')
    written = build.build_cubin((8, 7)).decode().split()
    assert written[-1] == str(build.SOURCE)
    assert "-arch=sm_87" in written
    assert "-cubin" in written
    assert "--use_fast_math" not in written


def test_a_failure_says_what_nvcc_said(toolkit: Toolkit) -> None:
    toolkit.write("echo \"nvcc fatal: Unsupported gpu architecture 'sm_999'\" >&2; exit 1")
    with pytest.raises(BackendUnavailableError, match=r"Unsupported gpu architecture.*must know"):
        build.build_cubin((99, 9))


def test_a_failure_without_a_word(toolkit: Toolkit) -> None:
    toolkit.write("exit 3")
    with pytest.raises(BackendUnavailableError, match="with 3: no message"):
        build.build_cubin((8, 7))


def test_success_without_a_file(toolkit: Toolkit) -> None:
    toolkit.write("exit 0")
    with pytest.raises(BackendUnavailableError, match="wrote no machine code"):
        build.build_cubin((8, 7))


def test_one_that_hangs_is_ended(toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch) -> None:
    toolkit.write("exec sleep 60")
    monkeypatch.setattr(build, "TIMEOUT_S", 0.2)
    with pytest.raises(BackendUnavailableError, match=r"timed out.*run it again"):
        build.build_cubin((8, 7))


def test_one_that_does_not_start(toolkit: Toolkit) -> None:
    toolkit.nvcc.write_text("#!/nowhere/interpreter\n", encoding="utf-8")
    toolkit.nvcc.chmod(0o755)
    with pytest.raises(BackendUnavailableError, match=r"could not compile.*No such file"):
        build.build_cubin((8, 7))


def test_none_names_the_cure(toolkit: Toolkit) -> None:
    assert not toolkit.nvcc.exists()
    with pytest.raises(BackendUnavailableError, match=r"nvcc.*apt install.*CUDA_HOME"):
        build.build_cubin((8, 7))


def test_without_cuda_home_the_path_is_searched(
    toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolkit.write("exit 0")
    monkeypatch.delenv("CUDA_HOME")
    monkeypatch.setenv("PATH", str(toolkit.nvcc.parent))
    assert build.find_nvcc() == toolkit.nvcc


def test_the_hash_is_the_sources() -> None:
    assert build.source_sha256() == hashlib.sha256(build.SOURCE.read_bytes()).hexdigest()
