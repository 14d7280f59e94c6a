"""What a remote may set: never a path, an address, a credential, or where a source lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias


class Leaf(Enum):
    """How a value that is allowed is taken over."""

    REPLACED = "replaced"
    ADDED = "added"
    """To what the file says, so that nothing the file masks can be shown."""


@dataclass(frozen=True, slots=True)
class Rows:
    """An array of tables, each found by the value under `key`; none can be added or removed."""

    key: str
    table: Mapping[str, Any]


Allowed: TypeAlias = Leaf | Rows | Mapping[str, Any]


def _replaced(*names: str) -> dict[str, Leaf]:
    return dict.fromkeys(names, Leaf.REPLACED)


ALLOWED: Mapping[str, Allowed] = {
    "cameras": Rows(
        "id",
        {
            **_replaced("enabled", "fps", "keyframes_only", "thumbnails", "budget", "ignore"),
            **_replaced("stall_timeout_s"),
            "mask": Leaf.ADDED,
        },
    ),
    "selection": {
        **_replaced("budget", "mode", "ratio", "night", "gate", "novelty", "regions", "scene"),
        **_replaced("heartbeat", "random", "quotas", "uncertain"),
        "near": Rows("tag", _replaced("classes", "threshold", "min_distance", "cameras")),
        "zero_shot": _replaced("classes", "tau", "margin", "tau_abs"),
    },
    "models": {
        **_replaced("embedder", "detectors", "confidence", "raw_confidence", "label_deadline_s"),
        **_replaced("batch"),
    },
    "spool": _replaced(
        "max_bytes", "reserve_bytes", "max_age", "jpeg_quality", "jpeg_longest_side"
    ),
    "decisions": _replaced("enabled", "max_bytes"),
    "mqtt": _replaced("bandwidth", "images"),
    **_replaced("labels", "health"),
}
"""Names of models are ids of folders below `models.directory`, which is the file's alone."""
