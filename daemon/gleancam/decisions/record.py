"""One frame as the log holds it: everything it was decided on, and everything that was decided."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
import numpy as np

from gleancam.decisions.format import COST, DECISION
from gleancam.errors import DecisionLogError
from gleancam.selectors.observation import Observation
from gleancam.settlements import Settled
from gleancam.types import Decision, SceneChange
from gleancam_engines.planes import Float32Array

_APART = frozenset({"embedding", "space_id"})
"""Fields of an observation that are stored elsewhere: as float16, and once for all frames."""
_PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True, slots=True, eq=False)
class LoggedFrame:
    """One embedded frame.

    Attributes:
        scene_id: the scene the camera shows.
        changes: scene changes that this frame confirmed.
        sample_id: of a kept frame; None otherwise.
    """

    observation: Observation
    decision: Decision
    scene_id: str
    changes: tuple[SceneChange, ...] = ()
    sample_id: str | None = None


Decided = TypeVar("Decided", Decision, dict[str, Any])

Logged: TypeAlias = LoggedFrame | Settled
"""One record: a decision, or what a sample or event cost, where the budgets learnt of it."""


class _Row(msgspec.Struct, Generic[Decided], frozen=True, omit_defaults=True):
    """A decision without its embedding.

    Attributes:
        seen: the observation's plain fields by name; those with a default only where they differ.
        decision: written by name, as these are.
    """

    seen: dict[str, Any]
    decision: Decided
    scene_id: str
    changes: tuple[SceneChange, ...] = ()
    sample_id: str | None = None


def _number(value: object) -> object:
    """Give a number of numpy's as one of Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"{type(value).__name__} is nothing that is logged")


_TO_BYTES = msgspec.msgpack.Encoder(enc_hook=_number)
_TO_ROW = msgspec.msgpack.Decoder(_Row[Decision])
_TO_COST = msgspec.msgpack.Decoder(Settled)
_FIELDS = tuple(field for field in fields(Observation) if field.name not in _APART)
_NAMES = frozenset(field.name for field in _FIELDS)
_DECIDED = fields(Decision)


def encode(record: Logged) -> bytes:
    """Give a record's body."""
    if isinstance(record, Settled):
        return COST + _TO_BYTES.encode(record)
    half = record.observation.embedding.astype("<f2").tobytes()
    row = _Row(
        _seen(record.observation),
        _decided(record.decision),
        record.scene_id,
        record.changes,
        record.sample_id,
    )
    return DECISION + half + _TO_BYTES.encode(row)


def decode_cost(body: memoryview) -> Settled:
    """Read the body of a `COST`.

    Raises:
        DecisionLogError: it is none.
    """
    try:
        return _TO_COST.decode(body[1:])
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def decode_frame(body: memoryview, embedding: Float32Array, space_id: str) -> LoggedFrame:
    """Read the body of a `DECISION`, whose embedding has been read before.

    What another version's observations know besides is passed over.

    Raises:
        DecisionLogError: it is none.
    """
    try:
        row = _TO_ROW.decode(body[1 + 2 * embedding.size :])
        seen = {name: value for name, value in row.seen.items() if name in _NAMES}
        observation = Observation(embedding=embedding, space_id=space_id, **seen)
    except (msgspec.DecodeError, TypeError) as error:
        raise _unreadable(error) from error
    return LoggedFrame(observation, row.decision, row.scene_id, row.changes, row.sample_id)


def embeddings(content: bytes, begins: list[int], dimension: int) -> Float32Array:
    """`(N, D)` float32 of norm 1: of the decisions whose bodies begin at these bytes.

    float16 keeps 11 bits of each component: an embedding turns by at most 5e-4 radian, so a cosine
    distance near d is off by less than 5e-4 · √(2 d), and that only if all roundings agree.
    """
    every = np.frombuffer(content, np.uint8)
    starts = np.asarray(begins, np.int64)[:, None] + 1
    halves = every[starts + np.arange(2 * dimension)].view("<f2")
    rows: Float32Array = halves.astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _seen(observation: Observation) -> dict[str, Any]:
    """Plain fields by name. Arrays of other selectors' making are not for a log."""
    values = ((field, getattr(observation, field.name)) for field in _FIELDS)
    return {
        field.name: value
        for field, value in values
        if isinstance(value, _PLAIN) and value != field.default
    }


def _decided(decision: Decision) -> dict[str, Any]:
    """Fields by name; those with a default only where they differ."""
    values = ((field, getattr(decision, field.name)) for field in _DECIDED)
    return {field.name: value for field, value in values if value != field.default}


def _unreadable(error: Exception) -> DecisionLogError:
    return DecisionLogError(
        f"a logged decision cannot be read: {error}", cure="use the gleancam that wrote it"
    )
