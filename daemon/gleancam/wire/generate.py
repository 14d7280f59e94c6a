"""`python -m gleancam.wire.generate`: write the JSON Schemas from the structs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from gleancam.wire.fields import END
from gleancam.wire.payloads import PAYLOADS
from gleancam.wire.schema_id import schema_id
from gleancam.wire.schemas import SchemaName

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: SchemaName) -> dict[str, Any]:
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


def text(name: SchemaName) -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema beside this file."""
    directory = Path(__file__).parent / "schemas"
    for name in PAYLOADS:
        (directory / f"{name}.schema.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
