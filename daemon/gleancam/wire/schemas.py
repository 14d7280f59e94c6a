"""The committed JSON Schemas, read from the installed package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias

SchemaName: TypeAlias = Literal[
    "status",
    "info",
    "camera-status",
    "sample",
    "event",
    "ack",
    "ingest-status",
    "command",
    "command-result",
    "desired",
    "reported",
]


@cache
def load_schema(name: SchemaName) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one payload."""
    file = resources.files("gleancam.wire") / "schemas" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
