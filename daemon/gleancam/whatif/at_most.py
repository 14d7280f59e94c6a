"""The novelty threshold at which a policy keeps at most so many frames."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam.whatif.policy import Policy
from gleancam.whatif.recording import Recording
from gleancam.whatif.rerun import Rerun, rerun

LEAST = 1e-3
"""Cosine distance. Below that embeddings differ by their noise."""
STEPS = 14
"""Of bisection on a logarithmic scale: to a two-thousandth of the threshold."""


def at_most(recording: Recording, policy: Policy, count: int) -> tuple[float, Rerun]:
    """Find a fixed threshold, without any budget, that keeps at most `count` frames.

    Where the number kept does not fall steadily with the threshold, the largest found at or below
    `count` is given. When even the highest threshold keeps more, as other reasons may, it is given.
    """
    low, high = LEAST, MAX_COSINE_DISTANCE
    best = high, rerun(recording, fixed(policy, high))
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        tried = rerun(recording, fixed(policy, middle))
        if len(tried.kept) > count:
            low = middle
            continue
        high = middle
        if len(tried.kept) >= len(best[1].kept):
            best = middle, tried
    return best


def fixed(policy: Policy, threshold: float) -> Policy:
    """Give the policy with this threshold and no budget."""
    novelty = msgspec.structs.replace(policy.selection.novelty, threshold=threshold)
    selection = msgspec.structs.replace(
        policy.selection, mode="threshold", budget=None, novelty=novelty
    )
    cameras = tuple(msgspec.structs.replace(camera, budget=None) for camera in policy.cameras)
    return replace(policy, selection=selection, cameras=cameras)
