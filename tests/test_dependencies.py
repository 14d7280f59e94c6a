"""Every supported Python and machine gets wheels, at the versions of constraints.txt.

Needs only the package registry: nothing is installed. What the distributions of the README bring:
Debian 12 has Python 3.11, Ubuntu 22.04 and JetPack 6 3.10, Ubuntu 24.04 and JetPack 7 3.12.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from layers import ROOT

CONSTRAINTS = ROOT / "constraints.txt"
UV = Path(sys.executable).with_name("uv")
# Ubuntu 22.04's C library, the oldest: what installs there installs on the others.
PLATFORMS = ("x86_64-manylinux_2_35", "aarch64-manylinux_2_35")
NOT_ON_THE_DEVICE = ("torch", "tensorrt", "nvidia", "cuda", "pycuda", "openvino")


def resolve(extras: str, python: str, platform: str) -> dict[str, str]:
    """Resolve with wheels alone; name to version."""
    done = subprocess.run(
        [
            UV,
            "pip",
            "compile",
            "--quiet",
            f"--python={sys.executable}",  # so that uv looks for no other
            "--no-python-downloads",
            "--only-binary=:all:",
            f"--python-version={python}",
            f"--python-platform={platform}",
            f"--constraints={CONSTRAINTS}",
            *(f"--extra={extra}" for extra in extras.split()),
            "--no-emit-package=gleancam",
            "--no-annotate",
            "--no-header",
            ROOT / "pyproject.toml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = (line.partition(" ;")[0].strip() for line in done.stdout.splitlines())
    return dict(line.split("==") for line in lines if "==" in line)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12"])
@pytest.mark.parametrize("extras", ["", "demo"], ids=["base", "demo"])
def test_wheels_for_every_target(extras: str, python: str, platform: str) -> None:
    found = resolve(extras, python, platform)

    assert {"numpy", "onnxruntime", "paho-mqtt"} <= set(found)
    assert found.items() <= pinned(python).items()
    assert [name for name in found if name.startswith(NOT_ON_THE_DEVICE)] == []


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12"])
def test_openvino_has_wheels_for_every_target(python: str, platform: str) -> None:
    found = resolve("openvino", python, platform)

    assert "openvino" in found
    assert found.items() <= pinned(python).items()


def test_the_development_tools_resolve_here() -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert resolve("dev demo", python, PLATFORMS[0]).items() <= pinned(python).items()


def pinned(python: str) -> dict[str, str]:
    """Read constraints.txt as pip does for this Python."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
    }
    requirements = [
        Requirement(line)
        for line in CONSTRAINTS.read_text().splitlines()
        if line and not line.startswith("#")
    ]
    return {
        each.name: str(each.specifier).removeprefix("==")
        for each in requirements
        if each.marker is None or each.marker.evaluate(environment)
    }


def test_versions_are_exact() -> None:
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")]

    assert [line for line in lines if not re.match(r"^[a-z0-9-]+==[\w.]+( ; .+)?$", line)] == []


def test_no_registry_is_named() -> None:
    text = CONSTRAINTS.read_text() + (ROOT / "pyproject.toml").read_text()

    assert re.findall(r"https?://|--(extra-)?index-url|find-links", text) == []


@pytest.mark.parametrize(("name", "version"), [("numpy", "2.2.6"), ("onnxruntime", "1.23.2")])
def test_python_3_10_gets_the_last_versions_it_has(name: str, version: str) -> None:
    assert pinned("3.10")[name] == version
    assert pinned("3.12")[name] != version
