"""The driver is asked before anything that would die without one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gleancam_engines.cuda.driver import Device, probe
from gleancam_engines.errors import BackendUnavailableError

SOURCE = Path(__file__).with_name("fake_driver.c")


@pytest.fixture
def driver(tmp_path: Path) -> Callable[..., str]:
    compiler = shutil.which("gcc")
    assert compiler, "no gcc: run scripts/system-packages.sh --tests"

    def build(**told: object) -> str:
        library = tmp_path / "libcuda.so"
        given = [f"-D{name}={value}" for name, value in told.items()]
        command = [compiler, "-shared", "-fPIC", "-Wall", "-Werror", *given]
        subprocess.run([*command, "-o", library, SOURCE], check=True, timeout=60)
        return str(library)

    return build


def test_describes_the_device(driver: Callable[..., str]) -> None:
    assert probe(driver()) == Device("Orin", (8, 7), 64 << 30, "12.6")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Orin", "orin-sm87"),
        ("NVIDIA GeForce RTX 4090", "geforce-rtx-4090-sm87"),
        ("NVIDIA H100 80GB HBM3", "h100-80gb-hbm3-sm87"),
        ("../..", "sm87"),
    ],
)
def test_a_device_has_a_name_fit_for_keys(name: str, written: str) -> None:
    assert Device(name, (8, 7), 1, "12.6").id == written


def test_no_driver() -> None:
    with pytest.raises(BackendUnavailableError, match=r"no NVIDIA driver: libnone\.so\.1 .*--gpus"):
        probe("libnone.so.1")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (100, "cuInit says 100 .*NO_DEVICE.*CUDA_VISIBLE_DEVICES"),
        (803, "803 .*DRIVER_MISMATCH.*reboot"),
        (999, "999 .*UNKNOWN.*usermod"),
        (34, "34 .*STUB_LIBRARY.*LD_LIBRARY_PATH"),
        (77, "77 .*cuda.h.*reboot"),
    ],
)
def test_a_driver_that_fails(driver: Callable[..., str], code: int, told: str) -> None:
    with pytest.raises(BackendUnavailableError, match=told):
        probe(driver(INIT=code))


def test_a_driver_without_a_device(driver: Callable[..., str]) -> None:
    with pytest.raises(BackendUnavailableError, match=r"100 .*NO_DEVICE"):
        probe(driver(COUNT=0))


def test_a_driver_too_old(driver: Callable[..., str]) -> None:
    with pytest.raises(BackendUnavailableError, match="no cuDeviceTotalMem_v2; install"):
        probe(driver(OLD=1))


def test_a_name_that_is_no_text(driver: Callable[..., str]) -> None:
    assert probe(driver(NAME='"\\xff"')).name == "\ufffd"
