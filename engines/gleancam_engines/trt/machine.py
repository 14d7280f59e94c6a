"""Which machine this is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gleancam_engines.errors import CompileError

_MACHINE_ID = Path("/etc/machine-id")


def machine(path: Path = _MACHINE_ID) -> str:
    """Return 16 hexadecimal digits of this machine, from which its id cannot be had.

    Raises:
        CompileError: it has no id, so that plans built here cannot be told from others.
    """
    try:
        own = path.read_bytes().strip()
    except OSError as error:
        own, reason = b"", f" ({error.strerror})"
    else:
        reason = ""
    if not own:
        raise CompileError(
            f"{path} does not say which machine this is{reason}; run 'systemd-machine-id-setup', "
            "or compile without --version-compatible"
        )
    # machine-id(5): hash it with something of the application's, never show it.
    return hashlib.sha256(b"gleancam plan " + own).hexdigest()[:16]
