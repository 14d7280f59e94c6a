"""Real TLS servers with something wrong, and the files that make them: openssl does both."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gleancam.demo.broker import free_port
from shipped_broker import PATIENCE_S, script

OLD = ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
FUTURE = ("-startdate", "20480101000000Z", "-enddate", "20490201000000Z")
NAMES = "subjectAltName=IP:127.0.0.1"


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)  # noqa: S607


def authority(folder: Path) -> Path:
    script("certificates.sh", "authority", folder)
    return folder


def certificate(ca: Path, name: str, *more: str, names: str = NAMES) -> tuple[Path, Path]:
    """Return certificate and key, signed by `ca`; `more` are arguments of `openssl ca`."""
    key, request, signed = (ca / f"{name}{suffix}" for suffix in (".key", ".csr", ".crt"))
    extensions = ca / f"{name}.ext"
    extensions.write_text(f"{names}\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", *curve, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
    dates = more or ("-days", "2")
    signing = ("ca", "-batch", "-notext", "-config", ca / "ca.cnf", "-extfile", extensions)
    openssl(*signing, *dates, "-in", request, "-out", signed)
    return signed, key


def self_signed(folder: Path) -> tuple[Path, Path]:
    key, signed = folder / "alone.key", folder / "alone.crt"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    openssl(
        *("req", "-x509", *curve, "-subj", "/CN=alone", "-addext", NAMES),
        *("-keyout", key, "-out", signed),
    )
    return signed, key


@contextmanager
def server(files: tuple[Path, Path], *more: str) -> Iterator[int]:
    """Run `openssl s_server`; yield its port."""
    port = free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet"]
    command += ["-cert", str(files[0]), "-key", str(files[1]), *more]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_listening(port)
        yield port
    finally:
        process.kill()
        process.communicate()


def _wait_until_listening(port: int) -> None:
    """Without connecting: s_server would take that for a client."""
    wanted = f"0100007F:{port:04X}"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if wanted in Path("/proc/net/tcp").read_text():
            return
        time.sleep(0.02)
    raise TimeoutError("openssl s_server does not listen")
