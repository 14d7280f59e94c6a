"""`python -m gleancam.wire.generate`: write the JSON Schemas from the structs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from gleancam.wire.ack import AckData
from gleancam.wire.command import CommandData
from gleancam.wire.command_result import CommandResultData
from gleancam.wire.event import EventData
from gleancam.wire.fields import END, Payload
from gleancam.wire.info import Info
from gleancam.wire.presence import PresenceData
from gleancam.wire.sample_data import SampleData
from gleancam.wire.schema_id import schema_id
from gleancam.wire.status import CameraStatusData, DeviceStatusData

PAYLOADS: dict[str, type[Payload]] = {
    "status": DeviceStatusData,
    "info": Info,
    "camera-status": CameraStatusData,
    "sample": SampleData,
    "event": EventData,
    "ack": AckData,
    "ingest-status": PresenceData,
    "command": CommandData,
    "command-result": CommandResultData,
}
"""Name of a schema file to the struct it is made from."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one payload."""
    body = _portable(msgspec.json.schema(PAYLOADS[name]))
    return {"$schema": DIALECT, "$id": schema_id(name), "title": f"gleancam v1 {name}", **body}


def _portable(node: Any) -> Any:
    """Patterns without the lookahead only Python needs, since not every regex engine has it."""
    match node:
        case dict():
            return {key: _portable(value) for key, value in node.items()}
        case list():
            return [_portable(value) for value in node]
        case str() if node.endswith(END):
            return node.removesuffix(END) + "$"
    return node


def text(name: str) -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema beside this file."""
    directory = Path(__file__).parent / "schemas"
    for name in PAYLOADS:
        (directory / f"{name}.schema.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
