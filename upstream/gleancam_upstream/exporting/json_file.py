"""JSON files that people may look into: UTF-8 as it is, a final newline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


def write_json(path: Path, content: Any) -> None:
    """Write compact JSON, making the folder where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(content) + b"\n")
