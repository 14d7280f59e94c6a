"""The two pip commands a fetch runs. Fixed arguments, wheels only: no code of a package runs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching.progress import Progress

_LIMIT_BYTES = 1 << 30
_POLL_S = 0.2
_COMMON = (
    *("--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"),
    *("--quiet", "--retries", "1", "--timeout", "15"),
)


def download(requirement: str, wheel_sha256: str, scratch: Path, tell: Progress) -> Path:
    """Download the wheel of `name==version` into a folder of `scratch`, unless it is there.

    Raises:
        FetchError: pip is not there, or did not get the wheel with this hash.
    """
    folder = scratch / "wheels" / requirement
    if not folder.is_dir():
        folder.mkdir(parents=True)
        hashes = [wheel_sha256] if wheel_sha256 else []
        wanted = _requirements({requirement: hashes}, scratch)
        _run(["download", *_COMMON, "--dest", str(folder), *wanted], requirement, scratch, tell)
        _tell_size(folder, requirement, tell)
    return next(folder.glob("*.whl"))


def install(pins: dict[str, Sequence[str]], scratch: Path, tell: Progress) -> Path:
    """Install the wheels of `pins` (requirement: allowed sha256) into a folder of `scratch`.

    Raises:
        FetchError: pip is not there, or a wheel has no build for this machine.
    """
    folder = scratch / "tool"
    wanted = _requirements(pins, scratch)
    what = " ".join(pins)
    _run(["install", *_COMMON, "--target", str(folder), *wanted], what, scratch, tell)
    _tell_size(folder, what, tell)
    return folder


def _requirements(pins: dict[str, Sequence[str]], scratch: Path) -> list[str]:
    lines = [" ".join([pin, *(f"--hash=sha256:{one}" for one in pins[pin])]) for pin in pins]
    path = scratch / "requirements.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    hashed = any(pins.values())
    return ["--requirement", str(path), *(["--require-hashes"] if hashed else [])]


def _run(arguments: list[str], what: str, scratch: Path, tell: Progress) -> None:
    """Run pip with a temporary folder of our own, so that its growth is our progress."""
    log = scratch / "pip.log"
    temporary = scratch / "pip"
    temporary.mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pip", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        try:
            _watch(process, what, temporary, tell)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise FetchError(f"pip could not get {what}: {_last_error(log)}")


def _watch(process: subprocess.Popen[bytes], what: str, folder: Path, tell: Progress) -> None:
    while process.poll() is None:
        size_bytes = _size_bytes(folder)
        if size_bytes > _LIMIT_BYTES:
            raise FetchError(f"{what} is larger than {_LIMIT_BYTES >> 20} MiB: stopped")
        tell(what, size_bytes, None)
        time.sleep(_POLL_S)


def _tell_size(folder: Path, what: str, tell: Progress) -> None:
    size_bytes = _size_bytes(folder)
    tell(what, size_bytes, size_bytes)


def _size_bytes(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # pip moved it meanwhile
                total += Path(root, name).lstat().st_size
    return total


def _last_error(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return errors[-1] if errors else "it said nothing"
