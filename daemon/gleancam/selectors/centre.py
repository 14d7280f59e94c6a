"""A centre and a seen entry as values: what a memory gives out and takes back."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """One centre of a memory.

    Attributes:
        row: where the memory keeps it.
        vector: `(D,)` float32 of norm 1, read-only.
        order: counts up with every new centre.
        last_ns: when a frame was last within its radius.
        sent_id: sample id of the frame; empty when it was not sent.
    """

    row: int
    vector: Float32Array
    order: int
    last_ns: int
    sent_id: str


@dataclass(frozen=True, slots=True, eq=False)
class SeenEntry:
    """One entry of the seen-memory.

    Attributes:
        row: where the memory keeps it.
        vector: `(D,)` float32 of norm 1, read-only.
        first_ns: when it was first seen.
        last_ns: when a frame was last within its radius.
        own: its cosine distance to the nearest sent centre.
        centre: that centre's row.
    """

    row: int
    vector: Float32Array
    first_ns: int
    last_ns: int
    own: float
    centre: int
