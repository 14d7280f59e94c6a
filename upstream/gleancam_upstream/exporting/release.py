"""What labelled a picture, in a name: the same settings have the same."""

from __future__ import annotations

import hashlib

import msgspec

from gleancam.wire.ensemble_data import EnsembleData

PER_FRAME = ("degraded_quorum", "status")
"""Of ensemble and members: what differs from frame to frame under the same settings."""


def release_of(ensemble: EnsembleData) -> str:
    """Return `<strategy>-<12 hex digits>` of the settings: members, weights, ontology and rules."""
    settings = msgspec.to_builtins(ensemble)
    for part in (settings, *settings.get("members", ())):
        for name in PER_FRAME:
            part.pop(name, None)
    digest = hashlib.sha256(msgspec.json.encode(settings)).hexdigest()
    return f"{ensemble.strategy}-{digest[:12]}"
