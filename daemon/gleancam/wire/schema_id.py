"""How the schemas are named."""

from __future__ import annotations


def schema_id(name: str) -> str:
    """Return the `$id` of one payload's JSON Schema: a name, not an address to fetch."""
    return f"urn:gleancam:v1:{name}"
