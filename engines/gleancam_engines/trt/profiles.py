"""The batch sizes a plan is built for.

The first profile takes every batch up to the largest and is tuned to that; each smaller size in use
has one more, tuned to it. So profile 0 always works, and `choose` finds the best.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gleancam_engines.errors import CompileError
from gleancam_engines.manifest import Manifest

LARGEST = 256


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """Batches from `smallest` to `largest` pictures, fastest at `tuned`."""

    smallest: int
    tuned: int
    largest: int


def profiles(batches: Sequence[int]) -> tuple[Profile, ...]:
    """Return the profiles for these sizes of batches, in any order.

    Raises:
        CompileError: there is none, or one is not within 1…256.
    """
    sizes = sorted(set(batches), reverse=True)
    if not sizes or sizes[-1] < 1 or sizes[0] > LARGEST:
        raise CompileError(f"batches must be within 1…{LARGEST}, but got {tuple(batches)}")
    return tuple(Profile(1, size, size) for size in sizes)


def choose(among: Sequence[Profile], batch: int) -> int:
    """Return the index of the profile that is best for a batch.

    Raises:
        CompileError: the plan was not built for so large a batch.
    """
    fitting = [at for at, profile in enumerate(among) if batch <= profile.largest]
    if not fitting:
        raise CompileError(
            f"the plan takes batches up to {among[0].largest}, but got {batch}; compile it again "
            f"with --batch {batch}"
        )
    return fitting[-1]


def usable(manifest: Manifest, batches: Sequence[int]) -> tuple[int, ...]:
    """Return those sizes that the model takes: all of them, or the one it is fixed at.

    Raises:
        CompileError: its batch is fixed at another size.
    """
    fixed = manifest.inputs[0].shape[0]
    if fixed == -1:
        return tuple(batches)
    if fixed not in batches:
        raise CompileError(
            f"{manifest.name} takes batches of {fixed} only, but {sorted(set(batches))} were asked "
            f"for; use --batch {fixed}"
        )
    return (fixed,)
