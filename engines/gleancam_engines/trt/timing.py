"""What a builder has timed on a device, kept: the next build is many times faster.

One file for each device and TensorRT, beside the models. It begins with the hash of the rest, since
TensorRT reads it as memory.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from gleancam_engines.durable import write_durably

FOLDER = ".timing"
_DIGEST_BYTES = hashlib.sha256().digest_size

_log = logging.getLogger(__name__)


def timing_path(models: Path, device: str, tensorrt: str) -> Path:
    """Return where timings of a device and a TensorRT lie."""
    return models / FOLDER / f"{device}-{tensorrt}.cache"


def read_timing(path: Path) -> bytes:
    """Return what was timed, nothing where there is nothing; a damaged file is deleted."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        _log.warning("%s cannot be read (%s); the build starts without it", path, error.strerror)
        return b""
    if hashlib.sha256(content[_DIGEST_BYTES:]).digest() != content[:_DIGEST_BYTES]:
        _log.warning("%s is damaged and was deleted; the build starts without it", path)
        path.unlink(missing_ok=True)
        return b""
    return content[_DIGEST_BYTES:]


def write_timing(path: Path, timing: bytes) -> None:
    """Keep what was timed. A build is not lost for it: what goes wrong is only logged."""
    try:
        path.parent.mkdir(exist_ok=True)
        write_durably(path, hashlib.sha256(timing).digest() + timing)
    except OSError as error:
        _log.warning("%s cannot be written (%s); the next build is slower", path, error.strerror)
