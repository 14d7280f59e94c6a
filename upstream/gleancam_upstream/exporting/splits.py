"""Which split a picture belongs to: its scene says so, and neighbouring frames never straddle."""

from __future__ import annotations

import hashlib
import math

from gleancam.wire.sample_data import SampleData
from gleancam_upstream.errors import ExportError

Shares = tuple[tuple[str, float], ...]
NAMES = ("train", "val", "test")
WHOLE: Shares = (("train", 1.0),)
"""Without `--split` everything is to train on."""


def parsed_splits(text: str) -> Shares:
    """Read `train=0.8,val=0.2`; an empty text is `WHOLE`.

    Raises:
        ExportError: it is something else, or the shares do not add up to 1.
    """
    if not text:
        return WHOLE
    shares = tuple(_share(part) for part in text.split(","))
    names = [name for name, _ in shares]
    if len(set(names)) < len(names) or not set(names) <= set(NAMES):
        raise ExportError(
            f"--split {text!r} names {', '.join(names)}",
            cure=f"each of {', '.join(NAMES)} at most once",
        )
    if not math.isclose(sum(share for _, share in shares), 1, abs_tol=1e-6):
        raise ExportError(f"the shares of --split {text!r} do not add up to 1")
    return shares


def _share(part: str) -> tuple[str, float]:
    name, _, number = part.partition("=")
    try:
        share = float(number)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise ExportError(
            f"--split: {part!r} is no name and share above 0, up to 1",
            cure="write train=0.8,val=0.2",
        )
    return name.strip(), share


def split_of(data: SampleData, shares: Shares) -> str:
    """Return the split of a sample's scene: the same on every machine, for every set of samples."""
    scene = f"{data.site}/{data.device}/{data.camera}/{data.scene.id}"
    digest = hashlib.sha256(scene.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    for name, share in shares[:-1]:
        if place < share:
            return name
        place -= share
    return shares[-1][0]
