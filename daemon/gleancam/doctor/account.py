"""Whether this user may open cameras and the GPU."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from pathlib import Path

from gleancam.doctor.finding import Finding, ok, warn

NODES = (("video", "video*"), ("video", "nvmap"), ("render", "dri/renderD*"))
"""Group, and the device nodes below /dev that it opens."""


def examine(dev: Path = Path("/dev")) -> Iterator[Finding]:
    """Try the access rights of every camera and GPU node; nothing is opened."""
    found = False
    for group, pattern in NODES:
        for node in sorted(dev.glob(pattern)):
            found = True
            yield _node(node, group)
    if not found:
        yield ok("account", f"no camera or GPU below {dev}: nothing to be allowed")


def _node(node: Path, group: str) -> Finding:
    user = getpass.getuser()
    if os.access(node, os.R_OK | os.W_OK):
        return ok("account", f"{user} may use {node}")
    cure = f"usermod --append --groups {group} {user}, then log in again"
    return warn("account", f"{user} may not use {node}", cure)
