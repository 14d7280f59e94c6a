"""Payloads against the committed JSON Schemas; the only `import jsonschema`."""

from __future__ import annotations

from functools import cache

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from gleancam.wire.error import WireError
from gleancam.wire.schemas import SchemaName, load_schema

LIMIT_BYTES = 4 * 1024 * 1024


def validate(name: SchemaName, payload: bytes) -> None:
    """Check one payload.

    Raises:
        WireError: it is too long, no JSON, or the schema does not allow it.
    """
    if len(payload) > LIMIT_BYTES:
        raise WireError(f"{name} has {len(payload)} bytes, at most {LIMIT_BYTES} are taken")
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"{name} is no JSON: {error}") from error
    if problem := best_match(_validator(name).iter_errors(document)):
        raise WireError(f"{name} {problem.json_path}: {problem.message[:120]}")


@cache
def _validator(name: SchemaName) -> Draft202012Validator:
    return Draft202012Validator(load_schema(name))
